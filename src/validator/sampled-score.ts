import type { MinerRating } from '../domain/score/rating.js';
import type { Score } from '../domain/task.js';

/** Parts that only answers to the validator's own questions have, and the one of users' tasks that stands for each. */
const STANDS_FOR: Readonly<Record<string, string>> = { reference: 'agreement' };
const OWN: ReadonlySet<string> = new Set(['facts']);

/**
 * The score of an answer to one of the validator's own questions as it is put on record. The means of all parts and
 * their counts are published, and must not tell how many of such questions a miner had: so it has the parts that an
 * answer to a user has, those that were not measured at the miner's own mean, which they leave as it is.
 */
export function sampledScore(score: Score, old: MinerRating | undefined): Score {
  const parts = score.parts
    .filter(({ name }) => !OWN.has(name))
    .map((part) => ({ ...part, name: STANDS_FOR[part.name] ?? part.name }));
  const names = new Set(parts.map(({ name }) => name));
  const unmeasured = Object.entries(old?.parts ?? {})
    .filter(([name]) => !names.has(name))
    .map(([name, { mean }]) => ({ name, value: mean, explanation: '' }));
  return { ...score, parts: [...parts, ...unmeasured] };
}
