import { ranking } from '../domain/score/combine.js';
import type { Judged } from './judge.js';

/** Replies and their scores by part as fields of a log line, best first. Nothing of what they say. */
export function judgedFields({ replies, scores }: Judged): Readonly<Record<string, unknown>> {
  const order = ranking(scores);
  return {
    winner: order[0] === undefined ? undefined : replies[order[0]]?.miner.uid,
    replies: order.map((place) => {
      const { accuracy, speed, combined, parts = [] } = scores[place] ?? {};
      return {
        miner_uid: replies[place]?.miner.uid,
        combined,
        accuracy,
        speed,
        parts: Object.fromEntries(parts.map(({ name, value }) => [name, value ?? null])),
      };
    }),
  };
}
