import { Refusal } from '../domain/errors.js';
import type { Clock } from '../runtime/clock.js';

export interface TimeLimit {
  /** Aborts with a Refusal: DEADLINE_EXCEEDED when time is up, CANCELLED when the caller gave up. */
  readonly signal: AbortSignal;
  /** Adds a caller who may give up. */
  follow(caller: AbortSignal): void;
  /** Stops the clock and lets the caller go. */
  end(): void;
}

/** Time that work may take, from now on. */
export function timeLimit(clock: Clock, deadlineMs: number): TimeLimit {
  const controller = new AbortController();
  const ends: (() => void)[] = [];
  const abort = (refusal: Refusal): void => controller.abort(refusal);
  ends.push(
    clock.after(deadlineMs, () =>
      abort(
        new Refusal('DEADLINE_EXCEEDED', `The work took longer than ${deadlineMs} ms.`, {
          metadata: { deadline_ms: String(deadlineMs) },
        }),
      ),
    ),
  );
  return {
    signal: controller.signal,
    follow(caller) {
      const give = (): void =>
        abort(new Refusal('CANCELLED', 'The caller gave up.', { cause: caller.reason }));
      if (caller.aborted) give();
      else caller.addEventListener('abort', give, { once: true });
      ends.push(() => caller.removeEventListener('abort', give));
    },
    end: () => ends.splice(0).forEach((end) => end()),
  };
}
