import { expect } from 'chai';
import { POLICY } from '../../../src/domain/score/policy.js';
import { judgeSpeech } from '../../../src/domain/score/speech.js';
import { judgeTranscripts } from '../../../src/domain/score/transcription.js';
import type { Score } from '../../../src/domain/task.js';
import { seeded } from './seeded.js';
import { judgeSummaries } from './summary/judged.js';

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

describe('judgeSummaries()', () => {
  const judge = (text: string, source = SOURCE) =>
    judgeSummaries({ text: source, language: 'en' }, [{ text, totalMs: 500 }])[0];
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
    expect(value(score, 'compression')).to.equal(1);
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
      const kind = (['known', 'own'] as const)[round % 3];
      const transcription = {
        language,
        audioMs: oddNumber(),
        ...(kind === undefined ? {} : { reference: { kind, text: oddText() } }),
      };
      const weighted = texts.map((text) => ({ ...text, weight: oddNumber() }));
      check(
        judgeTranscripts(transcription, weighted, POLICY),
        judgeTranscripts(transcription, weighted, POLICY),
      );
      const source = { language, text: oddText() };
      const criticised = texts.map((text) => ({
        ...text,
        critique: { kind: 'given', faithful: oddNumber(), complete: oddNumber() } as const,
      }));
      const summary = { ...source, maxSentences: 1 + (round % 3) };
      check(judgeSummaries(source, texts), judgeSummaries(source, texts));
      check(judgeSummaries(summary, criticised), judgeSummaries(summary, criticised));
      const speech = texts.map(({ totalMs }) => ({
        totalMs,
        facts: {
          kind: 'sound' as const,
          durationMs: oddNumber(),
          sampleRateHz: oddNumber(),
          channelCount: oddNumber(),
          peak: oddNumber(),
          activeShare: oddNumber(),
          clippedShare: oddNumber(),
          loudnessSpreadDb: oddNumber(),
          timbreSpreadOctaves: oddNumber(),
          repetition: oddNumber(),
          words: {
            kind: 'heard' as const,
            text: { frames: oddNumber(), ratio: oddNumber() },
            transcript: { words: oddText(), following: { frames: oddNumber(), ratio: oddNumber() } },
          },
        },
      }));
      check(judgeSpeech(source, speech, POLICY), judgeSpeech(source, speech, POLICY));
    }
  });
});
