import { unit } from '../score/part.js';

/**
 * Share of the newest score in an average. With settings every 360 blocks a newcomer has 91 % of what it deserves
 * after 11 of them, the usual immunity period of 4,096 blocks, and one bad hour costs a fifth.
 */
export const NEWEST_SHARE = 0.2;

/** An average that fell below is forgotten: a perfect miner that left has less after 62 settings. */
const FORGOTTEN_BELOW = 1e-6;

/**
 * Averages after one more setting of weights, by hotkey. Everyone begins at 0, so that a miner cannot rid itself of a
 * bad past by a new hotkey. A miner without a score, and one that is not on the subnet any more, has scored 0.
 *
 * @param averages in [0, 1]
 * @param scores in [0, 1]; what is no number counts as 0, what is outside as the nearest end
 */
export function nextAverages(
  averages: ReadonlyMap<string, number>,
  scores: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const next = new Map<string, number>();
  for (const hotkey of new Set([...averages.keys(), ...scores.keys()])) {
    const old = averages.get(hotkey) ?? 0;
    const average = unit(old + (unit(scores.get(hotkey) ?? 0) - old) * NEWEST_SHARE);
    if (average >= FORGOTTEN_BELOW) next.set(hotkey, average);
  }
  return next;
}
