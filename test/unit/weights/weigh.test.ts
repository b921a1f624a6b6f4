import { expect } from 'chai';
import type { Hotkey } from '../../../src/domain/ids.js';
import type { WeightTerms } from '../../../src/domain/weight-setter.js';
import { nextAverages } from '../../../src/domain/weights/average.js';
import { capped } from '../../../src/domain/weights/cap.js';
import { timingOf } from '../../../src/domain/weights/timing.js';
import { versionKeyOf } from '../../../src/domain/weights/version-key.js';
import { weigh, type Weighing } from '../../../src/domain/weights/weigh.js';
import { seeded } from '../score/seeded.js';
import { terms as termsWith } from './memory-subnet.js';

const NAMES = 'abcdefghij'.split('');

/** Miners a, b, c… on uids 0, 1, 2… */
function weighed(
  averages: readonly number[],
  change: Partial<WeightTerms> = {},
  serving: readonly string[] = [],
): Weighing {
  const hotkeys = averages.map((_, uid) => (NAMES[uid] ?? `m${uid}`) as Hotkey);
  const { self: _, ...rest } = termsWith({ hotkeys });
  return weigh({
    terms: { ...rest, ...change },
    averages: new Map(averages.map((average, uid) => [hotkeys[uid] ?? '', average])),
    serving: new Set(serving),
  });
}

