import type { Policy } from '../domain/score/policy.js';
import { expectedQuality, type MinerRating } from '../domain/score/rating.js';

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

/**
 * Puts miners in the order in which they are asked: a weighted draw without replacement by what to expect of them
 * and stake. Those without a free slot come last.
 *
 * @param random in [0, 1), once a candidate
 */
export function choose<Miner extends Candidate>(
  candidates: readonly Miner[],
  random: () => number,
  policy: Policy,
): readonly Miner[] {
  const maxStake = Math.max(0, ...candidates.map(({ stake }) => stake));
  return candidates
    .map((candidate) => ({
      candidate,
      busy: candidate.freeSlots <= 0,
      // The larger key of u^(1/w) is drawn first with a probability proportional to w (Efraimidis and Spirakis).
      key: random() ** (1 / weight(candidate, maxStake, policy)),
    }))
    .sort((a, b) => Number(a.busy) - Number(b.busy) || b.key - a.key)
    .map(({ candidate }) => candidate);
}

/** In (0, 1]. */
export function weight(candidate: Candidate, maxStake: number, policy: Policy): number {
  const { exploration, stakeShare } = policy.reputation;
  const stake = maxStake > 0 ? candidate.stake / maxStake : 0;
  const value = expectedQuality(candidate.rating, policy) * (1 - stakeShare + stakeShare * stake);
  return exploration + (1 - exploration) * value;
}
