import type { MinerRating } from '../../domain/score/rating.js';
import type { WeightOutcome, WeightTerms } from '../../domain/weight-setter.js';

/** What a validator remembers of its weights on one subnet. */
export interface WeightState {
  /** Hash of the scoring policy that the averages rest on. */
  readonly policyHash: string;
  /** Of the scores, in [0, 1], by hotkey. */
  readonly averages: ReadonlyMap<string, number>;
  /** Tasks whose replies were scored, since ever. */
  readonly scoredTasks: number;
  /** Block at which the first of them was noticed. */
  readonly firstBlock?: number;
  /** The newest vector that the subnet took. */
  readonly last?: TakenVector;
  /** A vector that was or was to be sent, and of which it is not known yet whether it was taken. */
  readonly pending?: PendingVector;
}

export interface TakenVector {
  readonly block: number;
  /** 1 to 65,535, by hotkey. */
  readonly values: ReadonlyMap<string, number>;
}

export interface PendingVector extends TakenVector {
  readonly id: string;
  /** The validator's last update before it. */
  readonly lastUpdate: number;
  /** The averages that hold once it was taken. */
  readonly averages: ReadonlyMap<string, number>;
}

/** A vector and what it rests on; written before it is sent. */
export interface VectorRecord {
  readonly kind: 'vector';
  /** The outcome's record has the same. */
  readonly id: string;
  /** RFC 3339. */
  readonly time: string;
  readonly terms: Omit<WeightTerms, 'hotkeys' | 'versionKey'> & { readonly versionKey: string };
  readonly policyVersion: string;
  readonly policyHash: string;
  readonly versionKey: string;
  readonly miners: readonly WeightedMiner[];
}

export interface WeightedMiner {
  /** Absent when it is not on the subnet any more. */
  readonly uid?: number;
  readonly hotkey: string;
  /** In [0, 1]; 0 when it was never asked or is not on the subnet. */
  readonly score: number;
  /** The moving average before and after this score. */
  readonly averageBefore: number;
  readonly average: number;
  /** 0 to 65,535; 0 is not in the vector. */
  readonly value: number;
  /** Without the scores' parts, which are two thirds of the bytes and go into no weight. */
  readonly ratings: readonly Omit<MinerRating, 'parts'>[];
}

export interface OutcomeRecord {
  readonly kind: 'outcome';
  readonly id: string;
  readonly time: string;
  readonly outcome:
    | WeightOutcome
    /** Seen afterwards by the validator's last update. */
    | { readonly kind: 'found'; readonly block: number }
    | { readonly kind: 'lost' };
}

/** Where a validator keeps its weights and what they rest on, across restarts. */
export interface WeightLedger {
  /** Absent the first time, and when what was kept cannot be read. @throws Error of the system */
  load(): Promise<WeightState | undefined>;
  /** Replaces all of it, or nothing; durable when it resolves. @throws Error of the system, such as ENOSPC */
  save(state: WeightState): Promise<void>;
  /** Durable when it resolves. The oldest records go when there is too much. @throws Error of the system */
  append(record: VectorRecord | OutcomeRecord): Promise<void>;
}
