import { expect } from 'chai';
import { POLICY } from '../../../src/domain/score/policy.js';
import { excerptOf } from '../../../src/domain/score/speech-excerpt.js';
import { expectedSeconds } from '../../../src/domain/score/speech-pace.js';
import { belief, isOpen, type HeardWords } from '../../../src/domain/score/speech-words.js';
import {
  isSpeechLike,
  judgeSpeech,
  type SoundFacts,
  type SpeechFacts,
} from '../../../src/domain/score/speech.js';

const TEXT = 'The train to the north leaves at seven in the evening.';

const CLEAN: SoundFacts = {
  kind: 'sound',
  durationMs: 3_300,
  sampleRateHz: 16_000,
  channelCount: 1,
  peak: 0.7,
  activeShare: 0.8,
  clippedShare: 0,
  loudnessSpreadDb: 14,
  timbreSpreadOctaves: 1.2,
  repetition: 0.3,
  words: { kind: 'passed' },
};

const judge = (facts?: SpeechFacts, { text = TEXT, language = 'en', wordsRecord }: Asked = {}) =>
  judgeSpeech(
    { text, language },
    [
      {
        ...(facts === undefined ? {} : { facts }),
        ...(wordsRecord === undefined ? {} : { wordsRecord }),
        totalMs: 500,
      },
    ],
    POLICY,
  )[0]!;

interface Asked {
  readonly text?: string;
  readonly language?: string;
  readonly wordsRecord?: number;
}

const partOf = (facts: SpeechFacts, name: string, asked: Asked = {}) =>
  judge(facts, asked).parts.find((entry) => entry.name === name);

describe('judgeSpeech()', () => {
  it('gives clean speech of the right length all', () => {
    expect(judge(CLEAN).accuracy).to.equal(1);
    expect(
      judge({ ...CLEAN, durationMs: 2_200 }, { text: '你好世界，欢迎您来', language: 'zh' }).accuracy,
    ).to.equal(1);
    expect(judge({ ...CLEAN, durationMs: 6_000 }, { text: 'Call 555 0123 4567 today' }).accuracy).to.equal(1);
  });

  const bad: readonly (readonly [string, Partial<SoundFacts>, string])[] = [
    ['what has no length', { durationMs: 0 }, 'decodes'],
    ['silence', { peak: 0, activeShare: 0 }, 'sound'],
    ['a length far above the text', { durationMs: 30_000 }, 'duration'],
    ['a length far below the text', { durationMs: 500 }, 'duration'],
    ['a rate that no speech has', { sampleRateHz: 4_000 }, 'format'],
    ['what is as loud all the time', { loudnessSpreadDb: 2.4 }, 'liveliness'],
    ['what sounds the same all the time', { timbreSpreadOctaves: 0.13 }, 'liveliness'],
    ['a loop', { repetition: 0.97 }, 'variety'],
    ['clipped sound', { clippedShare: 0.3 }, 'unclipped'],
  ];
  for (const [name, facts, blamed] of bad)
    it(`gives ${name} nothing and says why`, () => {
      const score = judge({ ...CLEAN, ...facts });
      expect(score.accuracy).to.equal(0);
      expect(score.parts.filter(({ value }) => value === 0).map((entry) => entry.name)).to.deep.equal([
        blamed,
      ]);
    });

  it('gives what does not decode nothing and passes on why', () => {
    const why = 'The audio cannot be decoded: its header announces more than there is.';
    const score = judge({ kind: 'undecodable', why });
    expect(score.accuracy).to.equal(0);
    expect(score.parts[0]).to.deep.equal({ name: 'decodes', value: 0, explanation: why });
  });

  it('leaves the accuracy unset where the judge itself failed to hear', () => {
    expect(judge(undefined)).not.to.have.property('accuracy');
  });

  it('finds a reading cut in half short, whoever reads', () => {
    const whole = expectedSeconds({ text: TEXT, language: 'en' }, POLICY) * 1_000;
    // The fastest and the slowest of the installed voices, and a slow human.
    for (const pace of [0.72, 1, 1.35, 1.9]) {
      const value = (share: number) =>
        partOf({ ...CLEAN, durationMs: whole * pace * share }, 'duration')?.value ?? NaN;
      expect(value(1), `pace ${pace}`).to.be.above(0.85);
      if (pace < 1.4) expect(value(0.5), `half at pace ${pace}`).to.be.below(value(1));
    }
  });

  it('counts more than two channels for less', () => {
    expect(partOf({ ...CLEAN, channelCount: 2 }, 'format')?.value).to.equal(1);
    expect(partOf({ ...CLEAN, channelCount: 8 }, 'format')?.value).to.equal(0.25);
  });

  it('lets the speech of a text that repeats itself repeat itself', () => {
    const asked = { text: 'No, no, no, no! No, no, no, no! No, no, no, no!' };
    expect(partOf({ ...CLEAN, repetition: 0.99 }, 'variety', asked)).not.to.have.property('value');
  });

  it('does not ask a single sound to vary', () => {
    const facts = { ...CLEAN, durationMs: 400, loudnessSpreadDb: 1 };
    expect(partOf(facts, 'liveliness', { text: 'a' })).not.to.have.property('value');
    expect(partOf(facts, 'liveliness', { text: 'yes' })?.value).to.equal(0);
  });

  it('takes the miner at its record where the words were not listened to', () => {
    expect(judge(CLEAN, { wordsRecord: 0.2 }).accuracy).to.equal(0.2);
    expect(judge({ ...CLEAN, words: { kind: 'unheard', why: 'x' } }, { wordsRecord: 0.2 }).accuracy).to.equal(
      1,
    );
  });
});

