import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ChainWeights } from '../../../src/chain/chain-weights.js';
import { Turn } from '../../../src/chain/turn.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import type {
  OutcomeRecord,
  VectorRecord,
  WeightLedger,
} from '../../../src/validator/ports/weight-ledger.js';
import { WeightAccount } from '../../../src/validator/weights/weight-account.js';
import { WeightFiles } from '../../../src/validator/weights/weight-files.js';
import { WeightLoop } from '../../../src/validator/weights/weight-loop.js';
import type { HotkeyPair } from '../../../src/wallet/hotkey.js';
import type { ChainDouble } from '../../support/chain-double/chain-double.js';
import { PUBLISHED_PULSES } from '../../support/chain-double/drand.js';
import type { DoubleNeuron } from '../../support/chain-double/subnet.js';
import {
  clientOf,
  eventually,
  hotkey,
  needMetadata,
  smallChain,
  type Client,
} from '../../support/chain-subnet.js';
import { ManualClock, settle } from '../validator/manual-clock.js';
import { memoryLog, type LogLine } from '../validator/memory-log.js';

const BLOCK_MS = 12_000;
const STEP_BLOCKS = 3;
/** Tempo and rate limit of the double. */
const TEMPO = 99;
const RATE_LIMIT = 100;
/** Longest time between two looks of the loop, five minutes, and some blocks for what sockets take. */
const SLACK_BLOCKS = 50;

