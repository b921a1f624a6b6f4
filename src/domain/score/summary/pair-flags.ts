import { pairHash } from './pairs.js';

/** Flags of pairs of ids. */
export class PairFlags {
  private readonly firsts: Int32Array;
  private readonly seconds: Int32Array;
  /** 0 for an empty slot; a power of two of them, at most half of them taken. */
  private readonly flags: Uint8Array;

  /** @param maxPairs distinct pairs that are set at most */
  constructor(maxPairs: number) {
    const slots = 2 ** Math.ceil(Math.log2(2 * maxPairs + 2));
    this.firsts = new Int32Array(slots);
    this.seconds = new Int32Array(slots);
    this.flags = new Uint8Array(slots);
  }

  /** Sets more flags of a pair; `flags` is not 0. */
  set(first: number, second: number, flags: number): void {
    const slot = this.slotOf(first, second);
    this.firsts[slot] = first;
    this.seconds[slot] = second;
    this.flags[slot] = (this.flags[slot] ?? 0) | flags;
  }

  /** 0 for a pair that was never set. */
  get(first: number, second: number): number {
    return this.flags[this.slotOf(first, second)] ?? 0;
  }

  private slotOf(first: number, second: number): number {
    const mask = this.flags.length - 1;
    let slot = pairHash(first, second) & mask;
    while (this.flags[slot] !== 0 && (this.firsts[slot] !== first || this.seconds[slot] !== second))
      slot = (slot + 1) & mask;
    return slot;
  }
}
