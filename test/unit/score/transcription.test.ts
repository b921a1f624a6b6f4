import { expect } from 'chai';
import { ranking } from '../../../src/domain/score/combine.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import {
  judgeTranscripts,
  type Reference,
  type TranscriptReply,
} from '../../../src/domain/score/transcription.js';
import type { Score } from '../../../src/domain/task.js';
import { degraded, garbage, shuffled } from '../../support/transcript-pools.js';
import { seeded } from './seeded.js';

type Answer = string | Pick<TranscriptReply, 'text' | 'weight'>;

const SAID =
  'he had married a more amiable woman and might have been made still more respectable than he was';
const HALF =
  'he had carried a more available woman or might not been made until more acceptable than she was';

function judge(
  answers: readonly Answer[],
  options: { reference?: Reference; language?: string; audioMs?: number } = {},
): readonly Score[] {
  const { reference, language = 'en', audioMs = 6000 } = options;
  return judgeTranscripts(
    { language, audioMs, ...(reference === undefined ? {} : { reference }) },
    answers.map((answer) => ({ ...(typeof answer === 'string' ? { text: answer } : answer), totalMs: 1000 })),
    POLICY,
  );
}

const accuracies = (...given: Parameters<typeof judge>) => judge(...given).map(({ accuracy }) => accuracy);
const partOf = (score: Score | undefined, name: string) => score?.parts.find((entry) => entry.name === name);
const known = (text: string): Reference => ({ kind: 'known', text });
const own = (text: string): Reference => ({ kind: 'own', text });

