import type { Hotkey } from './ids.js';

/** What a subnet asks of a validator's weights, read at one block. A block of a chain takes 12 s. */
export interface WeightTerms {
  readonly block: number;
  /** Blocks from one epoch to the next. */
  readonly tempo: number;
  /** Fewest weights that a vector may have. */
  readonly minAllowed: number;
  /** Largest share of the sum that one weight may have, in (0, 1]. */
  readonly maxShare: number;
  /** A lower version key is refused; 0 takes any. */
  readonly versionKey: bigint;
  /** Least blocks between two settings of one validator. */
  readonly rateLimit: number;
  /** Whether weights are committed encrypted, and revealed by the chain later. */
  readonly commitReveal: boolean;
  /** The validator itself; absent when its hotkey is not registered. */
  readonly self?: {
    readonly uid: number;
    /** Whether it may set weights as a validator; the hotkey of the subnet's owner needs no permit for that. */
    readonly permit: boolean;
    /** Block at which it last set or committed weights; 0 when it never did. */
    readonly lastUpdate: number;
  };
  /** Who holds each uid at this block, by uid. */
  readonly hotkeys: readonly Hotkey[];
}

/** Weights as a chain takes them. */
export interface WeightVector {
  /** Ascending, none twice. */
  readonly uids: readonly number[];
  /** Of the same length; integers from 1 to 65,535, the largest 65,535. */
  readonly values: readonly number[];
  readonly versionKey: bigint;
}

/** Why weights were not taken; each wants another reaction. */
export type WeightRefusal =
  /** Wait until `rateLimit` blocks have passed since the last update. */
  | 'too_fast'
  /** Wait for a permit. */
  | 'no_permit'
  /** Wait for stake. */
  | 'stake_too_low'
  /** Register the hotkey. */
  | 'not_registered'
  /** Use a newer scoring policy or program. */
  | 'version_key_too_low'
  /** Read the terms again: what they say of commit and reveal has changed. */
  | 'commit_reveal_changed'
  /** Wait for earlier commits to be revealed. */
  | 'too_many_unrevealed'
  /** Read the terms again: the vector does not fit the subnet. */
  | 'vector_invalid'
  /** The subnet does not exist. */
  | 'no_subnet'
  /** Try again later: nothing was heard of the chain, or the outcome is not known. */
  | 'unreachable'
  /** Something else, in words in the message. */
  | 'other';

export type WeightOutcome =
  | { readonly kind: 'set'; readonly block: number }
  | {
      readonly kind: 'committed';
      readonly block: number;
      /** Round of drand quicknet whose signature opens the commit. */
      readonly revealRound: number;
    }
  | { readonly kind: 'refused'; readonly reason: WeightRefusal; readonly message: string };

/** Where a validator's weights go. */
export interface WeightSetter {
  /** @throws Refusal UNAVAILABLE when they cannot be read */
  terms(signal: AbortSignal): Promise<WeightTerms>;
  /** Sets or commits, as the subnet has it. @throws the signal's reason, nothing else */
  set(vector: WeightVector, signal: AbortSignal): Promise<WeightOutcome>;
}

/** What a neuron says of itself on the subnet. */
export interface AxonAnnouncer {
  /** Where it serves; changes nothing when the subnet already shows that. @throws the signal's reason, nothing else */
  announce(
    axon: { readonly ip: string; readonly port: number },
    signal: AbortSignal,
  ): Promise<AnnounceOutcome>;
}

export type AnnounceOutcome =
  | { readonly kind: 'announced'; readonly block: number }
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'refused';
      readonly reason: 'not_registered' | 'too_fast' | 'bad_address' | 'no_subnet' | 'unreachable' | 'other';
      readonly message: string;
    };
