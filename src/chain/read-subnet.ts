import type { ApiPromise } from '@polkadot/api';
import type { ApiDecoration } from '@polkadot/api/types';
import type { Hotkey } from '../domain/ids.js';
import type { Axon, Metagraph, Neuron } from '../domain/network-view.js';
import { fromChainAddress } from './axon-address.js';
import { bigOf, booleanOf, listOf, numberOf, objectOf, textOf, type Json } from './read-json.js';

/** Rao in a TAO. */
const RAO = 1e9;

/** Fields of the metagraph that are asked for, by their places in the runtime's structure. */
const FIELDS = {
  ownerHotkey: 5,
  block: 7,
  tempo: 8,
  minAllowedWeights: 24,
  maxWeightsLimit: 25,
  weightsVersion: 26,
  weightsRateLimit: 27,
  commitRevealEnabled: 46,
  commitRevealPeriod: 47,
  hotkeys: 52,
  axons: 55,
  validatorPermit: 57,
  lastUpdate: 59,
  totalStake: 69,
} as const;

/** What a subnet asks of weights. */
export interface Hyperparameters {
  /** Blocks. */
  readonly tempo: number;
  readonly minAllowedWeights: number;
  /** Of 65,535. */
  readonly maxWeightsLimit: number;
  readonly weightsVersion: bigint;
  /** Blocks. */
  readonly weightsRateLimit: number;
  readonly commitReveal: boolean;
  /** Epochs. */
  readonly revealPeriod: number;
}

/** A subnet at one block. */
export interface SubnetReading {
  readonly metagraph: Metagraph & { readonly block: number };
  readonly hyperparameters: Hyperparameters;
  /** Of the subnet's owner. */
  readonly ownerHotkey: string;
}

export interface SubnetName {
  readonly netuid: number;
  readonly network: string;
}

type State = ApiDecoration<'promise'>;

/**
 * Reads a subnet at one block: in one call, selective where the runtime has that, else whole; from the list of
 * neurons and the storages where it has neither.
 *
 * @returns undefined when the subnet does not exist
 * @throws Error when nothing is heard of the node, or what it says is not understood
 */
export async function readSubnet(
  api: ApiPromise,
  hash: string,
  name: SubnetName,
): Promise<SubnetReading | undefined> {
  const state = await api.at(hash);
  const calls = state.call['subnetInfoRuntimeApi'];
  const selective = calls?.['getSelectiveMetagraph'];
  const whole = calls?.['getMetagraph'];
  if (selective === undefined && whole === undefined) return fromNeurons(state, name);
  const answer: unknown = (
    await (selective?.(name.netuid, Object.values(FIELDS)) ?? whole?.(name.netuid))
  )?.toJSON();
  if (answer === null || answer === undefined) return undefined;
  const fields = objectOf(answer, 'metagraph');
  return {
    metagraph: metagraphOf(fields, name),
    hyperparameters: hyperparametersOf(fields),
    ownerHotkey: textOf(fields['ownerHotkey'], 'ownerHotkey'),
  };
}

function metagraphOf(fields: Json, { netuid, network }: SubnetName): SubnetReading['metagraph'] {
  const [axons, permits, updates, stakes] = (
    ['axons', 'validatorPermit', 'lastUpdate', 'totalStake'] as const
  ).map((field) => listOf(fields, field));
  const neurons = listOf(fields, 'hotkeys').map((hotkey, uid) =>
    neuronOf({
      uid,
      hotkey,
      axon: axons?.[uid],
      permit: permits?.[uid],
      lastUpdate: updates?.[uid],
      stakeRao: bigOf(stakes?.[uid], 'totalStake'),
    }),
  );
  return { netuid, network, source: 'chain', neurons, block: numberOf(fields['block'], 'block') };
}

