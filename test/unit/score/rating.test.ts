import { expect } from 'chai';
import { POLICY } from '../../../src/domain/score/policy.js';
import {
  afterSample,
  expectedQuality,
  qualityOf,
  trustIn,
  type MinerRating,
} from '../../../src/domain/score/rating.js';
import { scoreVector } from '../../../src/domain/score/score-vector.js';
import type { Score } from '../../../src/domain/task.js';

const score = (accuracy: number | undefined, parts: Score['parts'] = []): Score => ({
  ...(accuracy === undefined ? {} : { accuracy }),
  speed: 1,
  combined: 1,
  parts,
  policyVersion: '',
  policyHash: '',
});
const part = (name: string, value?: number) => ({
  name,
  explanation: '.',
  ...(value === undefined ? {} : { value }),
});

/** A rating after samples in turn; undefined is a question without a usable reply. */
const rated = (scores: readonly (Score | undefined)[], kind: MinerRating['kind'] = 'tts'): MinerRating => {
  let rating: MinerRating | undefined;
  for (const [atMs, sample] of scores.entries()) {
    const given = { kind, language: 'en', atMs, ...(sample === undefined ? {} : { score: sample }) };
    rating = afterSample(rating, given, POLICY);
  }
  return rating!;
};
const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('afterSample()', () => {
  it('is the plain mean at first and moves afterwards', () => {
    const rating = rated([score(0), score(1), undefined]);
    expect(rating.accuracy).to.deep.equal({ mean: 0.5, sampleCount: 2 });
    expect(rating.speed).to.deep.equal({ mean: 1, sampleCount: 2 });
    expect(rating.reliability.mean).to.be.closeTo(2 / 3, 1e-12);
    expect(rating).to.deep.include({ lastSampleMs: 2 });
    expect(rated([...many(100, score(0)), ...many(50, score(1))]).accuracy?.mean).to.be.above(0.99);
  });

  it('leaves what a sample does not tell as it was', () => {
    const rating = rated([score(0.25, [part('agreement', 0.25)]), score(undefined), undefined]);
    expect(rating.accuracy).to.deep.equal({ mean: 0.25, sampleCount: 1 });
    expect(rating.parts['agreement']).to.deep.equal({ mean: 0.25, sampleCount: 1 });
    expect(rating.reliability.sampleCount).to.equal(3);
  });

  it('has a mean of each part that had a value', () => {
    const { parts } = rated([
      score(1, [part('duration', 1), part('network')]),
      score(1, [part('duration', 0), part('speed', 0.5)]),
    ]);
    expect(parts).to.deep.equal({
      duration: { mean: 0.5, sampleCount: 2 },
      speed: { mean: 0.5, sampleCount: 1 },
    });
  });

  it('keeps 32 parts, those of the newest score before others', () => {
    const names = (start: number) => many(30, 0).map((_, index) => part(`part_${start + index}`, 1));
    const { parts } = rated([score(1, names(0)), score(1, names(100))]);
    expect(Object.keys(parts)).to.have.length(32);
    expect(Object.keys(parts)).to.include.members(names(100).map(({ name }) => name));
  });
});

describe('what is expected of a miner', () => {
  it('is the opinion of strangers at first, and what it did after some samples', () => {
    const { unknownPerformance, unknownTrust } = POLICY.reputation;
    expect(expectedQuality(undefined, POLICY)).to.equal(unknownPerformance);
    expect(trustIn(undefined, POLICY)).to.equal(unknownTrust);
    const good = rated(many(100, score(1)));
    expect(expectedQuality(good, POLICY)).to.be.above(0.98);
    expect(trustIn(good, POLICY)).to.be.above(0.98);
    const lucky = rated([score(1)]);
    expect(trustIn(lucky, POLICY)).to.be.within(unknownTrust, 0.7);
  });

  it('falls with each question that gets no usable reply', () => {
    const failing = rated(many(20, undefined));
    expect(expectedQuality(failing, POLICY)).to.equal(0);
    expect(qualityOf(failing, POLICY)).to.equal(0);
    const half = rated(many(20, [score(1), undefined]).flat());
    expect(qualityOf(half, POLICY)).to.equal(half.reliability.mean);
    expect(half.reliability.mean).to.be.within(0.4, 0.6);
    expect(trustIn(half, POLICY)).to.be.within(0.4, 0.6);
  });
});

describe('scoreVector()', () => {
  const good = many(40, score(1));
  const vector = (miners: Record<string, readonly MinerRating[]>) =>
    scoreVector(new Map(Object.entries(miners)), POLICY);

  it('is quality times confidence, each kind by its share of the questions', () => {
    const scores = vector({
      both: [rated(good), rated(many(40, score(0.5)), 'transcription')],
      one: [rated(good)],
    });
    // 80 of 120 questions were speech.
    const confidence = 40 / 45;
    expect(scores.get('both')).to.be.closeTo(confidence * ((80 / 120) * 1 + (40 / 120) * 0.65), 1e-9);
    expect(scores.get('one')).to.be.closeTo(confidence * (80 / 120), 1e-9);
  });

  it('does not let one lucky reply stand beside forty good ones', () => {
    const scores = vector({ steady: [rated(good)], lucky: [rated([score(1)])] });
    expect(scores.get('lucky')).to.be.below(0.25 * (scores.get('steady') ?? 0));
  });

  it('is 0 for a miner without ratings, and never NaN', () => {
    expect([...vector({ a: [], b: [] })]).to.deep.equal([
      ['a', 0],
      ['b', 0],
    ]);
  });
});
