import type { Task as ProtoTask } from '../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../domain/errors.js';
import { isFinal } from '../domain/task.js';
import type { TaskServiceClient } from '../rpc/clients/task-clients.js';
import { stateFromProto } from '../rpc/convert/enums.js';
import { Patience, type PatienceDeps } from './patience.js';

export interface WatchDeps extends PatienceDeps {
  readonly tasks: TaskServiceClient;
}

export interface WatchCall {
  readonly signal: AbortSignal;
  /** Only what comes after this revision. */
  readonly afterRevision?: number | undefined;
}

/**
 * A task as it is, then each change up to the final one; goes on with the next change when the connection
 * is cut.
 *
 * @throws Refusal
 */
export async function* watchTask(
  deps: WatchDeps,
  id: string,
  { signal, afterRevision = 0 }: WatchCall,
): AsyncGenerator<ProtoTask> {
  const patience = new Patience(deps, signal);
  let revision = BigInt(afterRevision);
  for (;;) {
    try {
      for await (const { task } of deps.tasks.watchTask({ id, afterRevision: revision }, { signal })) {
        if (task === undefined) continue;
        patience.renew();
        revision = task.revision;
        yield task;
        const state = stateFromProto(task.state);
        if (state !== undefined && isFinal(state)) return;
      }
      throw new Refusal('INTERNAL', 'the server ended the stream before the task was final');
    } catch (error) {
      await patience.afterFailure(error);
    }
  }
}