describe('the words of a reply', () => {
  const right = { frames: 120, ratio: 0.84 };
  const wrong = { frames: 120, ratio: 0.99 };
  const value = (words: HeardWords, text = TEXT) => partOf({ ...CLEAN, words }, 'words', { text })?.value;

  it('are the text where its reading is followed', () => {
    expect(value({ kind: 'heard', text: right })).to.be.above(0.99);
  });

  it('count half where nothing is proven', () => {
    expect(value({ kind: 'heard', text: wrong })).to.be.closeTo(0.5, 0.02);
    expect(value({ kind: 'heard', text: wrong, transcript: { words: 'oh really' } })).to.be.closeTo(
      0.5,
      0.02,
    );
    expect(value({ kind: 'heard', text: wrong, transcript: { words: '' } })).to.be.closeTo(0.5, 0.02);
  });

  it('are the text where the recognizer understood it', () => {
    expect(value({ kind: 'heard', text: wrong, transcript: { words: TEXT, following: right } })).to.equal(1);
    expect(value({ kind: 'heard', transcript: { words: TEXT } })).to.equal(1);
  });

  it('are others where the words of the recognizer are followed instead', () => {
    const transcript = { words: 'she sells fresh bread near the bridge', following: right };
    expect(value({ kind: 'heard', text: wrong, transcript })).to.be.below(0.02);
  });

  it('are not failed by a recognizer whose own words are followed no better', () => {
    const transcript = { words: 'oh really', following: { frames: 40, ratio: 0.97 } };
    expect(value({ kind: 'heard', text: wrong, transcript })).to.be.above(0.45);
  });

  it('are not failed by words that are followed hardly better than the text', () => {
    const transcript = { words: 'oh really', following: { frames: 120, ratio: 0.9 } };
    const text = { frames: 120, ratio: 0.93 };
    expect(value({ kind: 'heard', text, transcript })).to.equal(value({ kind: 'heard', text }));
  });

  it('are half of the text where half of it was understood', () => {
    const half = 'the train to the north';
    expect(value({ kind: 'heard', text: wrong, transcript: { words: half } })).to.be.within(0.5, 0.8);
  });
});

