/** Exponential back-off between a base and a cap. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

export const RETRY_BACKOFF: Backoff = { baseMs: 1_000, capMs: 60_000 };
export const CONNECT_BACKOFF: Backoff = { baseMs: 100, capMs: 5_000 };

/**
 * Jittered delay before a repetition.
 *
 * @param failures how often it failed so far, from 1
 * @param random in [0, 1)
 * @returns milliseconds, between half of the exponential step and all of it
 */
export function backoffMs(backoff: Backoff, failures: number, random: number): number {
  const step = Math.min(backoff.capMs, backoff.baseMs * 2 ** (Math.max(1, failures) - 1));
  return Math.round(step / 2 + (step / 2) * random);
}
