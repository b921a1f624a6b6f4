import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { POLICY } from '../../../src/domain/score/policy.js';
import type { Score } from '../../../src/domain/task.js';
import { observedRatings } from '../../../src/validator/observed-ratings.js';
import { Reputation } from '../../../src/validator/reputation.js';
import { ReputationFile } from '../../../src/validator/reputation-file.js';
import { ReputationKeeper } from '../../../src/validator/reputation-keeper.js';
import { ManualClock, settle } from './manual-clock.js';
import { memoryLog } from './memory-log.js';
import { MemoryStore } from './memory-store.js';

const DAY_MS = 24 * 3_600_000;
const score = (accuracy: number): Score => ({
  accuracy,
  speed: 0.5,
  combined: 1,
  parts: [{ name: 'agreement', value: accuracy, explanation: '.' }],
  policyVersion: '',
  policyHash: '',
});
const sample = (language = 'en', atMs = 1000) => ({
  kind: 'tts' as const,
  language,
  atMs,
  score: score(0.75),
});

describe('Reputation', () => {
  it('keeps miners, kinds and languages apart', () => {
    const reputation = new Reputation(POLICY);
    reputation.record('a', sample());
    reputation.record('a', sample('de'));
    reputation.record('a', { ...sample(), kind: 'transcription' });
    reputation.record('b', { kind: 'tts', language: 'en', atMs: 5 });
    expect(reputation.all('a').map(({ kind, language }) => [kind, language])).to.deep.equal([
      ['transcription', 'en'],
      ['tts', 'de'],
      ['tts', 'en'],
    ]);
    expect(reputation.get('a', 'tts', 'de')?.accuracy?.mean).to.equal(0.75);
    expect(reputation.get('b', 'tts', 'en')?.reliability).to.deep.equal({ mean: 0, sampleCount: 1 });
    expect(reputation.get('c', 'tts', 'en')).to.equal(undefined);
    expect([...reputation.scores().keys()]).to.have.members(['a', 'b']);
  });

  it('remembers a miner for a week after it left, and for ever while it is there', () => {
    const reputation = new Reputation(POLICY);
    reputation.record('gone', sample());
    reputation.record('here', sample());
    reputation.present(['here', 'never asked'], 7 * DAY_MS);
    expect(reputation.all('gone')).to.have.length(1);
    reputation.present(['here'], 7 * DAY_MS + 1001);
    expect(reputation.all('gone')).to.have.length(0);
    reputation.present(['here'], 100 * DAY_MS);
    expect(reputation.saved().map(({ hotkey }) => hotkey)).to.deep.equal(['here']);
  });

  it('is bounded in miners and in the ratings of one, the oldest going first', () => {
    const reputation = new Reputation(POLICY);
    for (let miner = 0; miner < 4100; miner += 1) reputation.record(`m${miner}`, sample('en', miner));
    expect(reputation.saved()).to.have.length(4096);
    expect(reputation.all('m3')).to.have.length(0);
    for (let language = 0; language < 70; language += 1) reputation.record('m9', sample(`l${language}`));
    expect(reputation.all('m9')).to.have.length(64);
    expect(reputation.get('m9', 'tts', 'l0')).to.equal(undefined);
    expect(reputation.get('m9', 'tts', 'l69')).not.to.equal(undefined);
  });

  it('is the same after it was saved and restored', () => {
    const reputation = new Reputation(POLICY);
    for (const hotkey of ['a', 'b']) reputation.record(hotkey, sample());
    const again = new Reputation(POLICY);
    again.restore(structuredClone(reputation.saved()));
    expect(again.saved()).to.deep.equal(reputation.saved());
    expect([...again.scores()]).to.deep.equal([...reputation.scores()]);
  });
});

