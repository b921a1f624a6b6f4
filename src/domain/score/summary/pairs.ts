import { follows, type Text } from './text.js';

/** Places of a pair that are looked at; keeps the cost linear. */
export const MAX_PLACES = 64;

/** Where two stems are neighbours in a sentence: the places of the second one. */
export class Pairs {
  private readonly places = new Map<number, number[]>();

  constructor(text: Text) {
    const { words } = text;
    for (let index = 1; index < words.length; index += 1) {
      if (!follows(text, index)) continue;
      const key = pairKey(words[index - 1]?.stem ?? 0, words[index]?.stem ?? 0);
      const places = this.places.get(key);
      if (places === undefined) this.places.set(key, [index]);
      else places.push(index);
    }
  }

  has(first: number, second: number): boolean {
    return this.places.has(pairKey(first, second));
  }

  /** The first of its places. */
  placesOf(first: number, second: number): readonly number[] {
    const places = this.places.get(pairKey(first, second)) ?? [];
    return places.length > MAX_PLACES ? places.slice(0, MAX_PLACES) : places;
  }

  /** @param key of `pairKey` */
  count(key: number): number {
    return this.places.get(key)?.length ?? 0;
  }
}

/** One number for a pair of ids below 2^26. */
export function pairKey(first: number, second: number): number {
  return first * 0x400_0000 + second;
}
