import type { ServerWritableStream } from '@grpc/grpc-js';
import { TaskState, type Task } from '../../gen/ts/audiosubnet/v1/task.js';
import type { WatchTaskRequest, WatchTaskResponse } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { Refusal } from '../../src/domain/errors.js';
import { toStatus } from '../../src/rpc/status.js';

type Call = ServerWritableStream<WatchTaskRequest, WatchTaskResponse>;

const FINAL: readonly TaskState[] = [TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED];

/** The open watches of a proxy under test. */
export class Watches {
  readonly #calls = new Set<Call>();
  readonly #waiting: (() => void)[] = [];

  open(call: Call, find: (id: string) => Task): void {
    const task = find(call.request.id);
    if (FINAL.includes(task.state) || task.revision > call.request.afterRevision) call.write({ task });
    if (FINAL.includes(task.state)) {
      call.end();
      return;
    }
    this.#calls.add(call);
    call.on('cancelled', () => {
      this.#calls.delete(call);
      this.#changed();
    });
    this.#changed();
  }

  tell(task: Task): void {
    for (const call of this.#calls) {
      if (call.request.id !== task.id) continue;
      call.write({ task });
      if (!FINAL.includes(task.state)) continue;
      call.end();
      this.#calls.delete(call);
      this.#changed();
    }
  }

  end(): void {
    for (const call of this.#calls) {
      call.emit('error', toStatus(new Refusal('SERVER_DRAINING', 'the server is shutting down')));
    }
    this.#calls.clear();
    this.#changed();
  }

  async reached(count: number): Promise<void> {
    while (this.#calls.size !== count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
