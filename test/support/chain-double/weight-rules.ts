import type { Ledger } from './ledger.js';
import { stakeOf, uidOf } from './subnet.js';

/** Name of a module error of the runtime, or of a check that only the pool makes. */
export type RuleBreach = string;

export interface WeightCall {
  readonly netuid: number;
  readonly who: string;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly versionKey: number;
}

const FULL_WEIGHT = 65_535;

/** The checks of `set_weights` in the runtime's order; the first that fails. */
export function breachOfSetWeights(ledger: Ledger, call: WeightCall): RuleBreach | undefined {
  if (call.netuid === 0) return 'CanNotSetRootNetworkWeights';
  if (ledger.read('subtensorModule.commitRevealWeightsEnabled', [call.netuid])?.toJSON() === true)
    return 'CommitRevealEnabled';
  return breachOfVector(ledger, call, 'rate limited');
}

/** The checks that a revealed vector meets too; the rate was limited when it was committed. */
export function breachOfVector(
  ledger: Ledger,
  call: WeightCall,
  rate: 'rate limited' | 'revealed',
): RuleBreach | undefined {
  const { netuid, who, uids, values } = call;
  if (uids.length !== values.length) return 'WeightVecNotEqualSize';
  if (!subnetExists(ledger, netuid)) return 'SubnetNotExists';
  if (uids.length > ledger.number('subtensorModule.subnetworkN', [netuid]))
    return 'UidsLengthExceedUidsInSubNet';
  const uid = uidOf(ledger, netuid, who);
  if (uid === undefined) return 'HotKeyNotRegisteredInSubNet';
  if (stakeIsLow(ledger, netuid, who)) return 'NotEnoughStakeToSetWeights';
  if (call.versionKey < ledger.number('subtensorModule.weightsVersionKey', [netuid]))
    return 'IncorrectWeightVersionKey';
  if (rate === 'rate limited' && isTooFast(ledger, netuid, uid)) return 'SettingWeightsTooFast';
  return breachOfContent(ledger, call, uid);
}

function breachOfContent(ledger: Ledger, call: WeightCall, uid: number): RuleBreach | undefined {
  const { netuid, uids, values } = call;
  const self = uids.length === 1 && uids[0] === uid;
  const permits = ledger.list<boolean>('subtensorModule.validatorPermit', [netuid]);
  if (!self && permits[uid] !== true && !isOwner(ledger, netuid, call.who)) return 'NeuronNoValidatorPermit';
  if (new Set(uids).size !== uids.length) return 'DuplicateUids';
  const size = ledger.number('subtensorModule.subnetworkN', [netuid]);
  if (uids.some((each) => each >= size)) return 'UidVecContainInvalidOne';
  if (!self && uids.length < ledger.number('subtensorModule.minAllowedWeights', [netuid]))
    return 'WeightVecLengthIsLow';
  const limit = ledger.number('subtensorModule.maxWeightsLimit', [netuid]);
  const sum = values.reduce((total, value) => total + value, 0);
  if (!self && limit < FULL_WEIGHT && Math.max(...values) / sum > limit / FULL_WEIGHT)
    return 'MaxWeightExceeded';
  return undefined;
}

/** Stores a vector as the runtime does: raised so that the largest is 65,535. Returns the uid. */
export function storeWeights(ledger: Ledger, call: WeightCall): number {
  const uid = uidOf(ledger, call.netuid, call.who)!;
  const largest = Math.max(...call.values);
  const raised = call.values.map((value) =>
    largest === 0 ? 0 : Math.round((value * FULL_WEIGHT) / largest),
  );
  ledger.write(
    'subtensorModule.weights',
    [call.netuid, uid],
    call.uids.map((each, at) => [each, raised[at]]),
  );
  return uid;
}

export function touchLastUpdate(ledger: Ledger, netuid: number, uid: number): void {
  const updates = ledger.list<number>('subtensorModule.lastUpdate', [netuid]);
  ledger.write(
    'subtensorModule.lastUpdate',
    [netuid],
    updates.map((block, each) => (each === uid ? ledger.block : block)),
  );
}

export const subnetExists = (ledger: Ledger, netuid: number): boolean =>
  ledger.read('subtensorModule.networksAdded', [netuid])?.toJSON() === true;

export const stakeIsLow = (ledger: Ledger, netuid: number, who: string): boolean =>
  stakeOf(ledger, netuid, who).total < BigInt(ledger.read('subtensorModule.stakeThreshold')!.toString());

/** Whose hotkey needs no permit; in the runtime of 2025 it did. */
const isOwner = (ledger: Ledger, netuid: number, who: string): boolean =>
  ledger.runtime.metadataVersion > 15 &&
  ledger.read('subtensorModule.subnetOwnerHotkey', [netuid])?.toString() === who;

/** Whether fewer blocks than the limit have passed; never for the first time. */
export function isTooFast(ledger: Ledger, netuid: number, uid: number): boolean {
  const last = ledger.list<number>('subtensorModule.lastUpdate', [netuid])[uid] ?? 0;
  return last !== 0 && ledger.block - last < ledger.number('subtensorModule.weightsSetRateLimit', [netuid]);
}
