import type { Source } from './measure.js';
import { pairKey } from './pairs.js';
import { follows, type Text } from './text.js';

/** The terms of a source by numbers from 1 on: stems of words with a meaning, numbers, two neighbouring ideographs. */
export class SourceTerms {
  /** The term at each place of the source, 0 for none. */
  readonly at: Int32Array;
  /** By term; it weighs the number of its places to the power of `exponent`. */
  readonly weights: Float64Array;
  /** Distinct terms. */
  readonly count: number;
  private readonly byStem: Int32Array;
  private readonly byPair = new Map<number, number>();

  constructor(
    readonly source: Source,
    exponent: number,
  ) {
    const { words, positions } = source;
    this.at = new Int32Array(words.length);
    this.byStem = new Int32Array(positions.stemLimit);
    let count = 0;
    for (let place = 0; place < words.length; place += 1) {
      const key = termKey(source, place);
      if (key === undefined) continue;
      const term = this.termOf(key) || (count += 1);
      if (key < 0) this.byPair.set(key, term);
      else this.byStem[key] = term;
      this.at[place] = term;
    }
    this.count = count;
    this.weights = new Float64Array(count + 1);
    for (const term of this.at) if (term > 0) this.weights[term] = (this.weights[term] ?? 0) + 1;
    this.weights.forEach((places, term) => {
      if (places > 1) this.weights[term] = places ** exponent;
    });
  }

  /** How many distinct terms a summary has, and what those of the source weigh. */
  carriedBy(summary: Text): { readonly count: number; readonly weight: number } {
    const keys = new Set<number>();
    let weight = 0;
    for (let place = 0; place < summary.words.length; place += 1) {
      const key = termKey(summary, place);
      if (key === undefined || keys.has(key)) continue;
      keys.add(key);
      weight += this.weights[this.termOf(key)] ?? 0;
    }
    return { count: keys.size, weight };
  }

  /** 0 for a term that the source does not have. */
  private termOf(key: number): number {
    return (key < 0 ? this.byPair.get(key) : this.byStem[key]) ?? 0;
  }
}

/** The stem of a word, or below 0 two ideographs. */
function termKey(text: Text, place: number): number | undefined {
  const word = text.words[place];
  if (word === undefined || word.kind === 'function' || word.kind === 'negator') return undefined;
  if (!word.ideograph) return word.stem;
  const next = follows(text, place + 1) ? text.words[place + 1] : undefined;
  return next?.ideograph === true && next.kind === 'content' ? -pairKey(word.stem, next.stem) - 1 : undefined;
}
