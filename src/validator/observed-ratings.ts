import type { MinerRating } from '../domain/score/rating.js';
import type { ObservedRating } from './ports/observation.js';

/** What one report has at most, so that it fits into one message: a rating takes up to 60 bytes, a mean 40. */
const MAX_RATINGS = 16_384;
const MAX_PART_MEANS = 65_536;
/** Ratings of one miner at most. */
const MAX_RATINGS_OF_ONE = 64;

/**
 * Ratings as they are told to others. Where all of them do not fit, each miner has an equal share of the room, and
 * what rests on most samples goes first; a rating without its parts is told rather than none.
 */
export function observedRatings(
  ratings: readonly MinerRating[],
  { nowMs, miners }: { readonly nowMs: number; readonly miners: number },
): readonly ObservedRating[] {
  const maxRatings = Math.min(MAX_RATINGS_OF_ONE, Math.floor(MAX_RATINGS / miners));
  let meansLeft = Math.floor(MAX_PART_MEANS / miners);
  const bySamples = ratings.toSorted((a, b) => b.reliability.sampleCount - a.reliability.sampleCount);
  const told = bySamples.slice(0, maxRatings).map((rating) => {
    const parts = Object.entries(rating.parts).map(([name, mean]) => ({ name, ...mean }));
    const fits = parts.length <= meansLeft;
    if (fits) meansLeft -= parts.length;
    return { rating, parts: fits ? parts : [] };
  });
  return told
    .toSorted((a, b) => ratings.indexOf(a.rating) - ratings.indexOf(b.rating))
    .map(({ rating: { kind, language, accuracy, speed, reliability, lastSampleMs }, parts }) => ({
      kind,
      language,
      ...(accuracy === undefined ? {} : { accuracy: accuracy.mean }),
      ...(speed === undefined ? {} : { speed: speed.mean }),
      reliability: reliability.mean,
      sampleCount: reliability.sampleCount,
      // The wall clock may have been set back since.
      sampleAgeMs: Math.max(0, nowMs - lastSampleMs),
      parts,
    }));
}
