import type { MinerRating } from '../../domain/score/rating.js';

/** What is known of one miner. */
export interface RatedMiner {
  readonly hotkey: string;
  /** When it last was on the network or answered, in Unix milliseconds. */
  readonly seenMs: number;
  readonly ratings: readonly MinerRating[];
}

/** Where a validator keeps what it knows of the miners of one subnet, across restarts. */
export interface ReputationStore {
  /** Empty the first time, and when what was kept cannot be read. @throws Error of the system */
  load(): Promise<readonly RatedMiner[]>;
  /** Replaces all of it, or nothing. @throws Error of the system, such as ENOSPC */
  save(miners: readonly RatedMiner[]): Promise<void>;
}
