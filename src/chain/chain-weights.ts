import type { ApiDecoration } from '@polkadot/api/types';
import { Refusal } from '../domain/errors.js';
import type {
  WeightOutcome,
  WeightRefusal,
  WeightSetter,
  WeightTerms,
  WeightVector,
} from '../domain/weight-setter.js';
import type { HotkeyPair } from '../wallet/hotkey.js';
import type { ChainSubnet } from './chain-subnet.js';
import { numberOf } from './read-json.js';
import type { SubnetReading } from './read-subnet.js';
import { weightRefusal } from './refusal-names.js';
import { revealRound } from './reveal-round.js';
import type { ChainSession } from './session.js';
import { submit, type Call } from './submit.js';
import { timelock } from './timelock.js';
import type { Turn } from './turn.js';
import { messageOf } from '../runtime/message-of.js';

/** The form of commits that is written here; a chain that wants another one refuses it. */
const COMMIT_REVEAL_VERSION = 4;
const FULL_SHARE = 65_535;

export interface NeuronDoor {
  readonly subnet: ChainSubnet;
  readonly pair: HotkeyPair;
  /** One transaction of a hotkey at a time: each needs the next nonce. */
  readonly turn: Turn;
}

/** Sets the weights of one validator on a chain, or commits them where the subnet hides them at first. */
export class ChainWeights implements WeightSetter {
  readonly #door: NeuronDoor;

  constructor(door: NeuronDoor) {
    this.#door = door;
  }

  async terms(signal: AbortSignal): Promise<WeightTerms> {
    signal.throwIfAborted();
    const session = this.#door.subnet.session();
    const reading = await this.#read(session).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw cause instanceof Refusal
        ? cause
        : new Refusal('UNAVAILABLE', `the terms of weights cannot be read: ${messageOf(cause)}`, { cause });
    });
    return termsOf(reading.reading, this.#door.pair);
  }

  set(vector: WeightVector, signal: AbortSignal): Promise<WeightOutcome> {
    return this.#door.turn.take(signal, async () => {
      try {
        const session = this.#door.subnet.session();
        const { reading, hash } = await this.#read(session);
        return reading.hyperparameters.commitReveal
          ? await this.#commit({ session, reading, hash, vector }, signal)
          : await this.#set(session, vector, signal);
      } catch (error) {
        signal.throwIfAborted();
        return refused('unreachable', messageOf(error));
      }
    });
  }

  /** @throws Refusal UNAVAILABLE, Error */
  async #read(session: ChainSession): Promise<{ readonly reading: SubnetReading; readonly hash: string }> {
    const { subnet } = this.#door;
    const hash = (await session.api.rpc.chain.getBlockHash()).toHex();
    const reading = await subnet.read(session, hash);
    if (reading === undefined) throw new Refusal('UNAVAILABLE', `the chain has no subnet ${subnet.netuid}`);
    return { reading, hash };
  }

  async #set(session: ChainSession, { uids, values, versionKey }: WeightVector, signal: AbortSignal) {
    const make = session.api.tx['subtensorModule']?.['setWeights'];
    if (make === undefined) return refused('other', 'the chain knows no set_weights');
    const { netuid } = this.#door.subnet;
    return this.#submit(session, make(netuid, [...uids], [...values], versionKey), signal);
  }

  async #commit({ session, reading, hash, vector }: Commit, signal: AbortSignal): Promise<WeightOutcome> {
    const { subnet, pair } = this.#door;
    const make = session.api.tx['subtensorModule']?.['commitTimelockedWeights'];
    if (make === undefined)
      return refused('other', 'the subnet hides weights, and the chain takes no timelocked commits of them');
    const state = await session.api.at(hash);
    const version = await storedNumber(state, 'subtensorModule', 'commitRevealWeightsVersion');
    if (version !== COMMIT_REVEAL_VERSION)
      return refused(
        'other',
        `the chain wants commits of version ${version}, this program writes version ${COMMIT_REVEAL_VERSION}: update it`,
      );
    const round = await this.#round(state, reading);
    const plain = session.api.registry
      .createType('(Vec<u8>, Vec<u16>, Vec<u16>, u64)', [
        [...pair.publicKey],
        [...vector.uids],
        [...vector.values],
        vector.versionKey,
      ])
      .toU8a();
    const bytes = `0x${Buffer.from(await timelock(plain, round)).toString('hex')}`;
    const outcome = await this.#submit(session, make(subnet.netuid, bytes, round, version), signal);
    return outcome.kind === 'set' ? { kind: 'committed', block: outcome.block, revealRound: round } : outcome;
  }

  async #round(
    state: ApiDecoration<'promise'>,
    { metagraph, hyperparameters }: SubnetReading,
  ): Promise<number> {
    const { netuid, block } = metagraph;
    const nextEpoch = state.call['subnetInfoRuntimeApi']?.['getNextEpochStartBlock'];
    const [blockTimeMs, lastStoredRound, next] = await Promise.all([
      storedNumber(state, 'timestamp', 'now'),
      storedNumber(state, 'drand', 'lastStoredRound'),
      nextEpoch?.(netuid),
    ]);
    const nextEpochStart: unknown = next?.toJSON();
    return revealRound({
      block,
      blockTimeMs,
      netuid,
      tempo: hyperparameters.tempo,
      revealPeriod: hyperparameters.revealPeriod,
      lastStoredRound,
      ...(typeof nextEpochStart === 'number' && { nextEpochStart }),
    });
  }

  async #submit(session: ChainSession, call: Call, signal: AbortSignal): Promise<WeightOutcome> {
    const { pair, subnet } = this.#door;
    const result = await submit({ session, call, pair, clock: subnet.clock, signal });
    switch (result.kind) {
      case 'included':
        return { kind: 'set', block: result.block };
      case 'refused':
        return refused(weightRefusal(result.error), result.message);
      case 'unknown':
        // Whether it was taken after all shows in the last update that the next terms hold.
        return refused('unreachable', result.message);
    }
  }
}

interface Commit {
  readonly session: ChainSession;
  readonly reading: SubnetReading;
  readonly hash: string;
  readonly vector: WeightVector;
}

function termsOf(
  { metagraph, hyperparameters, ownerHotkey }: SubnetReading,
  { address }: HotkeyPair,
): WeightTerms {
  const self = metagraph.neurons.find(({ hotkey }) => hotkey === address);
  // Runtimes of 2025 want one of the owner too: they refuse by that name what is sent.
  const needsNoPermit = address === ownerHotkey;
  return {
    block: metagraph.block,
    tempo: hyperparameters.tempo,
    minAllowed: hyperparameters.minAllowedWeights,
    maxShare: hyperparameters.maxWeightsLimit / FULL_SHARE,
    versionKey: hyperparameters.weightsVersion,
    rateLimit: hyperparameters.weightsRateLimit,
    commitReveal: hyperparameters.commitReveal,
    ...(self !== undefined && {
      self: {
        uid: self.uid,
        permit: self.validatorPermit || needsNoPermit,
        lastUpdate: self.lastUpdate ?? 0,
      },
    }),
    hotkeys: metagraph.neurons.map(({ hotkey }) => hotkey),
  };
}

async function storedNumber(state: ApiDecoration<'promise'>, pallet: string, item: string): Promise<number> {
  const value = await state.query[pallet]?.[item]?.();
  return numberOf(value?.toJSON(), `${pallet}.${item}`);
}

function refused(reason: WeightRefusal, message: string): WeightOutcome {
  return { kind: 'refused', reason, message };
}