describe('ReputationFile', () => {
  let folder: string;
  const memory = memoryLog();
  const file = () => join(folder, 'validator', 'reputation.jsonl');
  const open = (subnet = '49 on static') => new ReputationFile({ file: file(), subnet, log: memory.log });
  const known = () => {
    const reputation = new Reputation(POLICY);
    for (let miner = 0; miner < 100; miner += 1) reputation.record(`m${miner}`, sample('en', miner));
    return reputation.saved();
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-reputation-'));
    memory.lines.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('has nothing at first, and then what was saved', async () => {
    expect(await open().load()).to.deep.equal([]);
    await open().save(known());
    expect(await open().load()).to.deep.equal(known());
    await open().save(known().slice(50));
    expect(await open().load()).to.deep.equal(known().slice(50));
    expect(memory.lines).to.deep.equal([]);
  });

  it('is readable by its owner alone, and leaves nothing beside itself', async () => {
    await open().save(known());
    expect((await stat(file())).mode & 0o777).to.equal(0o600);
    expect(await readdir(join(folder, 'validator'))).to.deep.equal(['reputation.jsonl']);
  });

  it('has the old state when a save was broken off', async () => {
    await open().save(known().slice(1));
    await writeFile(`${file()}.new`, '{"version":1,');
    expect(await open().load()).to.deep.equal(known().slice(1));
  });

  const damages: readonly (readonly [string, (text: string) => string])[] = [
    ['that is cut in a line', (text) => text.slice(0, -20)],
    ['that lacks a line', (text) => text.split('\n').toSpliced(3, 1).join('\n')],
    ['that lacks its last line break', (text) => text.slice(0, -1)],
    ['that is empty', () => ''],
    ['of zeros', (text) => '\0'.repeat(text.length)],
    ['with a mean above 1', (text) => text.replace('"mean":0.75', '"mean":1.75')],
    ['of another version', (text) => text.replace('"version":1', '"version":2')],
    ['of another subnet', (text) => text.replace('49 on static', '50 on static')],
  ];
  for (const [name, damage] of damages) {
    it(`puts a file aside ${name}, says so once and begins anew`, async () => {
      await open().save(known());
      const damaged = damage(await readFile(file(), 'utf8'));
      await writeFile(file(), damaged);
      expect(await open().load()).to.deep.equal([]);
      expect(await readFile(`${file()}.aside`, 'utf8')).to.equal(damaged);
      expect(memory.lines.map(({ msg }) => msg)).to.deep.equal([
        'what was known of the miners cannot be read: it is put aside, and their reputation begins anew',
      ]);
      await open().save(known());
      expect(await open().load()).to.deep.equal(known());
    });
  }
});

describe('ReputationKeeper', () => {
  const clock = new ManualClock();
  const memory = memoryLog();
  let store: MemoryStore;
  let reputation: Reputation;
  let keeper: ReputationKeeper;
  const record = (hotkey: string) => {
    reputation.record(hotkey, sample());
    keeper.changed();
  };
  const saved = () => store.miners.map(({ hotkey }) => hotkey);

  beforeEach(() => {
    store = new MemoryStore();
    reputation = new Reputation(POLICY);
    keeper = new ReputationKeeper({ reputation, store, clock, log: memory.log });
    memory.lines.length = 0;
  });
  afterEach(async () => {
    await keeper.stop();
    expect(clock.waiting).to.equal(0);
  });

  it('saves half a minute after the first change, once for all', async () => {
    record('a');
    await clock.advance(20_000);
    record('b');
    await clock.advance(9_999);
    expect(saved()).to.deep.equal([]);
    await clock.advance(1);
    expect([saved(), store.saves]).to.deep.equal([['a', 'b'], 1]);
    await clock.advance(60_000);
    expect(store.saves).to.equal(1);
  });

  it('saves what is left when it stops, and nothing when there is nothing new', async () => {
    record('a');
    await keeper.stop();
    expect(saved()).to.deep.equal(['a']);
    await keeper.stop();
    expect(store.saves).to.equal(1);
  });

  it('reads what was kept', async () => {
    record('a');
    await keeper.stop();
    const next = new Reputation(POLICY);
    await new ReputationKeeper({ reputation: next, store, clock, log: memory.log }).load();
    expect(next.saved()).to.deep.equal(reputation.saved());
  });

  it('says when it cannot save, and tries again', async () => {
    store.failure = new Error('ENOSPC');
    record('a');
    await clock.advance(30_000);
    expect(memory.lines.map(({ msg }) => msg)).to.deep.equal([
      'the reputation of the miners could not be saved',
    ]);
    store.failure = undefined;
    await clock.advance(30_000);
    expect(saved()).to.deep.equal(['a']);
  });

  it('waits for a save that is under way when it stops', async () => {
    let finish: () => void = () => undefined;
    store.save = () => new Promise<void>((resolve) => (finish = resolve));
    record('a');
    await clock.advance(30_000);
    let stopped = false;
    const stopping = keeper.stop().then(() => (stopped = true));
    await settle();
    expect(stopped).to.equal(false);
    finish();
    await stopping;
  });

  it('saves what changed while it was saving', async () => {
    let finish: () => void = () => undefined;
    const save = store.save.bind(store);
    store.save = async (miners) => {
      await new Promise<void>((resolve) => (finish = resolve));
      await save(miners);
    };
    record('a');
    await clock.advance(30_000);
    record('b');
    const stopping = keeper.stop();
    finish();
    await settle();
    expect(saved()).to.deep.equal(['a']);
    finish();
    await stopping;
    expect(saved()).to.deep.equal(['a', 'b']);
  });
});

describe('observedRatings()', () => {
  const rating = (language: string, sampleCount: number, parts = 4) => ({
    kind: 'tts' as const,
    language,
    accuracy: { mean: 0.5, sampleCount },
    reliability: { mean: 1, sampleCount },
    parts: Object.fromEntries(
      Array.from({ length: parts }, (_, index) => [`p${index}`, { mean: 1, sampleCount }]),
    ),
    lastSampleMs: 5000,
  });

  it('gives all of it where there is room', () => {
    const [first, second] = observedRatings([rating('de', 1), rating('en', 2)], { nowMs: 6000, miners: 10 });
    expect(first).to.deep.equal({
      kind: 'tts',
      language: 'de',
      accuracy: 0.5,
      reliability: 1,
      sampleCount: 1,
      sampleAgeMs: 1000,
      parts: ['p0', 'p1', 'p2', 'p3'].map((name) => ({ name, mean: 1, sampleCount: 1 })),
    });
    expect(second?.language).to.equal('en');
  });

  it('drops the parts of what rests on few samples first, then the ratings', () => {
    const ratings = Array.from({ length: 36 }, (_, index) => rating(`l${index}`, index + 1, 32));
    const some = observedRatings(ratings, { nowMs: 0, miners: 256 });
    // 65,536 means for 256 miners are 256 each: eight ratings with 32 parts.
    expect(some.map(({ parts }) => parts.length)).to.deep.equal([
      ...Array.from({ length: 28 }, () => 0),
      ...Array.from({ length: 8 }, () => 32),
    ]);
    const few = observedRatings(ratings, { nowMs: 0, miners: 1024 });
    expect(few.map(({ language }) => language)).to.deep.equal(
      ratings.slice(20).map(({ language }) => language),
    );
  });

  it('has no age below 0 when the clock was set back', () => {
    expect(observedRatings([rating('en', 1)], { nowMs: 0, miners: 1 })[0]?.sampleAgeMs).to.equal(0);
  });
});
