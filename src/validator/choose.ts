import type { Policy } from '../domain/score/policy.js';
import { expectedQuality, type MinerRating } from '../domain/score/rating.js';

/** Samples of a kind and language from which on a miner is no newcomer to it. */
export const NEWCOMER_SAMPLES = 10;
/** Share of the tasks with several places of which a newcomer has one. */
export const EXPLORED_SHARE = 0.25;
/** The same where one miner is asked alone, so that its reply is all that a user gets. */
export const EXPLORED_SHARE_ALONE = 0.05;

/** A miner that could do a task. */
export interface Candidate {
  readonly hotkey: string;
  /** TAO. */
  readonly stake: number;
  /** Synapses it would accept, by its word and by the validator's own count; may be negative. */
  readonly freeSlots: number;
  /** Absent when it never did such work for this validator. */
  readonly rating?: MinerRating;
}

export interface Choice {
  /** Miners asked at a time, at least 1. */
  readonly places: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly policy: Policy;
}

/**
 * Puts miners in the order in which they are asked: a weighted draw without replacement by what to expect of them
 * and stake. Those without a free slot come last.
 *
 * Newcomers have a share of the tasks of their own, which does not depend on how good the others are, and of each
 * such task one place at most. In the other tasks they come after the known ones, so that they are asked only where
 * there are too few of those.
 */
export function choose<Miner extends Candidate>(
  candidates: readonly Miner[],
  { places, random, policy }: Choice,
): readonly Miner[] {
  const maxStake = Math.max(0, ...candidates.map(({ stake }) => stake));
  const drawn = candidates
    // The larger key of u^(1/w) is drawn first with a probability proportional to w (Efraimidis and Spirakis).
    .map((candidate) => ({ candidate, key: random() ** (1 / weight(candidate, maxStake, policy)) }))
    .sort((a, b) => b.key - a.key)
    .map(({ candidate }) => candidate);
  const free = drawn.filter(({ freeSlots }) => freeSlots > 0);
  const busy = drawn.filter(({ freeSlots }) => freeSlots <= 0);
  const known = free.filter((candidate) => !isNewcomer(candidate));
  const newcomers = free.filter(isNewcomer);
  const explores = random() < (places > 1 ? EXPLORED_SHARE : EXPLORED_SHARE_ALONE);
  const before = explores ? places - 1 : known.length;
  return [
    ...known.slice(0, before),
    ...(explores ? newcomers.slice(0, 1) : []),
    ...known.slice(before),
    ...(explores ? newcomers.slice(1) : newcomers),
    ...busy,
  ];
}

function isNewcomer({ rating }: Candidate): boolean {
  return (rating?.reliability.sampleCount ?? 0) < NEWCOMER_SAMPLES;
}

/** In (0, 1]. */
export function weight(candidate: Candidate, maxStake: number, policy: Policy): number {
  const { exploration, stakeShare } = policy.reputation;
  const stake = maxStake > 0 ? candidate.stake / maxStake : 0;
  const value = expectedQuality(candidate.rating, policy) * (1 - stakeShare + stakeShare * stake);
  return exploration + (1 - exploration) * value;
}
