import { part, percent } from '../part.js';
import type { Measure, Source } from './measure.js';
import { Pairs } from './pairs.js';

/** How often a summary says a pair of words again that the source says as rarely. */
export function repetition(source: Source): Measure {
  return (summary) => {
    let total = 0;
    let again = 0;
    for (const { first, second, count } of new Pairs(summary).all()) {
      total += count;
      if (count > 1) again += Math.max(0, count - Math.max(1, source.pairs.count(first, second)));
    }
    const share = total === 0 ? 0 : again / total;
    return part('repetition', 1 - share, `${percent(share)} of its word pairs are repeated without need.`);
  };
}
