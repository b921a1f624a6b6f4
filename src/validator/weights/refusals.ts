import { backoffMs, type Backoff } from '../../domain/backoff.js';
import type { WeightRefusal, WeightTerms } from '../../domain/weight-setter.js';

/** A chain's block, in milliseconds. */
export const BLOCK_MS = 12_000;
const MINUTE_MS = 60_000;

interface Reaction {
  /** Until the next look, longer each time. */
  readonly backoff: Backoff;
  /** What the operator can do, or what is waited for. */
  readonly advice: string;
  /** Whether it needs the operator. */
  readonly level: 'info' | 'warn';
}

/** The operator's move or the chain's: nothing changes within a block. */
const SELDOM: Backoff = { baseMs: 5 * MINUTE_MS, capMs: 10 * MINUTE_MS };
/** Each further try writes a vector to the disk. */
const RARELY: Backoff = { baseMs: MINUTE_MS, capMs: 60 * MINUTE_MS };

export const REACTIONS: Readonly<Record<WeightRefusal, Reaction>> = {
  too_fast: {
    backoff: { baseMs: 2 * BLOCK_MS, capMs: 20 * MINUTE_MS },
    advice: "waiting for the subnet's rate limit",
    level: 'info',
  },
  no_permit: { backoff: SELDOM, advice: 'waiting for a validator permit, which stake earns', level: 'warn' },
  stake_too_low: { backoff: SELDOM, advice: 'waiting for stake on the hotkey', level: 'warn' },
  not_registered: {
    backoff: SELDOM,
    advice: 'register the hotkey on the subnet; looking again',
    level: 'warn',
  },
  version_key_too_low: {
    backoff: SELDOM,
    advice: 'use a newer audio-subnet or scoring policy; looking again',
    level: 'warn',
  },
  commit_reveal_changed: {
    backoff: { baseMs: BLOCK_MS, capMs: 60 * MINUTE_MS },
    advice: 'reading the terms again',
    level: 'info',
  },
  too_many_unrevealed: {
    backoff: { baseMs: 10 * MINUTE_MS, capMs: 60 * MINUTE_MS },
    advice: 'waiting for earlier commits to be revealed',
    level: 'warn',
  },
  vector_invalid: { backoff: RARELY, advice: 'reading the terms again', level: 'warn' },
  no_subnet: {
    backoff: SELDOM,
    advice: 'check --netuid and --subtensor.network; looking again',
    level: 'warn',
  },
  unreachable: {
    backoff: { baseMs: 5_000, capMs: 10 * MINUTE_MS },
    advice: 'check --subtensor.network; trying again',
    level: 'warn',
  },
  other: { backoff: RARELY, advice: 'trying again', level: 'warn' },
};

export interface Hindrance {
  readonly reason: WeightRefusal;
  readonly message: string;
}

/** Why the subnet would turn away any weights now, as far as its terms tell: then nothing is sent. */
export function hindranceOf(terms: WeightTerms, versionKey: bigint): Hindrance | undefined {
  if (terms.self === undefined)
    return { reason: 'not_registered', message: 'the hotkey is not registered on the subnet' };
  if (!terms.self.permit) return { reason: 'no_permit', message: 'the hotkey holds no validator permit' };
  if (versionKey < terms.versionKey)
    return {
      reason: 'version_key_too_low',
      message: `the subnet wants version key ${terms.versionKey} or more, and this scoring policy has ${versionKey}`,
    };
  return undefined;
}

/** Milliseconds until the next look. @param failures in a row for this reason, from 1 @param random in [0, 1) */
export function delayAfter(reason: WeightRefusal, failures: number, random: number): number {
  return backoffMs(REACTIONS[reason].backoff, failures, random);
}
