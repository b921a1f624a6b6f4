import type { Score } from '../task.js';
import { unit, type Measured } from './part.js';

/**
 * Lowers a score for what was found against an answer: accuracy and the combined score by the product of the
 * findings, which are added to the parts. An answer that is not the miner's own work earns nothing by its speed
 * either.
 */
export function lower(score: Score, findings: readonly Measured[]): Score {
  if (findings.length === 0) return score;
  const left = findings.reduce((product, { value }) => product * value, 1);
  return {
    ...score,
    ...(score.accuracy === undefined ? {} : { accuracy: unit(score.accuracy * left) }),
    ...(score.combined === undefined ? {} : { combined: unit(score.combined * left) }),
    parts: [...score.parts, ...findings],
  };
}
