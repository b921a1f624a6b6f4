import { expect } from 'chai';
import { POLICY } from '../../../src/domain/score/policy.js';
import { judgeTranscripts, type Reference } from '../../../src/domain/score/transcription.js';
import type { Score } from '../../../src/domain/task.js';
import { mean, rankCorrelation } from '../../support/rank-correlation.js';
import { skipSuite } from '../../support/skip-suite.js';
import { findClips, type Clip } from '../../support/spoken-clips.js';
import { degraded, garbage, shuffled, trueErrorRate, type Words } from '../../support/transcript-pools.js';
import { seeded } from './seeded.js';

const POOL_SIZES = [5, 8, 10];
const SEEDS = [1, 2, 3];
/** In clips of fewer words ranks are a matter of luck: one word is a third of them. */
const MIN_WORDS = 5;

interface Pools {
  readonly name: string;
  readonly answers: (clip: Clip, count: number, random: () => number) => readonly Words[];
}

const times = (count: number, make: () => Words) => Array.from({ length: Math.max(0, count) }, make);
const minority = (count: number) => Math.floor((count - 1) / 2);

/** Miners of mixed skill, each erring by itself. */
const HONEST: readonly Pools[] = [
  {
    name: 'of every skill',
    answers: ({ words }, count, random) => times(count, () => degraded(words, 0.8 * random(), random)),
  },
  {
    name: 'that are good',
    answers: ({ words }, count, random) => times(count, () => degraded(words, 0.3 * random(), random)),
  },
  {
    name: 'with an empty one and a hopeless one',
    answers: ({ words }, count, random) => [
      [],
      garbage(words.length, random),
      ...times(count - 2, () => degraded(words, 0.6 * random(), random)),
    ],
  },
  {
    name: 'one of them of a real engine',
    answers: ({ words, heardBefore }, count, random) => [
      heardBefore,
      ...times(count - 1, () => degraded(words, 0.6 * random(), random)),
    ],
  },
];

/** Just less than half of the miners say the same wrong thing. */
const COLLUDING: readonly Pools[] = [
  { name: 'one half-wrong text', wrong: degradedHalf, change: 0 },
  { name: 'one half-wrong text, each changing some', wrong: degradedHalf, change: 0.05 },
  { name: 'one text of nothing', wrong: nothing, change: 0 },
  { name: 'one text of nothing, each changing some', wrong: nothing, change: 0.05 },
].map(({ name, wrong, change }) => ({
  name,
  answers: ({ words }, count, random) => {
    const shared = wrong(words, random);
    const colluders = times(minority(count), () => degraded(shared, change, random));
    return [...colluders, ...times(count - colluders.length, () => degraded(words, 0.6 * random(), random))];
  },
}));

function degradedHalf(words: Words, random: () => number): Words {
  return degraded(words, 0.5, random);
}

function nothing(words: Words, random: () => number): Words {
  return garbage(words.length, random);
}

function plainLikeness(one: Words, other: Words): number {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return long.length === 0 ? 1 : 1 - trueErrorRate(long, short);
}

/** What is judged to be right, before copies are lowered for being copies. */
function rightness({ accuracy, parts }: Score): number {
  const copy = parts.find(({ name }) => name === 'copy')?.value ?? 1;
  return (accuracy ?? 0) / copy;
}

