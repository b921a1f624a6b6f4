import { MAX_PLACES } from './pairs.js';
import type { Text } from './text.js';

/** Where each stem stands in a text; absent for one that is everywhere and so tells nothing. */
export type Positions = ReadonlyMap<number, readonly number[]>;

export function positionsOf({ words }: Text): Positions {
  const all = new Map<number, number[]>();
  words.forEach(({ stem }, index) => {
    const places = all.get(stem);
    if (places === undefined) all.set(stem, [index]);
    else if (places.length <= MAX_PLACES) places.push(index);
  });
  for (const [stem, places] of all) if (places.length > MAX_PLACES) all.delete(stem);
  return all;
}
