import type { Clock } from '../runtime/clock.js';

/** Unix nanoseconds that grow with every call, also when two fall into one millisecond or the clock goes back. */
export function createNonces(clock: Clock): () => bigint {
  let last = 0n;
  return () => {
    const now = BigInt(Math.floor(clock.wall() * 1_000)) * 1_000n;
    last = now > last ? now : last + 1n;
    return last;
  };
}
