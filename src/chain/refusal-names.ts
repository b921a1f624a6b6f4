import type { AnnounceOutcome, WeightRefusal } from '../domain/weight-setter.js';

export type AnnounceRefusal = Extract<AnnounceOutcome, { readonly kind: 'refused' }>['reason'];

/**
 * What Subtensor's transaction extension refuses before a transaction reaches a block, by the number in
 * `Custom error: N`. The names are those of the errors that older runtimes give in the block for the same check.
 */
export const POOL_CODES: Readonly<Record<number, string>> = {
  1: 'NotEnoughStakeToSetWeights',
  2: 'NotEnoughBalanceToStake',
  3: 'SubnetNotExists',
  4: 'HotKeyAccountNotExists',
  // Setting and committing alike.
  6: 'SettingWeightsTooFast',
  10: 'HotKeyNotRegisteredInNetwork',
  11: 'InvalidIpAddress',
  12: 'ServingRateLimitExceeded',
  13: 'InvalidPort',
  // No dispatch error: only the pool knows it.
  15: 'RevealRoundPassed',
  16: 'NoWeightsCommitFound',
  17: 'RevealTooEarly',
  18: 'InputLengthsUnequal',
  19: 'HotKeyNotRegisteredInSubNet',
};

/** Matched by name, as numbers of errors change from runtime to runtime. */
const WEIGHT_REFUSALS: Readonly<Record<string, WeightRefusal>> = {
  SettingWeightsTooFast: 'too_fast',
  CommittingWeightsTooFast: 'too_fast',
  NeuronNoValidatorPermit: 'no_permit',
  NotEnoughStakeToSetWeights: 'stake_too_low',
  HotKeyNotRegisteredInSubNet: 'not_registered',
  HotKeyNotRegisteredInNetwork: 'not_registered',
  HotKeyAccountNotExists: 'not_registered',
  IncorrectWeightVersionKey: 'version_key_too_low',
  CommitRevealEnabled: 'commit_reveal_changed',
  CommitRevealDisabled: 'commit_reveal_changed',
  // The round is chosen anew from fresh terms.
  RevealRoundPassed: 'commit_reveal_changed',
  TooManyUnrevealedCommits: 'too_many_unrevealed',
  WeightVecNotEqualSize: 'vector_invalid',
  InputLengthsUnequal: 'vector_invalid',
  UidsLengthExceedUidsInSubNet: 'vector_invalid',
  DuplicateUids: 'vector_invalid',
  UidVecContainInvalidOne: 'vector_invalid',
  WeightVecLengthIsLow: 'vector_invalid',
  MaxWeightExceeded: 'vector_invalid',
  SubnetNotExists: 'no_subnet',
  // The same in runtimes of 2025.
  SubNetworkDoesNotExist: 'no_subnet',
};

const ANNOUNCE_REFUSALS: Readonly<Record<string, AnnounceRefusal>> = {
  HotKeyNotRegisteredInNetwork: 'not_registered',
  HotKeyNotRegisteredInSubNet: 'not_registered',
  HotKeyAccountNotExists: 'not_registered',
  ServingRateLimitExceeded: 'too_fast',
  InvalidIpAddress: 'bad_address',
  InvalidIpType: 'bad_address',
  InvalidPort: 'bad_address',
  SubnetNotExists: 'no_subnet',
  SubNetworkDoesNotExist: 'no_subnet',
};

/** What an error of the runtime means to whoever sets weights. */
export function weightRefusal(name: string): WeightRefusal {
  return WEIGHT_REFUSALS[name] ?? 'other';
}

/** What an error of the runtime means to whoever announces an axon. */
export function announceRefusal(name: string): AnnounceRefusal {
  return ANNOUNCE_REFUSALS[name] ?? 'other';
}
