import { expect } from 'chai';
import { bytesPrint, printLikeness, textPrint } from '../../../src/domain/score/answer-print.js';
import { part } from '../../../src/domain/score/part.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import { RecentAnswers } from '../../../src/domain/score/recent-answers.js';
import type { Score, TaskKind } from '../../../src/domain/task.js';
import { degraded, garbage } from '../../support/transcript-pools.js';
import { seeded } from './seeded.js';

const random = seeded(41);
const words = (count: number) => garbage(count, random).join(' ');
const CONSTANT = 'thank you so much for watching this video and see you next time';

const score = (parts: Score['parts'] = []): Score => ({
  accuracy: 1,
  parts,
  policyVersion: '1',
  policyHash: 'f'.repeat(64),
});

/** One task after the other, each with what its miners answered. */
class Rounds {
  readonly recent: RecentAnswers;

  constructor(
    private readonly kind: TaskKind,
    max = 2048,
  ) {
    this.recent = new RecentAnswers(max);
  }

  /** What is found against the answer of each miner; then they are remembered. */
  next(
    input: string,
    answers: Readonly<Record<string, string>>,
    scores: readonly Score[] = [],
  ): Record<string, unknown> {
    const task = { kind: this.kind, input: this.printOf(input, 'input') };
    const given = Object.entries(answers).map(([hotkey, text], index) => ({
      hotkey,
      print: this.printOf(text, 'output'),
      score: scores[index] ?? score(),
    }));
    const found = this.recent.findings(task, given, POLICY);
    this.recent.remember(task, given);
    return Object.fromEntries(
      given.map(({ hotkey }, index) => [hotkey, found[index]?.map(({ name, value }) => `${name} ${value}`)]),
    );
  }

  private printOf(text: string, side: 'input' | 'output') {
    const isAudio = this.kind === (side === 'input' ? 'transcription' : 'tts');
    return isAudio ? bytesPrint(Buffer.from(text)) : textPrint(text, 'en');
  }
}

