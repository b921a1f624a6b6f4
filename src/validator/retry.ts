import { backoffMs, CONNECT_BACKOFF } from '../domain/backoff.js';
import { Refusal, type Reason } from '../domain/errors.js';
import type { Clock } from '../runtime/clock.js';
import { wait } from '../runtime/wait.js';

/** What may be gone the next time. */
const PASSING: ReadonlySet<Reason> = new Set([
  'UNAVAILABLE',
  'SERVER_DRAINING',
  'DEADLINE_EXCEEDED',
  'QUEUE_FULL',
  'DISK_LOW',
  'QUOTA_EXCEEDED',
  'UPLOAD_STALLED',
]);

/** Repetitions after an INTERNAL error, which may be a bug that stays. */
const MAX_INTERNAL = 3;

export interface RetryDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/**
 * Repeats what is safe to repeat, with back-off, while the cause may pass.
 *
 * @param maxMs how long from now on a repetition is of use
 * @throws Refusal the last one, or the signal's reason
 */
export async function retrying<Result>(
  { clock, random, signal }: RetryDeps,
  maxMs: number,
  action: () => Promise<Result>,
): Promise<Result> {
  const start = clock.now();
  for (let failures = 1; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      const again =
        error instanceof Refusal &&
        (PASSING.has(error.reason) || (error.reason === 'INTERNAL' && failures <= MAX_INTERNAL));
      const delayMs = Math.max(
        backoffMs(CONNECT_BACKOFF, failures, random()),
        error instanceof Refusal ? (error.retryAfterMs ?? 0) : 0,
      );
      if (!again || clock.now() + delayMs - start > maxMs) throw error;
      await wait(clock, delayMs, signal);
    }
  }
}
