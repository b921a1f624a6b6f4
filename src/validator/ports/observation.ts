import type { TaskKind } from '../../domain/task.js';

/** What this validator measured of one miner. */
export interface MinerObservation {
  readonly hotkey: string;
  readonly uid: number;
  readonly reachable: boolean;
  /** Round trip of the last probe; absent when there was none. */
  readonly latencyMs?: number;
  readonly ratings: readonly ObservedRating[];
  /** One score in [0, 1] over all of them; absent when the miner was never asked. */
  readonly score?: number;
  /** `host:port` */
  readonly address: string;
  /** TAO. */
  readonly stake: number;
}

/** How well a miner does one kind of work in one language. Shares and means in [0, 1]. */
export interface ObservedRating {
  readonly kind: TaskKind;
  readonly language: string;
  /** Moving mean; absent when never measured. */
  readonly accuracy?: number;
  /** Moving mean; absent when never measured. */
  readonly speed?: number;
  /** Share of questions that got a usable reply. */
  readonly reliability: number;
  readonly sampleCount: number;
  /** Since the newest sample. */
  readonly sampleAgeMs: number;
  readonly parts: readonly PartMean[];
}

/** Moving mean of one part of the scores. */
export interface PartMean {
  readonly name: string;
  /** In [0, 1]. */
  readonly mean: number;
  readonly sampleCount: number;
}
