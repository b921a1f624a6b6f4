import { randomBytes } from 'node:crypto';

const BYTES = 6;

/** In [0, 1), from the system's source: nobody who has seen any number of them can tell the next. */
export function secretRandom(): number {
  return randomBytes(BYTES).readUIntBE(0, BYTES) / 2 ** (8 * BYTES);
}
