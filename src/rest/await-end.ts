import { TaskState, type Task } from '../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../domain/errors.js';
import type { Clock } from '../runtime/clock.js';
import { timedSignal } from '../runtime/wait.js';
import type { BridgeClients } from './clients.js';
import { present } from './present.js';

export interface AwaitEnd {
  readonly id: string;
  readonly waitMs: number;
  readonly clock: Clock;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** The task as far as it is known already. */
  readonly known?: Task;
}

/**
 * The task once it is final, or as it is when the time is over. The wait also ends when the proxy shuts down:
 * what is known by then is an answer.
 *
 * @returns undefined when nothing was known in time
 * @throws Refusal TASK_NOT_FOUND and those of the call
 */
export async function awaitEnd(
  { tasks }: BridgeClients,
  { id, waitMs, clock, signal, known }: AwaitEnd,
): Promise<Task | undefined> {
  if (known !== undefined && isFinal(known)) return known;
  const timed = timedSignal(clock, waitMs, signal, () => undefined);
  let latest = known;
  try {
    const states = tasks.watchTask({ id, afterRevision: known?.revision ?? 0n }, { signal: timed.signal });
    for await (const { task } of states) latest = present(task, 'task');
  } catch (error) {
    const isOver = timed.signal.aborted && !signal.aborted;
    if (!isOver && (latest === undefined || !isShutdown(error))) throw error;
  } finally {
    timed.release();
  }
  return latest;
}

export function isFinal({ state }: Task): boolean {
  return state === TaskState.COMPLETED || state === TaskState.FAILED || state === TaskState.CANCELLED;
}

function isShutdown(error: unknown): boolean {
  return error instanceof Refusal && error.reason === 'SERVER_DRAINING';
}