/** The loop, the client of the chain and the files of a validator as they run together; a double is the chain. */
describe('weights on a chain (a double)', function () {
  this.timeout(60_000);
  let folder: string;
  let double: ChainDouble;
  let client: Client | undefined;
  let clock: ManualClock;
  let loop: WeightLoop | undefined;
  let pairs: readonly [HotkeyPair, HotkeyPair, HotkeyPair];
  let lines: LogLine[];
  let underWay: number;

  before(async function () {
    needMetadata(this);
    pairs = await Promise.all([hotkey(1), hotkey(2), hotkey(3)]);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-weights-'));
    clock = new ManualClock();
    lines = [];
    underWay = 0;
    double = await smallChain({ startBlock: 200, neurons: neurons({ permit: true }) });
    client = clientOf(double.url);
    await eventually(() => client?.subnet.current()?.connected === true);
  });
  afterEach(async () => {
    await loop?.stop();
    loop = undefined;
    await client?.subnet.stop();
    await double.stop();
    await rm(folder, { recursive: true });
    expect(clock.waiting).to.equal(0);
  });

  const neurons = ({ permit }: { readonly permit: boolean }): readonly DoubleNeuron[] =>
    pairs.map(({ address }, uid) => ({
      uid,
      hotkey: address,
      alphaRao: 10_000n,
      validatorPermit: uid === 0 && permit,
    }));
  const start = async () => {
    const memory = memoryLog();
    lines = memory.lines;
    const { log } = memory;
    const { subnet } = client!;
    const files = new WeightFiles({
      file: join(folder, 'state.json'),
      journal: join(folder, 'weights.jsonl'),
      subnet: '49 on double',
      log,
    });
    const ledger: WeightLedger = {
      load: () => files.load(),
      save: (state) => during(files.save(state)),
      append: (record) => during(files.append(record)),
    };
    const scores = new Map([
      [pairs[1].address, 0.5],
      [pairs[2].address, 1],
    ]);
    const weights = new ChainWeights({ subnet, pair: pairs[0], turn: new Turn() });
    loop = new WeightLoop({
      setter: {
        terms: (signal) => during(weights.terms(signal)),
        set: (vector, signal) => during(weights.set(vector, signal)),
      },
      account: new WeightAccount({ ledger, policy: POLICY, clock, log }),
      reputation: { scores: () => scores, all: () => [] },
      network: subnet,
      policy: POLICY,
      clock,
      random: () => 0.5,
      log,
      now: true,
    });
    await loop.start();
  };
  /** The clock stands still for what needs time of its own. */
  const quiet = async () => {
    do {
      await eventually(() => underWay === 0);
      await settle();
    } while (underWay > 0);
  };
  /** Notes that something is under way over the socket or to the disk. */
  const during = async <T>(call: Promise<T>): Promise<T> => {
    underWay += 1;
    try {
      return await call;
    } finally {
      underWay -= 1;
    }
  };
  const says = (text: string) => lines.filter(({ msg }) => msg.includes(text));
  /** Time and blocks go on together until something holds. @throws Error when it does not within so many blocks */
  const until = async (holds: () => boolean, blocks = RATE_LIMIT + SLACK_BLOCKS) => {
    for (let passed = 0; !holds(); passed += STEP_BLOCKS) {
      if (passed > blocks) throw new Error(`what was waited for did not come within ${blocks} blocks`);
      double.advance(STEP_BLOCKS);
      await clock.advance(STEP_BLOCKS * BLOCK_MS);
      await quiet();
    }
  };
  const journal = async () => {
    const text = await readFile(join(folder, 'weights.jsonl'), 'utf8').catch(() => '');
    const records = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as VectorRecord | OutcomeRecord);
    const vectors = records.filter((record) => record.kind === 'vector');
    const outcomeOf = (id: string) =>
      records.flatMap((record) => (record.kind === 'outcome' && record.id === id ? [record.outcome] : []));
    return vectors.map((vector) => ({ vector, outcomes: outcomeOf(vector.id) }));
  };
  const EARNED: [number, number][] = [
    [1, 32_768],
    [2, 65_535],
  ];

  it('waits for a permit, sets weights when it has one, and again when the rate limit lets it', async () => {
    double.setNeurons(neurons({ permit: false }));
    double.advance();
    await start();
    await eventually(() => says('the hotkey holds no validator permit').length === 1);
    expect(await journal()).to.deep.equal([]);
    double.setNeurons(neurons({ permit: true }));
    await until(() => says('weights are set').length === 1);
    expect(double.weights(0)).to.deep.equal(EARNED);
    const first = double.lastUpdate(0);
    await until(() => double.lastUpdate(0) > first);
    expect(double.lastUpdate(0) - first).to.be.at.least(Math.max(TEMPO, RATE_LIMIT));
    await eventually(() => says('weights are set').length === 2);

    const evidence = await journal();
    expect(evidence.map(({ outcomes }) => outcomes)).to.deep.equal([
      [{ kind: 'set', block: first }],
      [{ kind: 'set', block: double.lastUpdate(0) }],
    ]);
    const [{ vector }] = evidence as [(typeof evidence)[0]];
    expect(vector.policyHash).to.equal(POLICY.hash);
    expect(vector.terms.self).to.deep.include({ uid: 0, permit: true });
    expect(vector.miners.map(({ uid, score, value }) => [uid, score, value])).to.deep.equal([
      [1, 0.5, 32_768],
      [2, 1, 65_535],
    ]);
  });

  it('commits where the subnet hides weights, and the chain reveals what the evidence says', async () => {
    double.setHyperparameters({ commitRevealWeightsEnabled: true });
    double.aimAt({ round: 1000 + 24, block: double.revealBlock() });
    double.advance();
    await start();
    await eventually(() => says('weights are committed').length === 1);
    expect(double.weights(0)).to.deep.equal([]);
    for (const [round, signature] of PUBLISHED_PULSES) double.publishPulse(round, signature);
    double.advanceTo(double.revealBlock());
    expect(double.settledCommits().at(-1)).to.deep.include({ outcome: 'revealed' });
    expect(double.weights(0)).to.deep.equal(EARNED);
    const [{ vector, outcomes }] = (await journal()) as [Awaited<ReturnType<typeof journal>>[0]];
    expect(outcomes).to.deep.equal([{ kind: 'committed', block: vector.terms.block + 1, revealRound: 1000 }]);
  });

  it('follows the subnet when it begins to hide weights between reading and sending', async () => {
    double.rejectNext({ dispatch: 'CommitRevealEnabled' });
    await start();
    await eventually(() => says('CommitRevealEnabled').length === 1);
    double.setHyperparameters({ commitRevealWeightsEnabled: true });
    await until(() => says('weights are committed').length === 1, 10);
    expect((await journal()).map(({ outcomes }) => outcomes[0]?.kind)).to.deep.equal([
      'refused',
      'committed',
    ]);
  });

  const passing = [{ dispatch: 'SettingWeightsTooFast' }, { custom: 6 }] as const;
  for (const refusal of passing)
    it(`tries again soon after ${JSON.stringify(refusal)}`, async () => {
      double.rejectNext(refusal);
      await start();
      await eventually(() => says('SettingWeightsTooFast').length === 1);
      await until(() => says('weights are set').length === 1, 10);
      expect((await journal()).map(({ outcomes }) => outcomes[0]?.kind)).to.deep.equal(['refused', 'set']);
    });

  const lasting = ['NeuronNoValidatorPermit', 'NotEnoughStakeToSetWeights', 'HotKeyNotRegisteredInSubNet'];
  for (const error of lasting)
    it(`does not press on after ${error}, and tries again when there was time to mend it`, async () => {
      double.rejectNext({ dispatch: error });
      await start();
      await eventually(() => says(error).length === 1);
      const refusedAt = double.block;
      await until(() => says('weights are set').length === 1);
      // Half of five minutes at least.
      expect(double.block - refusedAt).to.be.at.least(12);
      expect((await journal()).map(({ outcomes }) => outcomes[0]?.kind)).to.deep.equal(['refused', 'set']);
    });

  it('finds after a restart that the chain took what it had sent, and does not send it again', async () => {
    double.chain.planted = { lost: true };
    await start();
    await eventually(() => double.chain.pending.length === 1);
    await loop!.stop();
    expect(double.lastUpdate(0)).to.equal(0);
    // The validator is away while a block takes the transaction.
    double.chain.release();
    double.advance();
    const taken = double.lastUpdate(0);
    expect(taken).to.equal(double.block);
    await start();
    await until(() => double.lastUpdate(0) > taken);
    expect(double.lastUpdate(0) - taken).to.be.at.least(RATE_LIMIT);
    await eventually(() => says('weights are set').length === 1);
    const [first, second, ...others] = await journal();
    expect(others).to.deep.equal([]);
    expect(first!.outcomes.at(-1)).to.deep.equal({ kind: 'found', block: taken });
    // The averages of what was found are those that the next ones go on from.
    expect(second!.vector.miners.map(({ averageBefore }) => averageBefore)).to.deep.equal(
      first!.vector.miners.map(({ average }) => average),
    );
  });

  it('sets weights again after the connection was lost with an answer under way', async () => {
    double.chain.planted = { lost: true };
    await start();
    await eventually(() => double.chain.pending.length === 1);
    double.dropConnections();
    await eventually(() => says('the connection to the chain was lost').length === 1);
    double.chain.release();
    double.advance();
    const taken = double.lastUpdate(0);
    await eventually(() => client!.subnet.current()?.connected === true);
    await until(() => double.lastUpdate(0) > taken);
    const evidence = await journal();
    expect(evidence[0]!.outcomes.at(-1)).to.deep.equal({ kind: 'found', block: taken });
    expect(evidence).to.have.length(2);
  });
});
