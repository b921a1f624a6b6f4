import { unit } from './part.js';
import type { Policy } from './policy.js';
import { qualityOf, type MinerRating } from './rating.js';

/**
 * One score in [0, 1] a miner over all kinds and languages: what weights rest on.
 *
 * Each kind and language counts by its share of all questions, so a miner earns by doing what is asked for and
 * nothing by being perfect at what nobody wants, or at one easy kind alone. A rating of few samples counts for part
 * of its value (samples / (samples + `halfSamples`)), so a lucky first reply makes nobody rich.
 */
export function scoreVector(
  miners: ReadonlyMap<string, readonly MinerRating[]>,
  policy: Policy,
): ReadonlyMap<string, number> {
  const questions = new Map<string, number>();
  let all = 0;
  for (const rating of [...miners.values()].flat()) {
    const { sampleCount } = rating.reliability;
    questions.set(group(rating), (questions.get(group(rating)) ?? 0) + sampleCount);
    all += sampleCount;
  }
  const worth = (rating: MinerRating): number => {
    const { sampleCount } = rating.reliability;
    const demand = (questions.get(group(rating)) ?? 0) / all;
    return demand * qualityOf(rating, policy) * (sampleCount / (sampleCount + policy.reputation.halfSamples));
  };
  return new Map(
    [...miners].map(([hotkey, ratings]) => [
      hotkey,
      unit(ratings.reduce((sum, rating) => sum + worth(rating), 0)),
    ]),
  );
}

function group({ kind, language }: MinerRating): string {
  return `${kind}/${language}`;
}
