import type { Score, ScorePart } from '../task.js';
import { unit } from './part.js';
import { POLICY } from './policy.js';

/** Puts accuracy and speed together; without accuracy the speed's share alone counts. */
export function combine(
  accuracy: number | undefined,
  speed: ScorePart & { readonly value: number },
  parts: readonly ScorePart[],
): Score {
  const { weights } = POLICY;
  return {
    ...(accuracy === undefined ? {} : { accuracy: unit(accuracy) }),
    speed: speed.value,
    combined: unit(weights.accuracy * unit(accuracy ?? 0) + weights.speed * speed.value),
    parts: [...parts, speed],
    policyVersion: POLICY.version,
    policyHash: POLICY.hash,
  };
}

/** The highest combined score a reply can still get that arrives after `speed` has fallen to this value. */
export function upperBound(speed: number): number {
  return POLICY.weights.accuracy + POLICY.weights.speed * unit(speed);
}

/** Places from best to worst; equal scores keep the earlier reply first. */
export function ranking(scores: readonly Score[]): readonly number[] {
  return scores
    .map((score, index) => ({ index, combined: score.combined ?? 0 }))
    .sort((a, b) => b.combined - a.combined || a.index - b.index)
    .map(({ index }) => index);
}
