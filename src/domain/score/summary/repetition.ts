import { part, percent } from '../part.js';
import type { Measure, Source } from './measure.js';
import { pairKey } from './pairs.js';
import { follows, type Text } from './text.js';

/** How often a summary says a pair of words again that the source says as rarely. */
export function repetition(source: Source): Measure {
  return (summary) => {
    let total = 0;
    let again = 0;
    for (const [pair, count] of countsOf(summary)) {
      total += count;
      if (count > 1) again += Math.max(0, count - Math.max(1, source.pairs.count(pair)));
    }
    const share = total === 0 ? 0 : again / total;
    return part('repetition', 1 - share, `${percent(share)} of its word pairs are repeated without need.`);
  };
}

function countsOf(text: Text): ReadonlyMap<number, number> {
  const { words } = text;
  const counts = new Map<number, number>();
  for (let index = 1; index < words.length; index += 1) {
    if (!follows(text, index)) continue;
    const key = pairKey(words[index - 1]?.stem ?? 0, words[index]?.stem ?? 0);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
