import { POLICY } from '../domain/score/policy.js';
import type { MinerRating } from './ports/observation.js';

/** A miner that could do a task. */
export interface Candidate {
  readonly hotkey: string;
  /** TAO. */
  readonly stake: number;
  /** Synapses it would accept when it was last asked. */
  readonly freeSlots: number;
  /** Absent when it never did such work for this validator. */
  readonly rating?: MinerRating;
}

/** What a miner is taken for that was never measured: good enough to be tried. */
const UNKNOWN_PERFORMANCE = 0.6;
/** Least weight, so that every miner is asked now and then and can get better. */
const EXPLORATION = 0.1;
/** How much more than none the largest stake weighs. */
const STAKE_SHARE = 0.5;

/**
 * Puts miners in the order in which they are asked: a weighted draw without replacement by measured performance
 * and stake. Those without a free slot come last.
 *
 * @param random in [0, 1), once a candidate
 */
export function choose<Miner extends Candidate>(
  candidates: readonly Miner[],
  random: () => number,
): readonly Miner[] {
  const maxStake = Math.max(0, ...candidates.map(({ stake }) => stake));
  return candidates
    .map((candidate) => ({
      candidate,
      busy: candidate.freeSlots <= 0,
      // The larger key of u^(1/w) is drawn first with a probability proportional to w (Efraimidis and Spirakis).
      key: random() ** (1 / weight(candidate, maxStake)),
    }))
    .sort((a, b) => Number(a.busy) - Number(b.busy) || b.key - a.key)
    .map(({ candidate }) => candidate);
}

/** In (0, 1]. */
export function weight(candidate: Candidate, maxStake: number): number {
  const stake = maxStake > 0 ? candidate.stake / maxStake : 0;
  const value = performanceOf(candidate.rating) * (1 - STAKE_SHARE + STAKE_SHARE * stake);
  return EXPLORATION + (1 - EXPLORATION) * value;
}

function performanceOf(rating: MinerRating | undefined): number {
  if (rating === undefined) return UNKNOWN_PERFORMANCE;
  const { accuracy, speed } = POLICY.weights;
  const quality =
    accuracy * (rating.accuracy ?? UNKNOWN_PERFORMANCE) + speed * (rating.speed ?? UNKNOWN_PERFORMANCE);
  return rating.reliability * quality;
}
