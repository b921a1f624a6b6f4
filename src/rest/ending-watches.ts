import type { WatchTaskRequest, WatchTaskResponse } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { Refusal } from '../domain/errors.js';
import type { CallOptions } from '../rpc/clients/promise-call.js';
import type { TaskServiceClient } from '../rpc/clients/task-clients.js';
import type { BridgeClients } from './clients.js';

export interface EndingWatches {
  readonly clients: BridgeClients;
  /** Ends every watch with SERVER_DRAINING. */
  readonly end: () => void;
}

/** Clients whose watches can be ended: who waits for a task is answered before a bridge that closes cuts connections. */
export function endingWatches(clients: BridgeClients): EndingWatches {
  const open = new Set<AbortController>();
  return {
    clients: { ...clients, tasks: ending(clients.tasks, open) },
    end: () => {
      for (const controller of open)
        controller.abort(new Refusal('SERVER_DRAINING', 'the server is shutting down'));
    },
  };
}

/** Also of those who show a key. @param open the watches under way */
function ending(tasks: TaskServiceClient, open: Set<AbortController>): TaskServiceClient {
  async function* watchTask(
    request: WatchTaskRequest,
    options: CallOptions = {},
  ): AsyncGenerator<WatchTaskResponse> {
    const controller = new AbortController();
    const follow = () => {
      controller.abort(options.signal?.reason);
    };
    options.signal?.addEventListener('abort', follow, { once: true });
    if (options.signal?.aborted === true) follow();
    open.add(controller);
    try {
      yield* tasks.watchTask(request, { ...options, signal: controller.signal });
    } finally {
      open.delete(controller);
      options.signal?.removeEventListener('abort', follow);
    }
  }
  return { ...tasks, watchTask, carrying: (metadata) => ending(tasks.carrying(metadata), open) };
}
