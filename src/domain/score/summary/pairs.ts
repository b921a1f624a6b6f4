import { follows, type Text } from './text.js';
import type { Word } from './vocabulary.js';

/** Places of a pair that are looked at; keeps the cost linear. */
export const MAX_PLACES = 64;

/** Where two stems are neighbours in a sentence: the places of the second one. */
export class Pairs {
  private readonly words: readonly Word[];
  /** The first place of a pair by the hash of its stems, 0 for none; a power of two, at most half of them taken. */
  private readonly slots: Int32Array;
  /** The next place of the same pair, 0 for none. */
  private readonly nextPlaces: Int32Array;
  /** At the first place of a pair: its last one, and how many there are. */
  private readonly lastPlaces: Int32Array;
  private readonly counts: Int32Array;

  constructor(text: Text) {
    const { words } = text;
    this.words = words;
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * words.length + 2)));
    this.nextPlaces = new Int32Array(words.length);
    this.lastPlaces = new Int32Array(words.length);
    this.counts = new Int32Array(words.length);
    for (let place = 1; place < words.length; place += 1) if (follows(text, place)) this.add(place);
  }

  has(first: number, second: number): boolean {
    return this.firstPlace(first, second) !== 0;
  }

  /** The first of its places. */
  placesOf(first: number, second: number): readonly number[] {
    const places: number[] = [];
    let place = this.firstPlace(first, second);
    for (; place !== 0 && places.length < MAX_PLACES; place = this.nextPlaces[place] ?? 0) places.push(place);
    return places;
  }

  count(first: number, second: number): number {
    return this.counts[this.firstPlace(first, second)] ?? 0;
  }

  /** How often each pair stands there. */
  *all(): Iterable<{ readonly first: number; readonly second: number; readonly count: number }> {
    for (let place = 1; place < this.words.length; place += 1) {
      const count = this.counts[place] ?? 0;
      if (count > 0) yield { first: this.stem(place - 1), second: this.stem(place), count };
    }
  }

  private add(place: number): void {
    const slot = this.slotOf(this.stem(place - 1), this.stem(place));
    const known = this.slots[slot] ?? 0;
    const first = known === 0 ? place : known;
    if (known === 0) this.slots[slot] = place;
    else this.nextPlaces[this.lastPlaces[first] ?? 0] = place;
    this.lastPlaces[first] = place;
    this.counts[first] = (this.counts[first] ?? 0) + 1;
  }

  private firstPlace(first: number, second: number): number {
    return this.slots[this.slotOf(first, second)] ?? 0;
  }

  /** Where the pair is, or may be put. */
  private slotOf(first: number, second: number): number {
    const mask = this.slots.length - 1;
    let slot = pairHash(first, second) & mask;
    for (;;) {
      const place = this.slots[slot] ?? 0;
      if (place === 0 || (this.stem(place) === second && this.stem(place - 1) === first)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private stem(place: number): number {
    return this.words[place]?.stem ?? -1;
  }
}

/** One number for a pair of ids below 2^26. */
export function pairKey(first: number, second: number): number {
  return first * 0x400_0000 + second;
}

/** Spreads a pair of ids over 32 bits. */
export function pairHash(first: number, second: number): number {
  let hash = Math.imul(first + 1, 0x2c1b3c6d) ^ Math.imul(second + 1, 0x297a2d39);
  hash = Math.imul(hash ^ (hash >>> 15), 0x45d9f3b);
  return hash ^ (hash >>> 13);
}