describe('weigh()', () => {
  // Computed in Python by the steps of Bittensor's client: the largest share, then the wire's integers.
  const table: readonly (readonly [string, number[], Partial<WeightTerms>, [number, number][]])[] = [
    ['one miner', [0.3], {}, [[0, 65_535]]],
    [
      'the largest as 65,535',
      [0.5, 1, 0.25],
      {},
      [
        [0, 32_768],
        [1, 65_535],
        [2, 16_384],
      ],
    ],
    [
      'half to even, down',
      [2.5 / 65_535, 1],
      {},
      [
        [0, 2],
        [1, 65_535],
      ],
    ],
    [
      'half to even, up',
      [3.5 / 65_535, 1],
      {},
      [
        [0, 4],
        [1, 65_535],
      ],
    ],
    ['zeros left out', [0, 1, 0, 1e-6], {}, [[1, 65_535]]],
    [
      '0.6, 0.3, 0.1 within 0.5',
      [0.6, 0.3, 0.1],
      { maxShare: 0.5 },
      [
        [0, 65_535],
        [1, 49_151],
        [2, 16_384],
      ],
    ],
    [
      'two cut to 0.4',
      [0.5, 0.45, 0.05],
      { maxShare: 0.4 },
      [
        [0, 65_535],
        [1, 65_535],
        [2, 32_768],
      ],
    ],
  ];
  for (const [name, averages, change, pairs] of table)
    it(`gives ${name}`, () => {
      expect(weighed(averages, change)).to.deep.equal({
        kind: 'vector',
        uids: pairs.map(([uid]) => uid),
        values: pairs.map(([, value]) => value),
      });
    });

  // Bittensor's client cuts by a ten-millionth more than the share takes; here what is not cut is rounded up.
  const cut: readonly (readonly [number[], number, number[]])[] = [
    [[0.9, 0.35, 0.21, 0.1, 0.02], 0.3, [65_535, 65_535, 55_606, 26_479, 5_296]],
    [[0.31, 0.3, 0.29, 0.28, 0.02], 0.21, [65_535, 65_535, 65_535, 65_535, 49_933]],
  ];
  for (const [averages, maxShare, expected] of cut)
    it(`cuts to ${maxShare} as Bittensor's client does, but for one of 65,535`, () => {
      const weighing = weighed(averages, { maxShare });
      if (weighing.kind !== 'vector') throw new Error('no vector');
      for (const [place, value] of weighing.values.entries())
        expect(value).to.be.closeTo(expected[place]!, 1);
      expect(65_535 / weighing.values.reduce((sum, value) => sum + value, 0)).to.be.at.most(maxShare);
    });

  it('leaves out the validator itself', () => {
    const self = { uid: 1, permit: true, lastUpdate: 0 };
    expect(weighed([0.5, 1], { self })).to.deep.equal({ kind: 'vector', uids: [0], values: [65_535] });
  });

  it('has nothing to set when nobody earned, however many serve', () => {
    expect(weighed([0, 0, 0], { minAllowed: 2 }, ['a', 'b'])).to.deep.equal({ kind: 'nothing' });
    expect(weighed([])).to.deep.equal({ kind: 'nothing' });
  });

  it('fills up with the smallest weight: those that earned too little first, then serving ones by uid', () => {
    const serving = ['a', 'b', 'c'];
    expect(weighed([0, 1, 0, 1e-6, 0], { minAllowed: 3 }, serving)).to.deep.include({
      uids: [0, 1, 3],
      values: [1, 65_535, 1],
    });
    expect(weighed([0, 1, 0], { minAllowed: 1 }, serving)).to.deep.include({ uids: [1] });
  });

  it('sets nothing where there are too few to fill up with', () => {
    const weighing = weighed([0, 1, 0], { minAllowed: 3 }, ['a']);
    expect(weighing).to.deep.include({ kind: 'unfit' });
    expect(weighing.kind === 'unfit' && weighing.message).to.include('3 weights');
  });

  it('sets nothing where the largest share cannot be kept', () => {
    expect(weighed([1, 1, 1], { maxShare: 0.3 }).kind).to.equal('unfit');
    expect(weighed([1, 1, 1, 1], { maxShare: 0.25 }).kind).to.equal('vector');
  });

  it('keeps its promises for any averages', () => {
    const random = seeded(7);
    for (let round = 0; round < 400; round += 1) {
      const count = 1 + Math.floor(random() * 256);
      const averages = Array.from({ length: count }, () => (random() < 0.2 ? 0 : random() ** 4));
      const maxShare = random() < 0.3 ? 1 : Math.max(2 / count, random());
      const weighing = weighed(averages, { maxShare: Math.min(1, maxShare) });
      if (weighing.kind !== 'vector') continue;
      const { uids, values } = weighing;
      const total = values.reduce((sum, value) => sum + value, 0);
      expect(uids).to.deep.equal([...new Set(uids)].sort((a, b) => a - b));
      expect(values.every((value) => Number.isInteger(value) && value >= 1 && value <= 65_535)).to.equal(
        true,
      );
      expect(Math.max(...values)).to.equal(65_535);
      expect(65_535 / total).to.be.at.most(Math.min(1, maxShare) + 1e-9);
      const byAverage = uids.map((uid, place) => [averages[uid]!, values[place]!] as const);
      byAverage.sort(([a], [b]) => a - b);
      for (let place = 1; place < byAverage.length; place += 1)
        expect(byAverage[place]![1]).to.be.at.least(byAverage[place - 1]![1]);
    }
  });

  it('does not depend on the order of the miners, nor change its own values', () => {
    const averages = [0.1, 0.9, 0.35, 0.2, 0.02];
    const there = weighed(averages, { maxShare: 0.4 });
    const back = weighed(averages.toReversed(), { maxShare: 0.4 });
    if (there.kind !== 'vector' || back.kind !== 'vector') throw new Error('no vector');
    expect(back.values).to.deep.equal(there.values.toReversed());
    expect(weighed(there.values.map((value) => value / 65_535))).to.deep.equal(there);
  });
});

