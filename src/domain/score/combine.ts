import type { Score, ScorePart } from '../task.js';
import { unit } from './part.js';
import type { Policy } from './policy.js';
import type { Speed } from './speed.js';

/** Puts accuracy and speed together; without accuracy the speed's share alone counts. */
export function combine(
  accuracy: number | undefined,
  speed: Speed,
  parts: readonly ScorePart[],
  policy: Policy,
): Score {
  const { weights, version, hash } = policy;
  return {
    ...(accuracy === undefined ? {} : { accuracy: unit(accuracy) }),
    speed: speed.value,
    combined: unit(weights.accuracy * unit(accuracy ?? 0) + weights.speed * speed.value),
    parts: [...parts, ...speed.parts],
    policyVersion: version,
    policyHash: hash,
  };
}

/** The highest combined score of a reply that is no faster than `speed`. */
export function upperBound(speed: number, { weights }: Policy): number {
  return weights.accuracy + weights.speed * unit(speed);
}

/** Places from best to worst; equal scores keep the earlier reply first. */
export function ranking(scores: readonly Score[]): readonly number[] {
  return scores
    .map((score, index) => ({ index, combined: score.combined ?? 0 }))
    .sort((a, b) => b.combined - a.combined || a.index - b.index)
    .map(({ index }) => index);
}
