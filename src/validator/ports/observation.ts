import type { TaskKind } from '../../domain/task.js';

/** What this validator measured of one miner. */
export interface MinerObservation {
  readonly hotkey: string;
  readonly uid: number;
  readonly reachable: boolean;
  /** Round trip of the last probe; absent when there was none. */
  readonly latencyMs?: number;
  readonly ratings: readonly MinerRating[];
  /** `host:port` */
  readonly address: string;
  /** TAO. */
  readonly stake: number;
}

/** How well a miner does one kind of work in one language. Shares and means in [0, 1]. */
export interface MinerRating {
  readonly kind: TaskKind;
  readonly language: string;
  /** Moving mean; absent when never measured. */
  readonly accuracy?: number;
  /** Moving mean; absent when never measured. */
  readonly speed?: number;
  /** Share of questions that got a usable reply. */
  readonly reliability: number;
  readonly sampleCount: number;
}
