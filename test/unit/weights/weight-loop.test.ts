import { expect } from 'chai';
import type { Hotkey } from '../../../src/domain/ids.js';
import { Refusal } from '../../../src/domain/errors.js';
import type { NetworkView } from '../../../src/domain/network-view.js';
import { POLICY, policyOf } from '../../../src/domain/score/policy.js';
import type { WeightRefusal } from '../../../src/domain/weight-setter.js';
import { WeightAccount } from '../../../src/validator/weights/weight-account.js';
import { WeightLoop, type WeightLoopDeps } from '../../../src/validator/weights/weight-loop.js';
import { ManualClock, settle } from '../validator/manual-clock.js';
import { memoryLog, type LogLine } from '../validator/memory-log.js';
import { MemoryLedger } from './memory-ledger.js';
import { MemorySubnet } from './memory-subnet.js';

const BLOCK_MS = 12_000;
const noNetwork: NetworkView = { current: () => undefined };

describe('WeightLoop', () => {
  let clock: ManualClock;
  let subnet: MemorySubnet;
  let ledger: MemoryLedger;
  let scores: Map<string, number>;
  let loop: WeightLoop | undefined;
  let lines: LogLine[];

  beforeEach(() => {
    clock = new ManualClock();
    subnet = new MemorySubnet();
    ledger = new MemoryLedger();
    scores = new Map([
      ['a', 0.5],
      ['b', 1],
    ]);
    lines = [];
  });

  afterEach(async () => {
    await loop?.stop();
    expect(clock.waiting).to.equal(0);
  });

  const start = async (change: Partial<WeightLoopDeps> = {}) => {
    const memory = memoryLog();
    lines = memory.lines;
    const { policy = POLICY } = change;
    const log = memory.log;
    loop = new WeightLoop({
      setter: subnet,
      account: new WeightAccount({ ledger, policy, clock, log }),
      reputation: { scores: () => scores, all: () => [] },
      network: noNetwork,
      policy,
      clock,
      random: () => 0.5,
      log,
      now: true,
      ...change,
    });
    await loop.start();
    await settle();
  };
  /** Time and blocks of the chain go on together. */
  const pass = async (blocks: number) => {
    for (let at = 0; at < blocks; at += 5) {
      subnet.pass(Math.min(5, blocks - at));
      await clock.advance(Math.min(5, blocks - at) * BLOCK_MS);
    }
  };
  const messages = () => lines.filter(({ level }) => level >= 30).map(({ msg }) => msg);
  const last = () => subnet.taken.at(-1);

  describe('when weights are due', () => {
    it('sets them by what the miners earned, with the key of the policy', async () => {
      await start();
      expect(subnet.taken).to.deep.equal([
        { uids: [1, 2], values: [32_768, 65_535], versionKey: 1_000_000n },
      ]);
      expect(messages()).to.deep.equal(['weights are set']);
      expect(lines[0]).to.deep.include({ block: 10_000, weights: 2, version_key: '1000000' });
    });

    it('waits for 20 scored tasks and then a tempo', async () => {
      await start({ now: false });
      await pass(720);
      expect(subnet.sent).to.equal(0);
      for (let task = 0; task < 20; task += 1) loop!.scored();
      await pass(340);
      expect(subnet.sent).to.equal(0);
      await pass(40);
      expect(subnet.sent).to.equal(1);
      expect(messages()).to.deep.equal([
        'weights wait for more scored tasks',
        'weights wait for a first tempo of scores',
        'weights are set',
      ]);
    });

    it('sets them again each tempo, though they are the same', async () => {
      await start();
      await pass(1500);
      expect(subnet.taken).to.have.length(5);
      expect(last()!.values).to.deep.equal([32_768, 65_535]);
    });

    it('says when they are committed', async () => {
      subnet.change({ commitReveal: true });
      await start();
      expect(messages()).to.deep.equal(['weights are committed, the chain reveals them']);
      expect(ledger.outcomes[0]!.outcome).to.deep.equal({
        kind: 'committed',
        block: 10_000,
        revealRound: 77,
      });
    });

    it('says once that nobody earned anything', async () => {
      scores.clear();
      await start();
      await pass(100);
      expect(messages()).to.deep.equal(['no weights to set: no miner on the subnet has earned anything yet']);
    });

    it('says once that no vector fits, and fills up with serving miners', async () => {
      subnet.change({ minAllowed: 3 });
      await start();
      await pass(100);
      expect(subnet.sent).to.equal(0);
      expect(messages()).to.have.length(1);
      await loop!.stop();
      const axon = { ip: '127.0.0.1', port: 1 };
      const neurons = [{ uid: 3, hotkey: 'c' as Hotkey, stake: 0, validatorPermit: false, axon }];
      const metagraph = { netuid: 1, network: 'static', source: 'static' as const, neurons };
      await start({ network: { current: () => ({ metagraph, ageMs: 0, connected: true }) } });
      expect(last()).to.deep.include({ uids: [1, 2, 3], values: [32_768, 65_535, 1] });
    });
  });

  describe('averages', () => {
    it('belong to the hotkey: a new one on the same uid begins anew', async () => {
      await start();
      subnet.change({ hotkeys: ['v', 'a', 'new', 'c'] as Hotkey[] });
      scores.set('new', 1);
      await pass(360);
      // a: 0.1 + 0.2 * (0.5 - 0.1) = 0.18; new: 0.2; 58,981.5 is rounded to even
      expect(last()).to.deep.include({ uids: [1, 2], values: [58_982, 65_535] });
      expect(ledger.vectors[1]!.miners.find(({ hotkey }) => hotkey === 'b')).to.deep.include({
        score: 0,
        averageBefore: 0.2,
        value: 0,
      });
    });

    it('of a miner that is absent for some settings fall, though its scores are remembered', async () => {
      await start();
      const all = subnet.now.hotkeys;
      subnet.change({ hotkeys: ['v', 'a', 'x', 'c'] as Hotkey[] });
      await pass(360 * 3);
      expect(last()!.uids).to.deep.equal([1]);
      expect(ledger.state!.averages.get('b')).to.be.closeTo(0.2 * 0.8 ** 3, 1e-9);
      subnet.change({ hotkeys: all });
      await pass(360);
      expect(ledger.state!.averages.get('b')).to.be.closeTo(0.2 * 0.8 ** 4 + 0.2, 1e-9);
    });

    it('survive a restart, as the count of tasks does', async () => {
      await start();
      loop!.scored();
      await loop!.stop();
      const { averages } = ledger.state!;
      expect([...averages]).to.deep.equal([
        ['a', 0.1],
        ['b', 0.2],
      ]);
      expect(ledger.state!.scoredTasks).to.equal(1);
      await start();
      await pass(360);
      expect(ledger.state!.averages.get('b')).to.be.closeTo(0.36, 1e-9);
    });

    it('begin anew under another policy', async () => {
      await start();
      await loop!.stop();
      const { hash: _, ...numbers } = POLICY;
      await start({ policy: policyOf({ ...numbers, version: '2' }) });
      await pass(360);
      expect(ledger.state!.averages.get('b')).to.be.closeTo(0.2, 1e-9);
      expect(last()!.versionKey).to.equal(2_000_000n);
      expect(messages()).to.include('the scoring policy is another one: averages of scores begin anew');
    });

    it('do not move with vectors that were refused', async () => {
      subnet.answers.push({ kind: 'refused', reason: 'vector_invalid', message: 'no' });
      await start();
      expect(ledger.state!.averages.size).to.equal(0);
      await pass(10);
      expect(ledger.state!.averages.get('b')).to.equal(0.2);
    });
  });

  describe('what weights rest on', () => {
    it('is written before they are sent, and the outcome after', async () => {
      subnet.answers.push('hang');
      await start();
      expect(ledger.records.map(({ kind }) => kind)).to.deep.equal(['vector']);
      expect(ledger.state!.pending).to.deep.include({ block: 10_000, lastUpdate: 0 });
      expect(ledger.vectors[0]).to.deep.include({ policyHash: POLICY.hash, versionKey: '1000000' });
      expect(ledger.vectors[0]!.miners).to.deep.equal([
        { uid: 1, hotkey: 'a', score: 0.5, averageBefore: 0, average: 0.1, value: 32_768, ratings: [] },
        { uid: 2, hotkey: 'b', score: 1, averageBefore: 0, average: 0.2, value: 65_535, ratings: [] },
      ]);
    });

    it('holds them back while it cannot be written', async () => {
      ledger.failure = new Error('ENOSPC');
      await start();
      await pass(20);
      expect(subnet.sent).to.equal(0);
      expect(messages()).to.deep.equal(['weights are not set: what they rest on cannot be written']);
      ledger.failure = undefined;
      await pass(10);
      expect(subnet.sent).to.equal(1);
    });

    it('is completed after a crash when the subnet had taken them', async () => {
      subnet.answers.push('hang');
      await start();
      const crashed = structuredClone({ state: ledger.state!, records: ledger.records });
      await loop!.stop();
      Object.assign(ledger, crashed);
      subnet.pass(3);
      subnet.take({ uids: [1, 2], values: [32_768, 65_535], versionKey: 1_000_000n });
      await start();
      expect(ledger.outcomes.map(({ outcome }) => outcome)).to.deep.equal([{ kind: 'found', block: 10_003 }]);
      expect(ledger.outcomes[0]!.id).to.equal(ledger.vectors[0]!.id);
      expect(ledger.state!.averages.get('b')).to.equal(0.2);
      expect(ledger.state!.pending).to.equal(undefined);
      expect(subnet.sent).to.equal(1);
    });

    it('is completed as lost when no block took them while they were valid', async () => {
      subnet.answers.push('hang');
      await start();
      await loop!.stop();
      subnet.pass(129);
      subnet.change({ self: undefined as never });
      await start();
      expect(ledger.outcomes.map(({ outcome }) => outcome.kind)).to.deep.equal(['refused', 'lost']);
      expect(ledger.state!.averages.size).to.equal(0);
    });

    it('is found when the answer was not heard', async () => {
      subnet.answers.push('taken, unheard');
      await start();
      await pass(1);
      expect(ledger.outcomes.map(({ outcome }) => outcome.kind)).to.deep.equal(['refused', 'found']);
      expect(subnet.sent).to.equal(1);
      expect(ledger.state!.averages.get('b')).to.equal(0.2);
    });

    it('is found for the first of two when the second comes too fast', async () => {
      const unheard = { kind: 'refused', reason: 'unreachable', message: 'gone' } as const;
      subnet.answers.push(unheard, { kind: 'refused', reason: 'too_fast', message: 'too fast' });
      await start();
      await pass(1);
      expect(subnet.sent).to.equal(2);
      const [first] = ledger.vectors;
      subnet.take({ uids: [1, 2], values: [32_768, 65_535], versionKey: 1_000_000n });
      await pass(10);
      expect(ledger.outcomes.at(-1)).to.deep.include({
        id: first!.id,
        outcome: { kind: 'found', block: 10_001 },
      });
    });
  });

  describe('when the subnet refuses', () => {
    /** Blocks within which it is tried again, and not before. */
    const reactions: readonly (readonly [WeightRefusal, number, number])[] = [
      ['too_fast', 1, 2],
      ['no_permit', 18, 25],
      ['stake_too_low', 18, 25],
      ['not_registered', 18, 25],
      ['version_key_too_low', 18, 25],
      ['commit_reveal_changed', 0, 1],
      ['too_many_unrevealed', 37, 50],
      ['vector_invalid', 3, 5],
      ['no_subnet', 18, 25],
      ['unreachable', 0, 1],
      ['other', 3, 5],
    ];
    for (const [reason, notAfter, after] of reactions)
      it(`for ${reason}, waits, says so once, and goes on`, async () => {
        const refusal = { kind: 'refused', reason, message: 'the chain said no' } as const;
        subnet.answers.push(refusal, refusal, refusal);
        await start();
        for (let block = 0; block < notAfter; block += 1) await clock.advance(BLOCK_MS);
        expect(subnet.sent).to.equal(1);
        await clock.advance((after - notAfter) * BLOCK_MS);
        expect(subnet.sent).to.be.at.least(2);
        await clock.advance(4 * 3_600_000);
        expect(subnet.taken).to.have.length(1);
        expect(messages()).to.have.length(2);
        expect(messages()[0]).to.match(/^weights are not set: the chain said no; /);
        expect(messages()[1]).to.equal('weights are set');
      });

    it('sends nothing that its terms turn away, and goes on when they change', async () => {
      const self = { uid: 0, permit: false, lastUpdate: 0 };
      subnet.change({ self });
      await start();
      await pass(100);
      subnet.change({ self: { ...self, permit: true }, versionKey: 1_000_001n });
      await pass(60);
      expect(subnet.sent).to.equal(0);
      subnet.change({ versionKey: 1_000_000n });
      await pass(60);
      expect(subnet.sent).to.equal(1);
      expect(messages()).to.deep.equal([
        'weights are not set: the hotkey holds no validator permit; waiting for a validator permit, which stake earns',
        'weights are not set: the subnet wants version key 1000001 or more, and this scoring policy has 1000000; ' +
          'use a newer audio-subnet or scoring policy; looking again',
        'weights are set',
      ]);
    });

    it('sends nothing of a hotkey that is not registered', async () => {
      const { self: _, ...rest } = subnet.now;
      subnet.now = rest;
      await start();
      expect(subnet.sent).to.equal(0);
      expect(messages()[0]).to.include('not registered');
    });

    it('lives without the chain, asks it ever less often, and says once that it is away', async () => {
      subnet.failure = new Refusal('UNAVAILABLE', 'the chain is away');
      await start();
      await clock.advance(6 * 3_600_000);
      expect(subnet.reads).to.be.within(30, 60);
      expect(messages()).to.have.length(1);
      subnet.failure = undefined;
      await clock.advance(600_000);
      expect(subnet.taken).to.have.length(1);
    });

    it('lives with what a setter should not throw', async () => {
      subnet.answers.push(new Error('odd'));
      await start();
      expect(messages()[0]).to.include('odd');
      subnet.failure = new TypeError('odder');
      await clock.advance(600_000);
      expect(messages().at(-1)).to.include('something broke');
      subnet.failure = undefined;
      await clock.advance(600_000);
      expect(subnet.taken).to.have.length(1);
    });

    it('does not wait for ever for an answer', async () => {
      subnet.answers.push('hang');
      await start();
      await clock.advance(180_000);
      expect(messages()[0]).to.include('no answer within 180 s');
      await clock.advance(10_000);
      expect(subnet.taken).to.have.length(1);
    });
  });

  it('stops at once, twice if asked, also while the subnet does not answer', async () => {
    subnet.answers.push('hang');
    await start();
    await Promise.all([loop!.stop(), loop!.stop()]);
    expect(clock.waiting).to.equal(0);
  });

  it('in a dry run shows what it would set and the difference, and sends nothing', async () => {
    const printed: string[] = [];
    subnet.change({ self: { uid: 0, permit: false, lastUpdate: 9999 } });
    await start({ print: (text) => printed.push(text) });
    scores.set('a', 1);
    await pass(360);
    expect(subnet.sent).to.equal(0);
    expect(ledger.records).to.deep.equal([]);
    expect(printed[0]!.split('\n')).to.deep.equal([
      'dry run: weights at block 10000, version key 1000000, not sent; it would not be: the hotkey holds no validator permit',
      'uid  hotkey   score  average  weight  difference',
      '  1  a       0.5000   0.1000   32768      +32768',
      '  2  b       1.0000   0.2000   65535      +65535',
      '',
    ]);
    expect(printed).to.have.length(2);
    expect(printed[1]).to.include('+18204');
    expect(printed[1]).to.match(/65535 +0\n$/);
  });

  it('sets the weights of 256 miners', async () => {
    const hotkeys = Array.from({ length: 256 }, (_, uid) => `m${uid}` as Hotkey);
    subnet.change({ hotkeys, maxShare: 0.01 });
    scores = new Map(hotkeys.map((hotkey, uid) => [hotkey, uid / 255]));
    await start();
    expect(last()!.uids).to.have.length(255);
    expect(Math.max(...last()!.values)).to.equal(65_535);
    expect(ledger.vectors[0]!.miners).to.have.length(255);
  });
});
