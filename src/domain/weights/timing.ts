import type { WeightTerms } from '../weight-setter.js';

/** Scored tasks before the first weights: fewer say little of anyone. */
export const MIN_SCORED_TASKS = 20;

export interface Progress {
  readonly terms: WeightTerms;
  /** Tasks whose replies were scored, since ever. */
  readonly scoredTasks: number;
  /** Block at which the first scored task was noticed. */
  readonly firstBlock: number | undefined;
  /** Whether to set weights without waiting for enough tasks and a first tempo. */
  readonly now: boolean;
}

export type Timing =
  | { readonly kind: 'due' }
  /** Looked at again after so many blocks, at least 1, or sooner. */
  | {
      readonly kind: 'wait';
      readonly blocks: number;
      readonly why: 'too_few_tasks' | 'first_tempo' | 'interval';
    };

/**
 * When weights are set: first after a tempo with scores and enough scored tasks, then once a tempo, or as seldom as
 * the rate limit wants. Weights that did not change are set again too, since a chain takes a validator that is silent
 * for long as inactive. Blocks that were not the chain's any more (one that began anew) count as none.
 */
export function timingOf({ terms, scoredTasks, firstBlock, now }: Progress): Timing {
  const { block, tempo, self } = terms;
  if (!now) {
    if (scoredTasks < MIN_SCORED_TASKS) return { kind: 'wait', why: 'too_few_tasks', blocks: 5 };
    const blocks = tempo - (block - Math.min(firstBlock ?? block, block));
    if (blocks > 0) return { kind: 'wait', why: 'first_tempo', blocks };
  }
  const lastUpdate = self?.lastUpdate ?? 0;
  if (lastUpdate === 0 || lastUpdate > block) return { kind: 'due' };
  const blocks = intervalOf(terms) - (block - lastUpdate);
  return blocks > 0 ? { kind: 'wait', why: 'interval', blocks } : { kind: 'due' };
}

/** Blocks between two settings. */
export function intervalOf({ rateLimit, tempo }: WeightTerms): number {
  return Math.max(rateLimit, tempo);
}
