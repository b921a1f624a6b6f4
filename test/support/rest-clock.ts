import type { Clock } from '../../src/runtime/clock.js';

/** A clock that stands still until a test moves it. */
export interface RestClock extends Clock {
  pass(ms: number): void;
  /** Resolves when exactly so many callbacks are waiting. */
  waiting(count: number): Promise<void>;
}

export function restClock(): RestClock {
  let now = 0;
  const timers = new Map<symbol, { readonly at: number; readonly callback: () => void }>();
  const changed: (() => void)[] = [];
  const change = () => {
    for (const resolve of changed.splice(0)) resolve();
  };
  return {
    now: () => now,
    wall: () => now,
    after(delayMs, callback) {
      const id = Symbol();
      timers.set(id, { at: now + delayMs, callback });
      change();
      return () => {
        timers.delete(id);
        change();
      };
    },
    pass(ms) {
      now += ms;
      for (const [id, { at, callback }] of [...timers]) {
        if (at > now) continue;
        timers.delete(id);
        callback();
      }
    },
    async waiting(count) {
      while (timers.size !== count) await new Promise<void>((resolve) => changed.push(resolve));
    },
  };
}
