import { Refusal } from '../../domain/errors.js';
import type { Clock } from '../../runtime/clock.js';
import { timedSignal, untilAborted } from '../../runtime/wait.js';

export interface Limit {
  readonly clock: Clock;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Waits for an action no longer than a time or until the signal aborts, also when the action does not heed either.
 *
 * @throws Refusal UNAVAILABLE after the time, the signal's reason, what the action throws
 */
export async function within<Result>(
  { clock, limitMs, signal }: Limit,
  action: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const late = (): Refusal => new Refusal('UNAVAILABLE', `no answer within ${limitMs / 1000} s`);
  const timed = timedSignal(clock, limitMs, signal, late);
  try {
    const result = action(timed.signal);
    await untilAborted(result, timed.signal);
    timed.signal.throwIfAborted();
    return await result;
  } finally {
    timed.release();
  }
}
