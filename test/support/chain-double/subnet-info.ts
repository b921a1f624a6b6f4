import type { Ledger } from './ledger.js';
import { epochOf, firstBlockOf, stakeOf } from './subnet.js';
import { subnetExists } from './weight-rules.js';

const S = 'subtensorModule';

/** What the runtime calls say of each neuron, by uid. */
interface NeuronRow {
  readonly uid: number;
  readonly hotkey: string;
  readonly coldkey: string;
  readonly axon: unknown;
  readonly active: boolean;
  readonly permit: boolean;
  readonly lastUpdate: number;
  readonly registeredAt: number;
  readonly stake: ReturnType<typeof stakeOf>;
}

function rowsOf(ledger: Ledger, netuid: number): NeuronRow[] {
  const active = ledger.list<boolean>(`${S}.active`, [netuid]);
  const permits = ledger.list<boolean>(`${S}.validatorPermit`, [netuid]);
  const updates = ledger.list<number>(`${S}.lastUpdate`, [netuid]);
  return Array.from({ length: ledger.number(`${S}.subnetworkN`, [netuid]) }, (_, uid) => {
    const hotkey = ledger.read(`${S}.keys`, [netuid, uid])!.toString();
    return {
      uid,
      hotkey,
      coldkey: ledger.read(`${S}.owner`, [hotkey])!.toString(),
      axon: ledger.read(`${S}.axons`, [netuid, hotkey])?.toJSON(),
      active: active[uid] ?? false,
      permit: permits[uid] ?? false,
      lastUpdate: updates[uid] ?? 0,
      registeredAt: ledger.number(`${S}.blockAtRegistration`, [netuid, uid]),
      stake: stakeOf(ledger, netuid, hotkey),
    };
  });
}

/** Fields of a metagraph by their names in the runtime; those not named are at their defaults. */
export function metagraphOf(ledger: Ledger, netuid: number): object | undefined {
  if (!subnetExists(ledger, netuid)) return undefined;
  const rows = rowsOf(ledger, netuid);
  const since = ledger.number(`${S}.blocksSinceLastStep`, [netuid]);
  return {
    netuid,
    name: [...Buffer.from('audio')],
    symbol: [...Buffer.from('α')],
    ownerHotkey: ledger.read(`${S}.subnetOwnerHotkey`, [netuid])?.toString(),
    block: ledger.block,
    lastStep: Math.max(0, ledger.block - since),
    blocksSinceLastStep: since,
    numUids: rows.length,
    maxUids: ledger.number(`${S}.maxAllowedUids`, [netuid]),
    ...hyperparametersOf(ledger, netuid),
    hotkeys: rows.map(({ hotkey }) => hotkey),
    coldkeys: rows.map(({ coldkey }) => coldkey),
    identities: rows.map(() => null),
    axons: rows.map(({ axon }) => axon ?? {}),
    active: rows.map(({ active }) => active),
    validatorPermit: rows.map(({ permit }) => permit),
    lastUpdate: rows.map(({ lastUpdate }) => lastUpdate),
    blockAtRegistration: rows.map(({ registeredAt }) => registeredAt),
    ...Object.fromEntries(
      ['pruningScore', 'emission', 'dividends', 'incentives', 'consensus', 'trust', 'rank'].map((name) => [
        name,
        rows.map(() => 0),
      ]),
    ),
    alphaStake: rows.map(({ stake }) => stake.alpha),
    taoStake: rows.map(({ stake }) => stake.tao),
    totalStake: rows.map(({ stake }) => stake.total),
    validators: rows.filter(({ permit }) => permit).map(({ uid }) => uid),
  };
}

/** The subnet's settings, for the metagraph and for the calls of their own. */
export function hyperparametersOf(ledger: Ledger, netuid: number): object | undefined {
  if (!subnetExists(ledger, netuid)) return undefined;
  const number = (name: string): number => ledger.number(`${S}.${name}`, [netuid]);
  return {
    tempo: number('tempo'),
    kappa: number('kappa'),
    rho: number('rho'),
    immunityPeriod: number('immunityPeriod'),
    minAllowedWeights: number('minAllowedWeights'),
    maxWeightsLimit: number('maxWeightsLimit'),
    weightsVersion: number('weightsVersionKey'),
    weightsRateLimit: number('weightsSetRateLimit'),
    activityCutoff: number('activityCutoff'),
    servingRateLimit: number('servingRateLimit'),
    maxValidators: number('maxAllowedValidators'),
    commitRevealPeriod: number('revealPeriodEpochs'),
    commitRevealWeightsEnabled: ledger.read(`${S}.commitRevealWeightsEnabled`, [netuid])?.toJSON(),
  };
}

export function neuronsOf(ledger: Ledger, netuid: number): object[] {
  return rowsOf(ledger, netuid).map((row) => ({
    hotkey: row.hotkey,
    coldkey: row.coldkey,
    uid: row.uid,
    netuid,
    active: row.active,
    axonInfo: row.axon ?? {},
    stake: [[row.coldkey, row.stake.total]],
    lastUpdate: row.lastUpdate,
    validatorPermit: row.permit,
  }));
}

/** First block of the next epoch; undefined for a subnet that does not exist. */
export function nextEpochStart(ledger: Ledger, netuid: number): number | undefined {
  if (!subnetExists(ledger, netuid)) return undefined;
  return firstBlockOf(ledger, netuid, epochOf(ledger, netuid) + 1);
}