describe('belief()', () => {
  it('falls with the distance and is surer of longer texts', () => {
    const at = (frames: number, ratio: number) => belief({ frames, ratio }, POLICY);
    expect(at(100, 0.5)).to.be.above(at(100, 0.86));
    expect(at(100, 0.86)).to.be.above(at(100, 0.9));
    expect(at(100, 0.9)).to.be.above(at(100, 1));
    expect(at(400, 0.9)).to.be.above(at(40, 0.9));
    expect(at(400, 1)).to.be.below(at(40, 1));
    // Both are far from what is usual, one by far nearer to the reference.
    expect(at(20, 0.3)).to.be.at.least(at(20, 0.86));
    expect(at(100, 5)).to.be.below(0.001);
  });

  it('is a probability for every length and ratio', () => {
    for (const frames of [10, 40, 600])
      for (const ratio of [0, 0.5, 0.8, 0.95, 1, 1.3, 5])
        expect(belief({ frames, ratio }, POLICY)).to.be.within(0, 1);
  });

  it('leaves the question open where no voice could be compared', () => {
    expect(isOpen(undefined, POLICY)).to.be.true;
    expect(isOpen({ frames: 100, ratio: 0.84 }, POLICY)).to.be.false;
    expect(isOpen({ frames: 100, ratio: 0.99 }, POLICY)).to.be.true;
  });
});

describe('isSpeechLike()', () => {
  it('is false where the words could make no difference', () => {
    const question = { text: TEXT, language: 'en' };
    expect(isSpeechLike(question, CLEAN, POLICY)).to.be.true;
    expect(isSpeechLike(question, { ...CLEAN, repetition: 1 }, POLICY)).to.be.false;
  });
});

describe('expectedSeconds()', () => {
  const seconds = (text: string, language = 'en') => expectedSeconds({ text, language }, POLICY);

  // What flite and eSpeak take, in the middle.
  const cases: readonly (readonly [string, number])[] = [
    ['a', 0.45],
    ['hello world', 1.05],
    ['Dr. Smith paid $5.20 for 3 apples on 12/03/2024 at 10:45.', 7.8],
    ['Visit https://www.example.com/help for more information', 6.2],
    ['The committee published a long report about the price of electricity in rural areas.', 5],
  ];
  for (const [text, spoken] of cases)
    it(`is within a third of the ${spoken} s of “${text}”`, () => {
      expect(seconds(text) / spoken).to.be.within(0.67, 1.5);
    });

  it('counts a Chinese character as longer than a letter, and a kanji as two kana', () => {
    expect(seconds('你好世界', 'zh')).to.be.above(2 * seconds('abcd', 'en'));
    expect(seconds('北北', 'ja')).to.equal(seconds('きたきた', 'ja'));
  });
});

describe('excerptOf()', () => {
  const words = Array.from({ length: 2_000 }, (_, i) => `word${'x'.repeat(i % 7)}`);
  const text = words.join(' ');

  it('is all of a short text', () => {
    expect(excerptOf({ text: TEXT, language: 'en' }, 0.7, POLICY)).to.deep.equal({
      text: TEXT,
      startShare: 0,
      endShare: 1,
    });
  });

  for (const place of [0, 0.31, 0.999])
    it(`is a minute of whole words of a long one at ${place}`, () => {
      const { text: part, startShare, endShare } = excerptOf({ text, language: 'en' }, place, POLICY);
      expect(expectedSeconds({ text: part, language: 'en' }, POLICY)).to.be.closeTo(60, 2);
      expect(text.slice(Math.max(0, text.indexOf(part)))).to.satisfy((rest: string) => rest.startsWith(part));
      for (const word of part.trim().split(' ')) expect(words).to.include(word);
      expect(startShare).to.be.within(0, endShare);
      expect(endShare).to.be.at.most(1);
      expect(startShare).to.be.closeTo(place * (1 - (endShare - startShare)), 0.02);
    });

  it('cuts a text without gaps between characters', () => {
    const chinese = '你𠮷世界'.repeat(500);
    for (const place of [0.1, 0.1003, 0.1007, 0.5]) {
      const part = excerptOf({ text: chinese, language: 'zh' }, place, POLICY).text;
      expect(part).to.not.match(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
      expect(part.length).to.be.below(chinese.length / 2);
    }
  });
});
