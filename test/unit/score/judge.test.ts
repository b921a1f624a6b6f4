import { expect } from 'chai';
import { ranking } from '../../../src/domain/score/combine.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import { judgeSpeech, type SpeechFacts } from '../../../src/domain/score/speech.js';
import { judgeSummaries } from '../../../src/domain/score/summary.js';
import { judgeTranscripts } from '../../../src/domain/score/transcription.js';
import type { Score } from '../../../src/domain/task.js';
import { seeded } from './seeded.js';

const value = (score: Score | undefined, name: string) =>
  score?.parts.find((entry) => entry.name === name)?.value;

const SOURCE = [
  'The harbour of the town was built in 1872 by fishermen from the northern islands.',
  'For fifty years the fishing fleet brought herring, cod and salt to the markets of the coast.',
  'A storm destroyed the outer wall in 1921, and the town rebuilt the harbour with stone from the quarry.',
  'Today the harbour serves ferries, and the old fishing fleet has become a museum that visitors love.',
  'The council plans a second pier for the ferries, which would open in 2030 if the money is found.',
].join(' ');
const EXTRACT =
  'For fifty years the fishing fleet brought herring, cod and salt to the markets of the coast. ' +
  'Today the harbour serves ferries, and the old fishing fleet has become a museum that visitors love.';

describe('judgeTranscripts()', () => {
  const judge = (texts: readonly string[], reference?: string) =>
    judgeTranscripts(
      { language: 'en', audioMs: 5000, ...(reference === undefined ? {} : { reference }) },
      texts.map((text) => ({ text, totalMs: 1000 })),
      POLICY,
    );

  it('puts the reply first that agrees most with the others', () => {
    const scores = judge([
      'go forward ten meters',
      'go forward then meters now',
      'Go forward, ten meters!',
      'blah',
    ]);
    expect(ranking(scores)).to.deep.equal([0, 2, 1, 3]);
    expect(scores[3]?.accuracy).to.equal(0);
  });

  it('counts case and punctuation as nothing', () => {
    expect(judge(['Hello, world.', 'hello world']).map(({ accuracy }) => accuracy)).to.deep.equal([1, 1]);
  });

  it('compares a lone reply with the reference', () => {
    expect(judge(['go forward then meters'], 'go forward ten meters')[0]?.accuracy).to.equal(0.75);
  });

  it('leaves the accuracy of a lone reply unset without a reference', () => {
    const [score] = judge(['go forward']);
    expect(score).not.to.have.property('accuracy');
    expect(score?.parts[0]).to.deep.include({ name: 'agreement' }).and.not.to.have.property('value');
    expect(score?.combined).to.be.closeTo(0.3 * (score?.speed ?? 0), 1e-12);
  });
});

describe('judgeSpeech()', () => {
  const clean: SpeechFacts = {
    durationMs: 1000,
    peak: 0.7,
    activeShare: 0.8,
    clippedShare: 0,
    dynamicRangeDb: 40,
  };
  const judge = (facts: SpeechFacts | undefined, text = 'Hello world', language = 'en') =>
    judgeSpeech({ text, language }, [{ ...(facts === undefined ? {} : { facts }), totalMs: 500 }], POLICY)[0];

  it('gives clean speech of the right length all', () => {
    expect(judge(clean)?.accuracy).to.equal(1);
    expect(judge({ ...clean, durationMs: 2200 }, '你好世界，欢迎您来', 'zh')?.accuracy).to.equal(1);
    expect(judge({ ...clean, durationMs: 6000 }, 'Call 555 0123 4567 today')?.accuracy).to.equal(1);
  });

  const bad: readonly (readonly [string, SpeechFacts | undefined, string])[] = [
    ['what does not decode', undefined, 'decodes'],
    ['what has no length', { ...clean, durationMs: 0 }, 'decodes'],
    ['silence', { ...clean, peak: 0, activeShare: 0 }, 'sound'],
    ['a length far above the text', { ...clean, durationMs: 30_000 }, 'duration'],
    ['a length far below the text', { ...clean, durationMs: 100 }, 'duration'],
    ['a tone', { ...clean, dynamicRangeDb: 0.5 }, 'dynamics'],
    ['clipped noise', { ...clean, clippedShare: 0.3 }, 'unclipped'],
  ];
  for (const [name, facts, blamed] of bad) {
    it(`gives ${name} nothing and says why`, () => {
      const score = judge(facts);
      expect(score?.accuracy).to.equal(0);
      expect(value(score, blamed)).to.equal(0);
    });
  }
});

