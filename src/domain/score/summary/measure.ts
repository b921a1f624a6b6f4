import type { ScorePart } from '../../task.js';
import type { Policy } from '../policy.js';
import { Pairs } from './pairs.js';
import { positionsOf, type Positions } from './positions.js';
import type { Text } from './text.js';

/** The numbers of summaries in the policy. */
export type SummaryPolicy = Policy['summary'];

/** A source, prepared once for all its summaries. */
export interface Source extends Text {
  readonly pairs: Pairs;
  readonly positions: Positions;
  /** Whether a capital inside a sentence marks a name. */
  readonly capitalsAreNames: boolean;
}

export function sourceOf(text: Text, capitalsAreNames: boolean): Source {
  return { ...text, pairs: new Pairs(text), positions: positionsOf(text), capitalsAreNames };
}

/** Judges one quality of a summary of the source that it was made for. */
export type Measure = (summary: Text) => ScorePart;
