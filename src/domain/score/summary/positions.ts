import { MAX_PLACES } from './pairs.js';
import type { Text } from './text.js';

/** Where each stem stands in a text. */
export class Positions {
  /** One more than the largest stem. */
  readonly stemLimit: number;
  /** By stem, from 1 on; 0 for none. */
  private readonly first: Int32Array;
  private readonly last: Int32Array;
  private readonly counts: Int32Array;
  /** By place, from 1 on: the next one of the same stem, 0 for none. */
  private readonly next: Int32Array;
  private readonly lists = new Map<number, readonly number[]>();

  constructor({ words }: Text) {
    let stems = 0;
    for (const { stem } of words) if (stem >= stems) stems = stem + 1;
    this.stemLimit = stems;
    this.first = new Int32Array(stems);
    this.last = new Int32Array(stems);
    this.counts = new Int32Array(stems);
    this.next = new Int32Array(words.length + 1);
    for (let place = 1; place <= words.length; place += 1) this.add(place, words[place - 1]?.stem ?? 0);
  }

  count(stem: number): number {
    return this.counts[stem] ?? 0;
  }

  /** Its places in their order; absent for a stem that is nowhere, or everywhere and so tells nothing. */
  of(stem: number): readonly number[] | undefined {
    const count = this.count(stem);
    if (count === 0 || count > MAX_PLACES) return undefined;
    let list = this.lists.get(stem);
    if (list === undefined) this.lists.set(stem, (list = this.read(stem)));
    return list;
  }

  private read(stem: number): readonly number[] {
    const places: number[] = [];
    for (let place = this.first[stem] ?? 0; place !== 0; place = this.next[place] ?? 0)
      places.push(place - 1);
    return places;
  }

  private add(place: number, stem: number): void {
    const before = this.last[stem] ?? 0;
    if (before === 0) this.first[stem] = place;
    else this.next[before] = place;
    this.last[stem] = place;
    this.counts[stem] = (this.counts[stem] ?? 0) + 1;
  }
}