describe('judgeSummaries()', () => {
  const judge = (text: string, source = SOURCE) =>
    judgeSummaries({ text: source, language: 'en' }, [{ text, totalMs: 500 }], POLICY)[0];
  const accuracy = (text: string) => judge(text)?.accuracy ?? NaN;

  it('gives an extract more than each trick', () => {
    const good = accuracy(EXTRACT);
    expect(good).to.be.above(0.7);
    const tricks = {
      empty: '',
      copy: SOURCE,
      salad: EXTRACT.split(' ').sort().join(' '),
      other: 'Bakers all over the country sell much more bread since the price of flour went down again.',
      repeated: 'The fishing fleet brought herring. '.repeat(6),
      numbers: EXTRACT.replace('fifty', '77').replace('the old', '1234 old'),
    };
    for (const [name, text] of Object.entries(tricks)) expect(accuracy(text), name).to.be.below(good);
    expect(accuracy(tricks.empty)).to.equal(0);
    expect(accuracy(tricks.copy)).to.equal(0);
  });

  it('does not ask for a shorter text where the source is short', () => {
    const text = 'Long text to summarize...';
    const score = judge(text, text);
    expect(value(score, 'compression')).to.equal(undefined);
    expect(score?.accuracy).to.equal(1);
  });
});

describe('every judgement', () => {
  const random = seeded(11);
  const oddNumber = () =>
    [NaN, Infinity, -Infinity, -1, 0, 1e-9, 0.5, 1, 1e12, random() * 1e5][Math.floor(random() * 10)] ?? 0;
  const oddText = () =>
    Array.from(
      { length: Math.floor(random() * 50) },
      () =>
        ['harbour', 'fleet', '7', '世', '\u0000', '\ud800', '—', ' ', "'", 'naïve'][
          Math.floor(random() * 10)
        ],
    ).join(random() < 0.5 ? ' ' : '');
  const languages = ['en', 'ja', 'ar', 'xx'];

  const check = (scores: readonly Score[], again: readonly Score[]) => {
    expect(again).to.deep.equal(scores);
    for (const score of scores) {
      const values = [
        score.accuracy,
        score.speed,
        score.combined,
        ...score.parts.map((entry) => entry.value),
      ];
      for (const entry of values) if (entry !== undefined) expect(entry).to.be.within(0, 1);
      for (const { explanation } of score.parts) expect(explanation).to.match(/^.{1,500}\.$/s);
      expect(score.policyHash).to.match(/^[0-9a-f]{64}$/);
    }
  };

  it('is in [0, 1], explained and the same again, whatever the replies are', () => {
    for (let round = 0; round < 300; round += 1) {
      const language = languages[round % languages.length] ?? 'en';
      const texts = Array.from({ length: 1 + (round % 4) }, () => ({
        text: oddText(),
        totalMs: oddNumber(),
      }));
      const transcription = { language, audioMs: oddNumber() };
      check(judgeTranscripts(transcription, texts, POLICY), judgeTranscripts(transcription, texts, POLICY));
      const source = { language, text: oddText() };
      check(judgeSummaries(source, texts, POLICY), judgeSummaries(source, texts, POLICY));
      const speech = texts.map(({ totalMs }) => ({
        totalMs,
        facts: {
          durationMs: oddNumber(),
          peak: oddNumber(),
          activeShare: oddNumber(),
          clippedShare: oddNumber(),
          dynamicRangeDb: oddNumber(),
        },
      }));
      check(judgeSpeech(source, speech, POLICY), judgeSpeech(source, speech, POLICY));
    }
  });
});
