import type { ScorePart } from '../../task.js';
import type { Policy } from '../policy.js';
import { Pairs } from './pairs.js';
import { Positions } from './positions.js';
import type { Text } from './text.js';
import type { Word } from './vocabulary.js';

/** The numbers of summaries in the policy. */
export type SummaryPolicy = Policy['summary'];

/** A source, prepared once for all its summaries. */
export interface Source extends Text {
  readonly pairs: Pairs;
  readonly positions: Positions;
  /** Its distinct words, in the order in which they come. */
  readonly distinct: readonly Word[];
  /** Whether it has a word, by the word's id. */
  readonly has: Uint8Array;
  /** Whether a capital inside a sentence marks a name. */
  readonly capitalsAreNames: boolean;
}

export function sourceOf(text: Text, capitalsAreNames: boolean): Source {
  const { distinct, has } = distinctOf(text.words);
  return { ...text, pairs: new Pairs(text), positions: new Positions(text), distinct, has, capitalsAreNames };
}

/** One word of each id: a number in letters is the same as in digits. */
function distinctOf(words: readonly Word[]): Pick<Source, 'distinct' | 'has'> {
  let ids = 0;
  for (const { id } of words) if (id >= ids) ids = id + 1;
  const has = new Uint8Array(ids);
  const distinct: Word[] = [];
  for (const word of words) {
    if (has[word.id] === 1) continue;
    has[word.id] = 1;
    distinct.push(word);
  }
  return { distinct, has };
}

/** Judges one quality of a summary of the source that it was made for. */
export type Measure = (summary: Text) => ScorePart;
