/** Milliseconds from one block of Subtensor to the next. */
export const BLOCK_MS = 12_000;

/** drand's network quicknet: Unix seconds of round 1, and seconds from round to round. */
const GENESIS_SECONDS = 1_692_803_367;
const PERIOD_SECONDS = 3;

/**
 * Rounds before the first block in which the chain reveals. The pulse must be on the chain when that block
 * is made: 72 s are six blocks, for the chain's own worker that fetches pulses and for blocks that come early.
 */
const MARGIN_ROUNDS = 24;

/**
 * Least rounds ahead of the newest on the chain. A round that the chain has is refused, and the commit may take
 * up to three blocks, of four rounds each, into the chain.
 */
const MIN_AHEAD_ROUNDS = 12;

/** What the choice of a round rests on, all read at one block. */
export interface RevealMoment {
  readonly block: number;
  /** Unix milliseconds of the block, by the chain's clock: the one of this machine may be wrong. */
  readonly blockTimeMs: number;
  readonly netuid: number;
  /** Blocks. */
  readonly tempo: number;
  /** Epochs from the commit to its reveal, at least 1. */
  readonly revealPeriod: number;
  /** First block of the next epoch, where the runtime says it. */
  readonly nextEpochStart?: number;
  /** Newest round that the chain holds a pulse of. */
  readonly lastStoredRound: number;
}

/**
 * The round to encrypt weights to: a little before the first block in which the chain reveals what is committed in
 * the next block. A commit that lands in a later epoch than that is revealed all the same, only readable earlier.
 */
export function revealRound(moment: RevealMoment): number {
  const timeMs = moment.blockTimeMs + (firstRevealBlock(moment) - moment.block) * BLOCK_MS;
  return Math.max(roundAt(timeMs) - MARGIN_ROUNDS, moment.lastStoredRound + MIN_AHEAD_ROUNDS);
}

/** First block in which a commit of the next block is revealed. */
export function firstRevealBlock({
  block,
  netuid,
  tempo,
  revealPeriod,
  nextEpochStart,
}: RevealMoment): number {
  const epochBlocks = tempo + 1;
  const commitBlock = block + 1;
  // Runtimes that count epochs say where the next one starts; the others cut the block numbers into equal pieces.
  if (nextEpochStart !== undefined && nextEpochStart > block) {
    const periods = commitBlock >= nextEpochStart ? revealPeriod : revealPeriod - 1;
    return nextEpochStart + periods * epochBlocks;
  }
  const epoch = Math.floor((commitBlock + netuid + 1) / epochBlocks);
  return (epoch + revealPeriod) * epochBlocks - netuid - 1;
}

/** The newest round at a time; 0 before the first. */
export function roundAt(unixMs: number): number {
  return Math.max(0, Math.floor((unixMs / 1000 - GENESIS_SECONDS) / PERIOD_SECONDS) + 1);
}