describe('capped()', () => {
  it('keeps the share, and cuts no more than that takes', () => {
    const random = seeded(3);
    for (let round = 0; round < 300; round += 1) {
      const weights = Array.from({ length: 2 + Math.floor(random() * 60) }, () => random() ** 6 + 1e-9);
      const share = Math.min(1, (1 + random()) / weights.length + random());
      const cut = capped(weights, share);
      const total = cut.reduce((sum, value) => sum + value, 0);
      expect(Math.max(...cut) / total).to.be.at.most(share + 1e-9);
      for (const [place, value] of cut.entries())
        if (value !== weights[place]) expect(value / total).to.be.closeTo(share, 1e-9);
    }
  });
});

describe('nextAverages()', () => {
  it('begins at 0 and comes to the score', () => {
    let averages: ReadonlyMap<string, number> = new Map();
    for (let setting = 0; setting < 11; setting += 1)
      averages = nextAverages(averages, new Map([['a', 0.5]]));
    expect(averages.get('a')).to.be.closeTo(0.5 * 0.914, 0.001);
  });

  it('lets those without a score fall, and forgets them in the end', () => {
    let averages: ReadonlyMap<string, number> = new Map([['gone', 1]]);
    averages = nextAverages(averages, new Map());
    expect(averages.get('gone')).to.be.closeTo(0.8, 1e-12);
    for (let setting = 0; setting < 62; setting += 1) averages = nextAverages(averages, new Map());
    expect(averages.size).to.equal(0);
  });

  it('takes what is no number as 0 and holds the rest in its range', () => {
    const averages = nextAverages(
      new Map([['a', 0.5]]),
      new Map([
        ['a', NaN],
        ['b', 7],
        ['c', -1],
      ]),
    );
    expect([...averages]).to.deep.equal([
      ['a', 0.4],
      ['b', 0.2],
    ]);
  });
});

describe('versionKeyOf()', () => {
  for (const [version, key] of [
    ['1', 1_000_000n],
    ['1.2', 1_002_000n],
    ['10.2.3', 10_002_003n],
    ['2-mine', 2_000_000n],
    ['999999999.999.999', 999_999_999_999_999n],
    ['mine', 0n],
    ['1234567890', 0n],
    ['', 0n],
  ] as const)
    it(`is ${key} for "${version}"`, () => {
      expect(versionKeyOf(version)).to.equal(key);
    });
});

describe('timingOf()', () => {
  const progress = { scoredTasks: 20, firstBlock: 1000, now: false };
  const at = (block: number, lastUpdate: number) =>
    termsWith({ block, self: { uid: 0, permit: true, lastUpdate } });

  it('waits for 20 scored tasks and a tempo, unless told not to', () => {
    expect(timingOf({ ...progress, scoredTasks: 19, terms: at(5000, 0) })).to.deep.include({
      why: 'too_few_tasks',
    });
    expect(timingOf({ ...progress, terms: at(1359, 0) })).to.deep.equal({
      kind: 'wait',
      why: 'first_tempo',
      blocks: 1,
    });
    expect(timingOf({ ...progress, terms: at(1360, 0) })).to.deep.equal({ kind: 'due' });
    const now = { scoredTasks: 0, firstBlock: undefined, now: true };
    expect(timingOf({ ...now, terms: at(10, 0) })).to.deep.equal({ kind: 'due' });
  });

  it('waits for the longer of tempo and rate limit since the last update', () => {
    expect(timingOf({ ...progress, terms: at(2000, 1641) })).to.deep.equal({
      kind: 'wait',
      why: 'interval',
      blocks: 1,
    });
    expect(timingOf({ ...progress, terms: at(2000, 1640) })).to.deep.equal({ kind: 'due' });
    const slow = { ...at(2000, 1500), rateLimit: 501 };
    expect(timingOf({ ...progress, terms: slow })).to.deep.include({ blocks: 1 });
  });

  it('counts blocks of a chain that began anew as none', () => {
    expect(timingOf({ ...progress, terms: at(100, 0) })).to.deep.include({ why: 'first_tempo', blocks: 360 });
    expect(timingOf({ ...progress, now: true, terms: at(100, 5000) })).to.deep.equal({ kind: 'due' });
  });
});
