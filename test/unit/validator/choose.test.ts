import { expect } from 'chai';
import { POLICY } from '../../../src/domain/score/policy.js';
import { audioLengthMs } from '../../../src/validator/audio-length.js';
import { choose, weight, type Candidate } from '../../../src/validator/choose.js';
import { noCapableMiner } from '../../../src/validator/no-capable-miner.js';
import type { ProbedMiner } from '../../../src/validator/probed-miner.js';
import { seeded } from '../score/seeded.js';

const rated = (reliability: number, accuracy?: number, speed?: number) => {
  const of = (mean: number) => ({ mean, sampleCount: 10 });
  return {
    kind: 'tts' as const,
    language: 'en',
    reliability: of(reliability),
    parts: {},
    lastSampleMs: 0,
    ...(accuracy === undefined ? {} : { accuracy: of(accuracy) }),
    ...(speed === undefined ? {} : { speed: of(speed) }),
  };
};
const candidate = (hotkey: string, changed: Partial<Candidate> = {}): Candidate => ({
  hotkey,
  stake: 100,
  freeSlots: 1,
  ...changed,
});
/** How often each candidate is asked first. */
const firsts = (candidates: readonly Candidate[], rounds = 2000, places = 1) => {
  const random = seeded(3);
  const counts: Record<string, number> = {};
  for (let round = 0; round < rounds; round += 1) {
    const first = choose(candidates, { places, random, policy: POLICY })[0]?.hotkey ?? '';
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
};

describe('choose()', () => {
  it('gives every candidate, each once', () => {
    const order = choose(
      ['a', 'b', 'c'].map((name) => candidate(name)),
      { places: 2, random: seeded(1), policy: POLICY },
    );
    expect(order.map(({ hotkey }) => hotkey)).to.have.members(['a', 'b', 'c']);
  });

  it('prefers what performed well, and still tries the others', () => {
    const counts = firsts([
      candidate('good', { rating: rated(1, 0.9, 0.9) }),
      candidate('bad', { rating: rated(0.1, 0.2, 0.2) }),
      candidate('new'),
    ]);
    expect(counts['good']).to.be.above(3 * (counts['bad'] ?? 0));
    expect(counts['bad']).to.be.above(50);
  });

  it('gives newcomers a share of the tasks, however good the others are, and one place of each at most', () => {
    const known = ['a', 'b', 'c', 'd'].map((name) => candidate(name, { rating: rated(1, 1, 1) }));
    const newcomers = ['x', 'y', 'z'].map((name) => candidate(name, { stake: 0 }));
    const random = seeded(5);
    const counts: Record<string, number> = {};
    let explored = 0;
    for (let round = 0; round < 4000; round += 1) {
      const asked = choose([...known, ...newcomers], { places: 3, random, policy: POLICY })
        .slice(0, 3)
        .map(({ hotkey }) => hotkey)
        .filter((hotkey) => 'xyz'.includes(hotkey));
      expect(asked.length).to.be.at.most(1);
      explored += asked.length;
      for (const hotkey of asked) counts[hotkey] = (counts[hotkey] ?? 0) + 1;
    }
    expect(explored / 4000).to.be.within(0.2, 0.3);
    for (const name of 'xyz') expect((counts[name] ?? 0) / explored).to.be.within(0.25, 0.42);
  });

  it('seldom asks a newcomer alone', () => {
    const counts = firsts([candidate('known', { rating: rated(0.5, 0.5, 0.5) }), candidate('new')]);
    expect((counts['new'] ?? 0) / 2000).to.be.within(0.03, 0.08);
  });

  it('takes a miner for a newcomer until it has ten samples of the kind of work', () => {
    const sampled = (sampleCount: number) => ({
      ...rated(1, 0.1, 0.1),
      reliability: { mean: 1, sampleCount },
    });
    const share = (sampleCount: number) =>
      (firsts([
        candidate('known', { rating: rated(1, 0.1, 0.1) }),
        candidate('other', { rating: sampled(sampleCount) }),
      ])['other'] ?? 0) / 2000;
    expect(share(9)).to.be.below(0.1);
    expect(share(10)).to.be.within(0.4, 0.6);
  });

  it('fills places with newcomers when too few miners are known', () => {
    const order = choose([candidate('known', { rating: rated(1, 1, 1) }), candidate('x'), candidate('y')], {
      places: 3,
      random: seeded(1),
      policy: POLICY,
    });
    expect(order.map(({ hotkey }) => hotkey)).to.have.members(['known', 'x', 'y']);
  });

  it('prefers more stake among equals', () => {
    const counts = firsts([candidate('rich', { stake: 1000 }), candidate('poor', { stake: 0 })]);
    expect(counts['rich']).to.be.above(1.3 * (counts['poor'] ?? 0));
  });

  it('puts those without a free slot last', () => {
    expect(firsts([candidate('busy', { freeSlots: 0, stake: 1e6 }), candidate('free')])).to.deep.equal({
      free: 2000,
    });
  });

  it('has a weight in (0, 1] without stakes and ratings too', () => {
    for (const one of [candidate('a', { stake: 0 }), candidate('b', { rating: rated(0) })])
      expect(weight(one, 0, POLICY))
        .to.be.above(0)
        .and.at.most(1);
  });
});

describe('audioLengthMs()', () => {
  const wav = (byteRate: number, bytes: number) => {
    const file = Buffer.alloc(bytes);
    file.write('RIFF', 0, 'latin1');
    file.write('WAVEfmt ', 8, 'latin1');
    file.writeUInt32LE(byteRate, 28);
    return file;
  };
  const flac = Buffer.alloc(60_000);
  flac.write('fLaC', 0, 'latin1');
  flac.writeUIntBE(16_000 << 4, 18, 3);
  flac.writeUInt32BE(80_000, 22);

  const cases: readonly (readonly [string, Uint8Array, number])[] = [
    ['WAV by its byte rate', wav(32_000, 160_000), 5000],
    ['FLAC by its samples', flac, 5000],
    ['what is not known by its bytes', Buffer.alloc(40_000), 10_000],
    ['a header of zeros by its bytes', wav(0, 48), 12],
    ['a header that lies by no more than the bytes could hold', wav(1, 40_000), 80_000],
    ['nothing', Buffer.alloc(0), 0],
  ];
  for (const [name, bytes, expected] of cases) {
    it(`measures ${name}`, () => {
      expect(audioLengthMs(bytes)).to.equal(expected);
    });
  }
});

describe('noCapableMiner()', () => {
  const miner = (languages: readonly string[], maxInputBytes = 100): ProbedMiner => ({
    uid: 1,
    hotkey: 'a',
    stake: 1,
    address: { hotkey: 'a', host: '::1', port: 1 },
    state: {
      kind: 'reachable',
      openQuestions: 0,
      latencyMs: 1,
      capabilities: {
        capabilities: languages.length === 0 ? [] : [{ kind: 'tts', languages, engine: 'x', model: '' }],
        missing: [],
        maxInputBytes,
        freeSlots: 1,
        hotkey: 'a',
        version: '',
      },
    },
  });
  const work = { kind: 'tts', language: 'fr', inputBytes: 50 } as const;

  it('names the languages that miners do', () => {
    expect(noCapableMiner([miner(['en', 'de'])], work).message).to.equal(
      'No reachable miner can do tts in fr. The miners do it in de, en.',
    );
  });

  it('names the size that miners take', () => {
    expect(noCapableMiner([miner(['fr'], 40)], work).message).to.equal(
      'No reachable miner can do tts in fr. The input has 50 bytes, the miners take up to 40.',
    );
  });

  it('says that there are no miners', () => {
    expect(noCapableMiner([], work).message).to.include('The network has no miners');
  });
});
