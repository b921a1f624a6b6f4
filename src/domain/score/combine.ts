import type { Score, ScorePart } from '../task.js';
import { unit } from './part.js';
import type { Policy } from './policy.js';
import { latestFasterMs, type Speed, type WorkSize } from './speed.js';

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

/** How long after the question a reply may become whole and still get more than `combined`; Infinity for ever. */
export function beatableUntilMs(combined: number, size: WorkSize, policy: Policy): number {
  const { accuracy, speed } = policy.weights;
  if (speed === 0) return combined >= accuracy ? 0 : Infinity;
  return latestFasterMs((combined - accuracy) / speed, size, policy);
}

/** Places from best to worst; equal scores keep the earlier reply first. */
export function ranking(scores: readonly Score[]): readonly number[] {
  return scores
    .map((score, index) => ({ index, combined: score.combined ?? 0 }))
    .sort((a, b) => b.combined - a.combined || a.index - b.index)
    .map(({ index }) => index);
}
