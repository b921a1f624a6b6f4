import { expect } from 'chai';
import { POLICY } from '../../../src/domain/score/policy.js';
import { speedOf } from '../../../src/domain/score/speed.js';
import { GRADES, validate } from './graded-miners.js';

const TASKS = 200;
const PAIRS: readonly (readonly [number, number])[] = [
  [1, 2],
  [3, 4],
  [5, 6],
];

/** What each miner is worth by what it was made of, in the order of the grades. */
const TRUTH = GRADES.map(({ errorRate, ms, failureRate }) => {
  const { value } = speedOf({ totalMs: ms }, { audioMs: 4000, characters: 0 }, POLICY);
  return (1 - failureRate) * (POLICY.weights.accuracy * (1 - errorRate) + POLICY.weights.speed * value);
});

const cosine = (a: readonly number[], b: readonly number[]) => {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};
/** Cosine of what differs from the mean: vectors of positive numbers are never far from each other. */
const correlation = (a: readonly number[], b: readonly number[]) => cosine(centred(a), centred(b));
const centred = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
};
/** Places from the largest on; no two values are equal here. */
const places = (values: readonly number[]) =>
  values.map((value) => values.filter((other) => other > value).length);
const spearman = (a: readonly number[], b: readonly number[]) => correlation(places(a), places(b));
const rounded = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(' ');

describe('validators with seeds of their own', () => {
  it('agree on ten graded miners after 200 tasks, and on which are the better ones', async function () {
    this.timeout(60_000);
    for (const seeds of PAIRS) {
      const vectors = await Promise.all(
        seeds.map(async (seed) => {
          const scores = (await validate(seed, TASKS)).scores();
          return GRADES.map(({ hotkey }) => scores.get(hotkey) ?? 0);
        }),
      );
      const [one = [], other = []] = vectors;
      const ranks = vectors.map((vector) => spearman(vector, TRUTH));
      process.stdout.write(
        `      seeds ${seeds.join(' and ')}: cosine ${cosine(one, other).toFixed(4)}, ` +
          `correlation ${correlation(one, other).toFixed(2)}, ` +
          `Spearman with the truth ${rounded(ranks)}; scores ${rounded(one)} | ${rounded(other)}\n`,
      );
      expect(cosine(one, other)).to.be.at.least(0.98);
      // The cosine of any two vectors of positive scores is high; this one is 0 where they say nothing.
      expect(correlation(one, other)).to.be.at.least(0.85);
      for (const [place, vector] of vectors.entries()) {
        expect(ranks[place]).to.be.at.least(0.8);
        expect(Math.max(...vector)).to.equal(vector[0]);
      }
    }
  });
});