describe('RecentAnswers', () => {
  it('finds the same answer of a miner to other questions, worse each time', () => {
    const rounds = new Rounds('transcription');
    expect(rounds.next('audio 1', { a: CONSTANT, b: words(12) })).to.deep.equal({ a: [], b: [] });
    expect(rounds.next('audio 2', { a: CONSTANT, b: words(12) })).to.deep.equal({
      a: ['constant 0.5'],
      b: [],
    });
    expect(rounds.next('audio 3', { a: CONSTANT, b: words(12) })).to.deep.equal({
      a: ['constant 0.25'],
      b: [],
    });
  });

  it('finds an answer that somebody gave to another question, also with some words changed', () => {
    const rounds = new Rounds('summarization');
    const answer = words(200);
    rounds.next(words(300), { a: answer });
    const changed = degraded(answer.split(' '), 0.01, random).join(' ');
    expect(rounds.next(words(300), { b: changed })).to.deep.equal({ b: ['other_task 0.5'] });
  });

  it('finds speech that a miner gave to other words, unless its words were followed', () => {
    const rounds = new Rounds('tts');
    rounds.next('the ferry leaves at noon', { a: 'some bytes' });
    expect(rounds.next('The ferry leaves at noon!', { b: 'some bytes' })).to.deep.equal({ b: [] });
    expect(rounds.next('the museum is closed today', { c: 'some bytes' })).to.deep.equal({ c: [] });
    expect(rounds.next('nobody knows the way', { a: 'some bytes' })).to.deep.equal({ a: ['constant 0.5'] });
    const followed = [score([part('words', 0.97, 'It says the text.')])];
    expect(rounds.next('the fairy leaves at noon', { a: 'some bytes' }, followed)).to.deep.equal({ a: [] });
  });

  it('holds nothing against the same answer to the same question, or nearly the same', () => {
    const rounds = new Rounds('summarization');
    const source = words(300);
    const answer = words(60);
    rounds.next(source, { a: answer });
    expect(rounds.next(source, { a: answer, b: answer })).to.deep.equal({ a: [], b: [] });
    expect(rounds.next(`${source} ${words(20)}`, { a: answer })).to.deep.equal({ a: [] });
  });

  it('holds nothing against a few words', () => {
    const rounds = new Rounds('transcription');
    rounds.next('audio 1', { a: 'ten of clubs' });
    expect(rounds.next('audio 2', { a: 'ten of clubs' })).to.deep.equal({ a: [] });
  });

  it('holds nothing against what most miners hear, or what is known to be said', () => {
    const rounds = new Rounds('transcription');
    rounds.next('audio 1', { a: CONSTANT, b: CONSTANT, c: CONSTANT });
    expect(rounds.next('audio 2', { a: CONSTANT, b: CONSTANT, c: CONSTANT })).to.deep.equal({
      a: [],
      b: [],
      c: [],
    });
    expect(rounds.next('audio 3', { a: CONSTANT, b: CONSTANT })).to.deep.equal({
      a: ['constant 0.25'],
      b: ['constant 0.25'],
    });
    const agreed = [1, 2].map(() => score([part('agreement', 0.9, 'It agrees.')]));
    expect(rounds.next('audio 5', { a: CONSTANT, b: CONSTANT }, agreed)).to.deep.equal({ a: [], b: [] });
    const confirmed = [score([part('reference', 0.97, 'It is right.')])];
    expect(rounds.next('audio 4', { a: CONSTANT }, confirmed)).to.deep.equal({ a: [] });
  });

  it('keeps kinds apart', () => {
    const transcripts = new Rounds('transcription');
    transcripts.next('audio', { a: CONSTANT });
    const other = { kind: 'summarization', input: textPrint(words(80), 'en') } as const;
    const answer = { hotkey: 'a', print: textPrint(CONSTANT, 'en'), score: score() };
    expect(transcripts.recent.findings(other, [answer], POLICY)).to.deep.equal([[]]);
  });

  it('forgets the oldest beyond its bound, and counts a task that is judged again once', () => {
    const rounds = new Rounds('transcription', 3);
    rounds.next('audio 1', { a: CONSTANT });
    for (let again = 0; again < 4; again += 1) rounds.next('audio 2', { a: words(12) });
    rounds.next('audio 3', { a: words(12) });
    expect(rounds.next('audio 4', { a: CONSTANT })).to.deep.equal({ a: ['constant 0.5'] });
    for (const number of [5, 6, 7]) rounds.next(`audio ${number}`, { a: words(12) });
    expect(rounds.next('audio 8', { a: CONSTANT })).to.deep.equal({ a: [] });
  });
});

describe('printLikeness()', () => {
  it('estimates the share of word pairs in common', () => {
    for (const rate of [0, 0.02, 0.1, 0.3, 1]) {
      const text = garbage(3000, random).map(
        (word, index) => `${word}${String.fromCharCode(97 + (index % 23))}`,
      );
      const other = text.map((word) => (random() < rate ? `${word}x` : word));
      const pairs = (list: readonly string[]) =>
        new Set(list.map((word, index) => `${list[index - 1] ?? ''} ${word}`));
      const [one, two] = [pairs(text), pairs(other)];
      const both = [...one].filter((pair) => two.has(pair)).length;
      const estimate = printLikeness(textPrint(text.join(' '), 'en'), textPrint(other.join(' '), 'en'));
      expect(estimate).to.be.closeTo(both / (one.size + two.size - both), 0.2);
    }
  });

  it('is 1 or 0 for bytes', () => {
    const [one, two] = [bytesPrint(Buffer.from([1])), bytesPrint(Buffer.from([2]))];
    expect([printLikeness(one, one), printLikeness(one, two)]).to.deep.equal([1, 0]);
  });
});