function hyperparametersOf(fields: Json): Hyperparameters {
  // Named otherwise in the storages of the same runtime and in some releases of the structure.
  const commitReveal = fields['commitRevealWeightsEnabled'] ?? fields['commitRevealEnabled'];
  return {
    tempo: numberOf(fields['tempo'], 'tempo'),
    minAllowedWeights: numberOf(fields['minAllowedWeights'], 'minAllowedWeights'),
    maxWeightsLimit: numberOf(fields['maxWeightsLimit'], 'maxWeightsLimit'),
    weightsVersion: bigOf(fields['weightsVersion'], 'weightsVersion'),
    weightsRateLimit: numberOf(fields['weightsRateLimit'], 'weightsRateLimit'),
    commitReveal: booleanOf(commitReveal, 'commitRevealWeightsEnabled'),
    revealPeriod: numberOf(fields['commitRevealPeriod'], 'commitRevealPeriod'),
  };
}

interface NeuronFields {
  readonly uid: number;
  readonly hotkey: unknown;
  readonly axon: unknown;
  readonly permit: unknown;
  readonly lastUpdate: unknown;
  readonly stakeRao: bigint;
}

function neuronOf({ uid, hotkey, axon, permit, lastUpdate, stakeRao }: NeuronFields): Neuron {
  const served = axonOf(objectOf(axon, 'axon'));
  return {
    uid,
    hotkey: textOf(hotkey, 'hotkey') as Hotkey,
    stake: Number(stakeRao) / RAO,
    validatorPermit: booleanOf(permit, 'validatorPermit'),
    lastUpdate: numberOf(lastUpdate, 'lastUpdate'),
    ...(served !== undefined && { axon: served }),
  };
}

/** One that never served is all zero. */
function axonOf(fields: Json): Axon | undefined {
  const port = numberOf(fields['port'], 'port');
  const ip = fromChainAddress({
    ip: bigOf(fields['ip'], 'ip'),
    ipType: numberOf(fields['ipType'], 'ipType'),
  });
  return port === 0 || ip === undefined ? undefined : { ip, port };
}

async function fromNeurons(
  state: State,
  { netuid, network }: SubnetName,
): Promise<SubnetReading | undefined> {
  const lite = state.call['neuronInfoRuntimeApi']?.['getNeuronsLite'];
  const storage = state.query['subtensorModule'];
  if (lite === undefined || storage === undefined)
    throw new Error('the runtime has no calls of Subtensor: it is another chain');
  const read = async (item: string): Promise<unknown> => (await storage[item]?.(netuid))?.toJSON();
  if ((await read('networksAdded')) !== true) return undefined;
  const [answer, block, ...values] = await Promise.all([
    lite(netuid),
    state.query['system']?.['number']?.(),
    ...Object.values(STORAGES).map(read),
  ]);
  const rows = listOf({ neurons: answer.toJSON() }, 'neurons').map((row) => objectOf(row, 'neuron'));
  const fields = Object.fromEntries(Object.keys(STORAGES).map((field, place) => [field, values[place]]));
  return {
    metagraph: {
      netuid,
      network,
      source: 'chain',
      block: numberOf(block?.toJSON(), 'block'),
      neurons: rows.map((row) =>
        neuronOf({
          uid: numberOf(row['uid'], 'uid'),
          hotkey: row['hotkey'],
          axon: row['axonInfo'],
          permit: row['validatorPermit'],
          lastUpdate: row['lastUpdate'],
          stakeRao: stakeOf(row),
        }),
      ),
    },
    hyperparameters: hyperparametersOf(fields),
    ownerHotkey: textOf(fields['ownerHotkey'], 'ownerHotkey'),
  };
}

/** Storages that hold what the metagraph would say, by its names. */
const STORAGES = {
  ownerHotkey: 'subnetOwnerHotkey',
  tempo: 'tempo',
  minAllowedWeights: 'minAllowedWeights',
  maxWeightsLimit: 'maxWeightsLimit',
  weightsVersion: 'weightsVersionKey',
  weightsRateLimit: 'weightsSetRateLimit',
  commitRevealWeightsEnabled: 'commitRevealWeightsEnabled',
  commitRevealPeriod: 'revealPeriodEpochs',
} as const;

/** The sum over those who stake. */
function stakeOf(row: Json): bigint {
  return listOf(row, 'stake').reduce<bigint>(
    (sum, entry) => sum + bigOf(Array.isArray(entry) ? (entry as unknown[])[1] : undefined, 'stake'),
    0n,
  );
}