describe('judgeTranscripts()', () => {
  describe('against a known text', () => {
    it('weighs wrong words and wrong characters', () => {
      const [score] = judge(['the cat sat up'], { reference: known('the cat sat down') });
      expect(score?.accuracy).to.be.closeTo(1 - (0.75 / 4 + (0.25 * 4) / 13), 1e-12);
      expect(partOf(score, 'reference')?.explanation)
        .to.include('word error rate is 25 %')
        .and.include('31 %');
    });

    it('does not care what the others say', () => {
      const alone = accuracies([SAID], { reference: known(SAID) });
      expect(alone).to.deep.equal([1]);
      expect(accuracies([HALF, SAID, HALF], { reference: known(SAID) })[1]).to.equal(1);
    });

    it('is 0 for ten times as many words, and no less', () => {
      const text = 'and then they all went home again '.repeat(10);
      expect(accuracies([text], { reference: known('go forward') })).to.deep.equal([0]);
    });

    it('reads as much as the known text has, however short the audio is said to be', () => {
      const text = `${SAID} `.repeat(40);
      expect(accuracies([text], { reference: known(text), audioMs: 1000 })).to.deep.equal([1]);
    });

    it('takes silence for right where nothing is said', () => {
      expect(accuracies(['', 'thank you'], { reference: known('') })).to.deep.equal([1, 0]);
    });

    it('gives half to the later one of two with the same errors, and all to right ones', () => {
      const [first, second, third] = judge([HALF, SAID, HALF], { reference: known(SAID) });
      expect(partOf(first, 'copy')).to.equal(undefined);
      expect(partOf(third, 'copy')?.value).to.equal(0.5);
      expect(third?.accuracy).to.be.closeTo((first?.accuracy ?? 0) / 2, 1e-12);
      expect(third?.combined).to.be.closeTo((first?.combined ?? 0) / 2, 1e-12);
      expect(second?.accuracy).to.equal(1);
      const right = judge([SAID, SAID, SAID], { reference: known(SAID) });
      expect(right.map(({ combined }) => combined)).to.deep.equal(right.map(() => right[0]?.combined));
    });
  });

  describe('by agreement', () => {
    it('puts the reply first that agrees most with the others', () => {
      const scores = judge([
        'go forward ten meters',
        'go forward then meters',
        'Go forward, 10 meters!',
        'blah',
      ]);
      expect(ranking(scores)).to.deep.equal([0, 2, 1, 3]);
      expect(scores[3]?.accuracy).to.be.below(0.05);
    });

    it('gives right answers all, whatever the others say', () => {
      const texts = [SAID, SAID, 'nothing of the kind', HALF];
      const [one, two, bad, half] = accuracies(texts);
      expect(Math.min(one ?? 0, two ?? 0)).to.be.closeTo(1, 1e-5);
      expect(bad).to.be.below(0.2);
      expect(half).to.be.within(0.4, 0.75);
    });

    it('lets several that differ slightly win over copies of a bad one', () => {
      const random = seeded(3);
      const good = [0, 1, 2].map(() => degraded(SAID.split(' '), 0.2, random).join(' '));
      const bad = garbage(18, random).join(' ');
      const scores = accuracies([bad, ...good, bad]).map((value) => value ?? 0);
      expect(Math.min(...scores.slice(1, 4))).to.be.above(0.6);
      expect(Math.max(scores[0] ?? 1, scores[4] ?? 1)).to.be.below(0.1);
    });

    it('lets two that err differently win over two that are the same', () => {
      const [one, two, three, four] = accuracies([
        SAID.replace('amiable', 'able'),
        SAID.replace('still more', 'till'),
        'the weather of the north is cold and the sun is low',
        'the weather of the north is cold and the sun is low',
      ]);
      expect(Math.min(one ?? 0, two ?? 0)).to.be.above(0.8);
      expect(Math.max(three ?? 1, four ?? 1)).to.be.below(0.2);
    });

    it('gives half to the later one of a minority with the same errors', () => {
      const scores = judge([SAID, HALF, SAID, HALF, SAID]);
      expect(scores.map((score) => partOf(score, 'copy')?.value)).to.deep.equal([
        undefined,
        undefined,
        undefined,
        0.5,
        undefined,
      ]);
    });

    it('blames nobody where half of the answers are alike', () => {
      for (const texts of [
        [HALF, HALF],
        [SAID, HALF, HALF],
        [SAID, HALF, SAID, HALF],
      ])
        for (const score of judge(texts)) expect(partOf(score, 'copy')).to.equal(undefined);
    });

    it('believes the one with the better past where two contradict each other', () => {
      const trusted = { text: SAID, weight: 0.95 };
      const doubted = { text: HALF, weight: 0.3 };
      const [one, two] = accuracies([trusted, doubted]);
      expect(one).to.be.above(0.8);
      expect(two).to.be.below(0.65);
      const [same, too] = accuracies([SAID, HALF]);
      expect(same).to.be.closeTo(too ?? 0, 1e-9);
    });

    it('shares what two have in common between them', () => {
      const text = 'seven words are in this short text';
      const [one, two] = accuracies([text, text.replace('seven words', 'many letters')]);
      expect(one).to.be.closeTo(Math.sqrt(5 / 7), 1e-6);
      expect(two).to.be.closeTo(Math.sqrt(5 / 7), 1e-6);
    });

    it('takes from an accuracy what is not plausible', () => {
      const [, , twice] = judge([SAID, SAID, `${SAID} and ${SAID}`], { audioMs: 3500 });
      const pace = partOf(twice, 'pace')?.value ?? 0;
      expect(pace).to.be.within(0.1, 0.4);
      expect(twice?.accuracy).to.be.closeTo((partOf(twice, 'agreement')?.value ?? 0) * pace, 1e-12);
    });

    it('lets one with a bad past come back', () => {
      expect(accuracies([{ text: SAID, weight: 0 }, SAID, HALF])[0]).to.be.above(0.95);
    });

    it('says what cannot be known', () => {
      const explanation = (texts: readonly Answer[]) => judge(texts)[0]?.parts[0]?.explanation;
      expect(explanation([SAID])).to.include('only answer');
      expect(explanation([SAID, HALF]))
        .to.include('which of the two errs')
        .and.include('not known');
      expect(explanation([SAID, 'the weather is cold today'])).to.include(
        'which of them is right is not known',
      );
      expect(explanation(['', ''])).to.include('whether anything is said');
    });

    it('leaves the accuracy unset where nothing is known', () => {
      for (const texts of [[SAID], [SAID, 'the weather is cold today'], ['', '']])
        for (const score of judge(texts)) {
          expect(score).not.to.have.property('accuracy');
          expect(score.combined).to.be.closeTo(0.3 * (score.speed ?? NaN), 1e-12);
        }
    });

    it('gives an empty answer nothing where others have words', () => {
      expect(accuracies(['', SAID, SAID])).to.deep.equal([0, 1, 1]);
      expect(partOf(judge(['...', SAID])[0], 'empty')?.value).to.equal(0);
    });

    it('lets nobody who hears words alone fail those who hear none', () => {
      expect(accuracies(['', 'thank you for watching', ''])).to.deep.equal([undefined, undefined, undefined]);
      expect(accuracies(['', SAID, '', SAID, ''])).to.deep.equal([0, ...[1, 0, 1, 0]]);
      expect(accuracies(['', 'thank you for watching'], { reference: own('') })).to.deep.equal([
        1,
        undefined,
      ]);
    });

    it('gives an implausible answer nothing, also when it is alone', () => {
      expect(accuracies(['привет как дела сегодня'])).to.deep.equal([0]);
      expect(accuracies([SAID, SAID, SAID.repeat(20)])[2]).to.equal(0);
      expect(accuracies(['thank you '.repeat(15)], { audioMs: 60_000 })).to.deep.equal([0]);
    });

    it('compares Korean by character, so that spaces do not matter', () => {
      const [one, two, three] = accuracies(['나는 학교에 갔다', '나는 학교 에 갔다', '나는 하고에 갔다'], {
        language: 'ko',
      });
      expect(Math.min(one ?? 0, two ?? 0)).to.be.closeTo(1, 1e-5);
      expect(three).to.be.within(0.7, 0.95);
    });
  });

  describe("with the validator's own transcript", () => {
    it('tells which of two that contradict each other is right', () => {
      const [one, two] = accuracies([SAID, 'the weather of the north is cold and the sun is low'], {
        reference: own(HALF),
      });
      expect(one).to.be.above(0.7);
      expect(two).to.be.below(0.2);
    });

    it('does not fail a better answer than its own', () => {
      const heard = SAID.replace('amiable', 'able')
        .replace('still', 'till')
        .replace('respectable', 'acceptable')
        .replace('than he', 'many');
      expect(accuracies([SAID], { reference: own(heard) })).to.deep.equal([1]);
      expect(accuracies([heard, SAID], { reference: own(heard) })[1]).to.equal(1);
      const [worse, better, third] = accuracies([heard, SAID, SAID.replace('woman', 'women')], {
        reference: own(heard),
      });
      expect(better).to.be.above(worse ?? 1);
      expect(third).to.be.above(worse ?? 1);
    });

    it('takes silence for right where it hears nothing either', () => {
      expect(accuracies(['', ''], { reference: own('') })).to.deep.equal([1, 1]);
    });

    it('does not count against words that it does not hear', () => {
      expect(judge([SAID], { reference: own('') })[0]).not.to.have.property('accuracy');
    });
  });

  it('scores the same replies the same in any order, but for copies', () => {
    const random = seeded(17);
    for (let round = 0; round < 60; round += 1) {
      const words = SAID.split(' ');
      const shared = degraded(words, 0.4, random);
      const answers = Array.from({ length: 2 + (round % 6) }, (_, index) => ({
        text: (index % 3 === 2 ? shared : degraded(words, random(), random)).join(' '),
        weight: random(),
      }));
      const order = shuffled([...answers.keys()], random);
      const reference = [undefined, own(shared.join(' ')), known(SAID)][round % 3];
      const options = reference === undefined ? {} : { reference };
      const rightOf = ({ parts }: Score) => parts.filter(({ name }) => name !== 'copy' && name !== 'speed');
      const straight = judge(answers, options).map(rightOf);
      const mixed = judge(
        order.map((index) => answers[index] ?? ''),
        options,
      ).map(rightOf);
      expect(mixed).to.deep.equal(order.map((index) => straight[index]));
    }
  });

  it('reads no more of a reply than can be spoken in the audio', () => {
    const long = 'lorem ipsum dolor sit amet '.repeat(9000);
    const scores = judge([SAID, SAID, long]);
    expect(scores.map(({ accuracy }) => accuracy)).to.deep.equal([1, 1, 0]);
    expect(partOf(scores[2], 'pace')?.explanation).to.match(/^It has 122 words or characters in 6\.0 s/);
  });
});