describe('accuracy of transcripts of human speech', () => {
  let clips: readonly Clip[];
  before(function () {
    const found = findClips();
    if (typeof found === 'string') skipSuite(this, found);
    clips = found.filter(({ words }) => words.length >= MIN_WORDS);
  });

  /** Correlation of accuracy and true error rate: within a clip on average, and over all answers. */
  const correlate = (
    { answers }: Pools,
    count: number,
    { referenceOf, of }: { referenceOf: (clip: Clip) => Reference | undefined; of: (score: Score) => number },
  ) => {
    const pools = SEEDS.flatMap((seed) =>
      clips.map((clip, index) => {
        const random = seeded(1000 * seed + 10 * index + count);
        const pool = shuffled(answers(clip, count, random), random);
        const reference = referenceOf(clip);
        const scores = judgeTranscripts(
          { language: 'en', audioMs: clip.audioMs, ...(reference === undefined ? {} : { reference }) },
          pool.map((words) => ({ text: words.join(' '), totalMs: 1000 })),
          POLICY,
        );
        return {
          accuracy: scores.map(of),
          truth: pool.map((words) => -trueErrorRate(clip.words, words)),
        };
      }),
    );
    return {
      perClip: mean(
        pools
          .map(({ accuracy, truth }) => rankCorrelation(accuracy, truth))
          .filter((value) => !Number.isNaN(value)),
      ),
      pooled: rankCorrelation(
        pools.flatMap(({ accuracy }) => accuracy),
        pools.flatMap(({ truth }) => truth),
      ),
    };
  };
  const known = ({ words }: Clip): Reference => ({ kind: 'known', text: words.join(' ') });
  const own = ({ heardBefore }: Clip): Reference => ({ kind: 'own', text: heardBefore.join(' ') });
  const none = () => undefined;
  const final = ({ accuracy }: Score) => accuracy ?? 0;

  const rank = (pools: Pools, options: Parameters<typeof correlate>[2] & { name: string; least: number }) => {
    it(`${options.name}, answers ${pools.name}`, function () {
      const figures = POOL_SIZES.map((count) => ({ count, ...correlate(pools, count, options) }));
      this.test!.title += figures
        .map(({ count, perClip, pooled }) => `; ${count}: ${perClip.toFixed(2)} ${pooled.toFixed(2)}`)
        .join('');
      for (const { perClip, pooled } of figures)
        expect(Math.min(perClip, pooled)).to.be.at.least(options.least);
    });
  };

  describe('ranks them as their true error rate does (miners: within a clip, over all)', () => {
    for (const pools of HONEST) {
      rank(pools, { name: 'known text', referenceOf: known, of: final, least: 0.9 });
      rank(pools, { name: 'agreement', referenceOf: none, of: final, least: 0.8 });
      rank(pools, { name: "agreement and the validator's own", referenceOf: own, of: final, least: 0.8 });
    }
  });

  describe('is not taken in by a colluding minority with', () => {
    for (const pools of COLLUDING) {
      rank(pools, { name: 'known text', referenceOf: known, of: rightness, least: 0.9 });
      rank(pools, { name: 'agreement', referenceOf: none, of: rightness, least: 0.8 });
      rank(pools, { name: "agreement and the validator's own", referenceOf: own, of: rightness, least: 0.8 });
    }
  });

  it('sees through a minority where mean likeness and medoid do not', function () {
    const figures = [HONEST[0]!, COLLUDING[0]!].map((pools) => {
      const fit = correlate(pools, 10, { referenceOf: none, of: rightness }).perClip;
      const plain = correlateBaselines(pools, 10);
      this.test!.title += `; ${pools.name}: fit ${fit.toFixed(2)}, mean ${plain.mean.toFixed(2)}, medoid ${plain.medoid.toFixed(2)}`;
      return { fit, ...plain };
    });
    expect(figures[1]!.fit).to.be.above(Math.max(figures[1]!.mean, figures[1]!.medoid) + 0.2);
  });

  const correlateBaselines = ({ answers }: Pools, count: number) => {
    const found = SEEDS.flatMap((seed) =>
      clips.map((clip, index) => {
        const pool = answers(clip, count, seeded(1000 * seed + 10 * index + count));
        const truth = pool.map((words) => -trueErrorRate(clip.words, words));
        const means = pool.map((words, own) =>
          mean(pool.flatMap((other, at) => (at === own ? [] : [plainLikeness(words, other)]))),
        );
        const medoid = pool[means.indexOf(Math.max(...means))]!;
        const byMedoid = pool.map((words) => plainLikeness(words, medoid));
        return { mean: rankCorrelation(means, truth), medoid: rankCorrelation(byMedoid, truth) };
      }),
    );
    return { mean: mean(found.map((entry) => entry.mean)), medoid: mean(found.map((entry) => entry.medoid)) };
  };

  /** Shares of honest answers that were called copies, and of later copies that were found. */
  const blame = (
    options: { copies: number; wrong: number; honest: number },
    reference: typeof known | typeof none,
  ) => {
    let [blamed, honest, found, copies] = [0, 0, 0, 0];
    for (const seed of [...SEEDS, 4, 5, 6])
      clips.forEach((clip, index) => {
        const random = seeded(1000 * seed + index);
        const text = degraded(clip.words, options.wrong, random);
        const pool = shuffled(
          [
            ...times(options.copies, () => text),
            ...times(8 - options.copies, () => degraded(clip.words, options.honest * random(), random)),
          ],
          random,
        );
        const known = reference(clip);
        const scores = judgeTranscripts(
          { language: 'en', audioMs: clip.audioMs, ...(known === undefined ? {} : { reference: known }) },
          pool.map((words) => ({ text: words.join(' '), totalMs: 1000 })),
          POLICY,
        );
        let seen = 0;
        scores.forEach(({ parts }, at) => {
          const isCalled = parts.some(({ name }) => name === 'copy');
          if (pool[at] !== text) {
            honest += 1;
            blamed += Number(isCalled);
          } else if (seen++ > 0) {
            copies += 1;
            found += Number(isCalled);
          }
        });
      });
    return { blamed: blamed / honest, found: copies === 0 ? 0 : found / copies };
  };

  const blameCases = [
    { name: 'known text', reference: known, copies: 2, leastFound: 0.75, mostBlamed: 0 },
    { name: 'agreement', reference: none, copies: 2, leastFound: 0.5, mostBlamed: 0.02 },
  ] as const;
  for (const { name, reference, copies, leastFound, mostBlamed } of blameCases)
    it(`calls copies with errors what they are, and next to nobody else (${name})`, function () {
      const { blamed, found } = blame({ copies, wrong: 0.3, honest: 0.4 }, reference);
      this.test!.title += `: ${found.toFixed(2)} found, ${blamed.toFixed(3)} blamed`;
      expect(found).to.be.at.least(leastFound);
      expect(blamed).to.be.at.most(mostBlamed);
      expect(blame({ copies: 3, wrong: 0, honest: 0.4 }, reference).found).to.equal(0);
    });

  it('keeps right answers above a minority that agrees on something else', () => {
    for (const count of POOL_SIZES)
      clips.forEach((clip, index) => {
        const random = seeded(100 * count + index);
        const shared = garbage(clip.words.length, random);
        const wrong = times(minority(count), () => degraded(shared, 0.1, random));
        const pool = [...wrong, ...times(count - wrong.length, () => clip.words)];
        const scores = judgeTranscripts(
          { language: 'en', audioMs: clip.audioMs },
          pool.map((words) => ({ text: words.join(' '), totalMs: 1000 })),
          POLICY,
        ).map(final);
        expect(Math.min(...scores.slice(wrong.length))).to.be.above(0.9);
        expect(Math.max(...scores.slice(0, wrong.length))).to.be.below(0.5);
      });
  });
});
