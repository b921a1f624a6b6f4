import { expect } from 'chai';
import { ChainAnnouncer } from '../../../src/chain/chain-announcer.js';
import { ChainWeights } from '../../../src/chain/chain-weights.js';
import { Turn } from '../../../src/chain/turn.js';
import type { WeightRefusal, WeightVector } from '../../../src/domain/weight-setter.js';
import type { HotkeyPair } from '../../../src/wallet/hotkey.js';
import type { ChainDouble } from '../../support/chain-double/chain-double.js';
import { PUBLISHED_PULSES, roundAt } from '../../support/chain-double/drand.js';
import {
  clientOf,
  eventually,
  hotkey,
  needMetadata,
  NETUID,
  smallChain,
  type Client,
} from '../../support/chain-subnet.js';

const VECTOR: WeightVector = { uids: [0, 1], values: [1000, 65_535], versionKey: 3n };
const ROUND = 1000;

describe('a neuron on a chain (a double)', function () {
  this.timeout(20_000);
  let double: ChainDouble;
  let client: Client | undefined;
  let validator: HotkeyPair;
  let stranger: HotkeyPair;
  const { signal } = new AbortController();

  before(async function () {
    needMetadata(this);
    [validator, stranger] = await Promise.all([hotkey(1), hotkey(9)]);
    double = await smallChain({ startBlock: 200 });
    client = clientOf(double.url);
    await eventually(() => client?.subnet.current()?.connected === true);
  });
  after(async () => {
    if (client === undefined) return;
    await client.subnet.stop();
    await double.stop();
  });
  beforeEach(() => {
    double.setHyperparameters({
      commitRevealWeightsEnabled: false,
      weightsVersionKey: 0,
      weightsSetRateLimit: 0,
    });
    double.advance();
  });

  const doors = (pair = validator) => ({ subnet: client!.subnet, pair, turn: new Turn() });
  const weights = (pair = validator) => new ChainWeights(doors(pair));
  const announcer = (pair = validator) => new ChainAnnouncer(doors(pair));

  it('reads what the subnet asks of weights', async () => {
    double.setHyperparameters({
      tempo: 99,
      minAllowedWeights: 2,
      maxWeightsLimit: 6_553,
      weightsVersionKey: 7,
      weightsSetRateLimit: 100,
      commitRevealWeightsEnabled: true,
    });
    double.advance();
    const terms = await weights().terms(signal);
    expect(terms).to.deep.include({
      block: double.block,
      tempo: 99,
      minAllowed: 2,
      versionKey: 7n,
      rateLimit: 100,
      commitReveal: true,
    });
    expect(terms.maxShare).to.be.closeTo(0.1, 1e-4);
    expect(terms.self).to.deep.include({ uid: 0, permit: true });
    expect(terms.hotkeys).to.deep.equal([validator.address, (await hotkey(2)).address]);
    expect((await weights(stranger).terms(signal)).self).to.equal(undefined);
    double.setHyperparameters({ minAllowedWeights: 1, maxWeightsLimit: 65_535 });
  });

  it('sets weights, and the chain shows them and the block', async () => {
    const outcome = await weights().set(VECTOR, signal);
    expect(outcome).to.deep.equal({ kind: 'set', block: double.block });
    expect(double.weights(0)).to.deep.equal([
      [0, 1000],
      [1, 65_535],
    ]);
    expect((await weights().terms(signal)).self?.lastUpdate).to.equal(double.block);
  });

  it("lets the hotkey of the subnet's owner set weights without a permit", async () => {
    const owner = await hotkey(2);
    expect((await weights(owner).terms(signal)).self).to.deep.include({ uid: 1, permit: false });
    double.chain.ledger.write('subtensorModule.subnetOwnerHotkey', [NETUID], owner.address);
    double.advance();
    expect((await weights(owner).terms(signal)).self).to.deep.include({ uid: 1, permit: true });
    expect(await weights(owner).set(VECTOR, signal)).to.deep.include({ kind: 'set' });
  });

  it('commits where the subnet hides weights; the signature of the round opens them', async () => {
    double.setHyperparameters({ commitRevealWeightsEnabled: true });
    const period = double.revealBlock() - double.block;
    if (period < 12) double.advance(12);
    // The library of rounds that are known here is of 2023, so the chain's clock goes there.
    double.aimAt({ round: ROUND + 24, block: double.revealBlock() });
    double.advance();
    const outcome = await weights().set({ ...VECTOR, values: [1, 65_535] }, signal);
    expect(outcome).to.deep.equal({ kind: 'committed', block: double.block, revealRound: ROUND });
    expect(double.commits()).to.have.length(1);
    for (const [round, signature] of PUBLISHED_PULSES) double.publishPulse(round, signature);
    double.advanceTo(double.revealBlock());
    expect(double.settledCommits().at(-1)).to.deep.include({ outcome: 'revealed', round: ROUND });
    expect(double.weights(0)).to.deep.equal([
      [0, 1],
      [1, 65_535],
    ]);
  });

  it('asks a runtime that counts epochs itself when the next one begins', async () => {
    double.setHyperparameters({ commitRevealWeightsEnabled: true });
    double.advance();
    const { api } = client!.subnet.session();
    const at = api.at.bind(api);
    const start = double.block + 40;
    api.at = (async (hash: string) => {
      const state = await at(hash);
      const getNextEpochStartBlock = () => Promise.resolve({ toJSON: () => start });
      const subnetInfoRuntimeApi = { ...state.call['subnetInfoRuntimeApi'], getNextEpochStartBlock };
      return { ...state, call: { ...state.call, subnetInfoRuntimeApi } };
    }) as unknown as typeof api.at;
    try {
      const outcome = await weights().set(VECTOR, signal);
      const startMs = double.nowMs + (start - double.block) * 12_000;
      expect(outcome).to.deep.include({ kind: 'committed', revealRound: roundAt(startMs) - 24 });
    } finally {
      api.at = at;
    }
  });

  it('refuses to commit in a form that the chain does not take', async () => {
    double.setHyperparameters({ commitRevealWeightsEnabled: true });
    double.chain.ledger.write('subtensorModule.commitRevealWeightsVersion', [], 5);
    double.advance();
    expect(await weights().set(VECTOR, signal)).to.deep.include({ kind: 'refused', reason: 'other' });
    double.chain.ledger.write('subtensorModule.commitRevealWeightsVersion', [], 4);
  });

  const inBlock: readonly (readonly [string, WeightRefusal])[] = [
    ['SettingWeightsTooFast', 'too_fast'],
    ['CommittingWeightsTooFast', 'too_fast'],
    ['NeuronNoValidatorPermit', 'no_permit'],
    ['NotEnoughStakeToSetWeights', 'stake_too_low'],
    ['HotKeyNotRegisteredInSubNet', 'not_registered'],
    ['IncorrectWeightVersionKey', 'version_key_too_low'],
    ['CommitRevealEnabled', 'commit_reveal_changed'],
    ['CommitRevealDisabled', 'commit_reveal_changed'],
    ['TooManyUnrevealedCommits', 'too_many_unrevealed'],
    ['WeightVecNotEqualSize', 'vector_invalid'],
    ['UidsLengthExceedUidsInSubNet', 'vector_invalid'],
    ['DuplicateUids', 'vector_invalid'],
    ['UidVecContainInvalidOne', 'vector_invalid'],
    ['WeightVecLengthIsLow', 'vector_invalid'],
    ['MaxWeightExceeded', 'vector_invalid'],
    ['SubnetNotExists', 'no_subnet'],
    ['AmountTooLow', 'other'],
  ];
  for (const [error, reason] of inBlock)
    it(`knows ${error} in a block as ${reason}`, async () => {
      double.rejectNext({ dispatch: error });
      const outcome = await weights().set(VECTOR, signal);
      expect(outcome).to.deep.include({ kind: 'refused', reason });
      expect((outcome as { message: string }).message).to.include(error);
    });

  const inPool: readonly (readonly [number, WeightRefusal])[] = [
    [1, 'stake_too_low'],
    [3, 'no_subnet'],
    [6, 'too_fast'],
    [10, 'not_registered'],
    [15, 'commit_reveal_changed'],
    [18, 'vector_invalid'],
    [19, 'not_registered'],
    [255, 'other'],
  ];
  for (const [custom, reason] of inPool)
    it(`knows ${custom} from the pool as ${reason}`, async () => {
      double.rejectNext({ custom });
      expect(await weights().set(VECTOR, signal)).to.deep.include({ kind: 'refused', reason });
    });

  it('leaves the outcome open when the connection is lost after sending, and the terms tell it later', async () => {
    double.chain.planted = { lost: true };
    const setting = weights().set(VECTOR, signal);
    await eventually(() => double.chain.pending.length > 0);
    double.dropConnections();
    expect(await setting).to.deep.include({ kind: 'refused', reason: 'unreachable' });
    await eventually(() => client!.subnet.current()?.connected === true);
  });

  it('announces an axon, and not again what the chain shows already', async () => {
    const axon = { ip: '5.6.7.8', port: 8092 };
    expect(await announcer().announce(axon, signal)).to.deep.equal({
      kind: 'announced',
      block: double.block,
    });
    expect(double.served(validator.address)).to.deep.include({ ip: 84_281_096, port: 8092, protocol: 4 });
    expect(await announcer().announce(axon, signal)).to.deep.equal({ kind: 'unchanged' });
    expect(await announcer().announce({ ...axon, port: 8093 }, signal)).to.deep.include({
      reason: 'too_fast',
    });
    double.advance(60);
    const v6 = { ip: '2001:db8::7', port: 8092 };
    expect(await announcer().announce(v6, signal)).to.deep.include({ kind: 'announced' });
    expect(await announcer().announce(v6, signal)).to.deep.equal({ kind: 'unchanged' });
  });

  it('announces no address that nobody can reach, and no neuron that is not registered', async () => {
    for (const ip of ['127.0.0.1', '::1', '0.0.0.0', 'example.org'])
      expect(await announcer().announce({ ip, port: 1 }, signal)).to.deep.include({ reason: 'bad_address' });
    expect(await announcer(stranger).announce({ ip: '1.2.3.4', port: 1 }, signal)).to.deep.include({
      reason: 'not_registered',
    });
  });

  it('throws the reason of a signal that aborts', async () => {
    const reason = new Error('stop');
    const aborted = AbortSignal.abort(reason);
    const thrown = await weights()
      .set(VECTOR, aborted)
      .catch((error: unknown) => error);
    expect(thrown).to.equal(reason);
  });

  it('writes no secret into its log', () => {
    const log = JSON.stringify(client!.lines);
    expect(log).not.to.include(Buffer.from(new Uint8Array(32).fill(1)).toString('hex'));
  });
});
