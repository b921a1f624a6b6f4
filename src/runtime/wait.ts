import type { Clock } from './clock.js';

/** Resolves after `delayMs` or when the signal aborts, whichever is first. */
export function wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(delayMs, end);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** A signal that aborts with its parent or after a time. `release` must be called when it is not needed any more. */
export interface TimedSignal {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  release(): void;
}

export function timedSignal(
  clock: Clock,
  delayMs: number,
  parent: AbortSignal,
  reason: () => unknown,
): TimedSignal {
  const controller = new AbortController();
  const follow = (): void => {
    controller.abort(parent.reason);
  };
  if (parent.aborted) follow();
  parent.addEventListener('abort', follow, { once: true });
  const cancel = clock.after(delayMs, () => {
    controller.abort(reason());
  });
  return {
    signal: controller.signal,
    abort: (cause) => {
      controller.abort(cause);
    },
    release: () => {
      cancel();
      parent.removeEventListener('abort', follow);
    },
  };
}

/** Resolves with the promise or when the signal aborts, and leaves no listener behind. @throws what the promise does */
export async function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let end = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    end = resolve;
  });
  signal.addEventListener('abort', end, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** Resolves with the promise or after a time, and leaves no timer behind. */
export async function atMost(
  clock: Clock,
  delayMs: number,
  promise: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const timed = timedSignal(clock, delayMs, signal, () => undefined);
  try {
    await untilAborted(promise, timed.signal);
  } finally {
    timed.release();
  }
}
