import { TaskState, type Task } from '../../../gen/ts/audiosubnet/v1/task.js';
import { REASONS, Refusal, type Reason } from '../../domain/errors.js';

/** A task that ended without a result: to ask for the same again at once is of no use. */
export class TaskFailed extends Error {
  override readonly name = 'TaskFailed';

  constructor(readonly refusal: Refusal) {
    super(refusal.message, { cause: refusal });
  }
}

/** Why a final task has no result. */
export function taskFailed({ id, state, failure, cancelReason }: Task): TaskFailed {
  if (state === TaskState.CANCELLED) {
    const why = cancelReason === '' ? '' : `: ${cancelReason}`;
    return new TaskFailed(new Refusal('TASK_TERMINAL', `The task ${id} was cancelled${why}`));
  }
  const { reason = '', message = '' } = failure ?? {};
  return new TaskFailed(
    new Refusal(knownReason(reason), message === '' ? `The task failed: ${reason}` : message),
  );
}

/** Validators of others may name reasons of their own. */
function knownReason(name: string): Reason {
  return REASONS.find((reason) => reason === name) ?? 'ALL_MINERS_FAILED';
}
