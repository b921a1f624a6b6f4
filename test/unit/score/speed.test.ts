import { expect } from 'chai';
import { beatableUntilMs, combine, ranking } from '../../../src/domain/score/combine.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import { speedOf, type ReplyTimes } from '../../../src/domain/score/speed.js';
import { seeded } from './seeded.js';

const NO_SIZE = { audioMs: 0, characters: 0 };
const speed = (times: ReplyTimes, size = NO_SIZE) => speedOf(times, size, POLICY);
const partOf = ({ parts }: ReturnType<typeof speed>, name: string) =>
  parts.find((part) => part.name === name);

describe('speedOf()', () => {
  const cases: readonly (readonly [number, number, number, number])[] = [
    [0, 0, 0, 1],
    [10_000, 0, 0, 0.3679],
    [1000, 5000, 0, 0.9231],
    [60_000, 600_000, 0, 0.824],
    [10_000, 0, 1000, 0.6065],
    [NaN, 0, 0, 0],
    [Infinity, 0, 0, 0],
    [-5, 0, 0, 1],
  ];
  for (const [totalMs, audioMs, characters, value] of cases) {
    it(`is ${value} for ${totalMs} ms, ${audioMs} ms of audio and ${characters} characters`, () => {
      expect(speed({ totalMs }, { audioMs, characters }).value).to.be.closeTo(value, 5e-4);
    });
  }

  it('counts a tenth of a first byte that came early, and no more', () => {
    const whole = speed({ totalMs: 10_000 }).value;
    expect(speed({ totalMs: 10_000, firstByteMs: 0 }).value).to.be.closeTo(Math.exp(-0.9), 1e-9);
    expect(speed({ totalMs: 10_000, firstByteMs: 10_000 }).value).to.equal(whole);
    // No first byte comes after the last one.
    expect(speed({ totalMs: 10_000, firstByteMs: 99_000 }).value).to.equal(whole);
  });

  it('takes the round trip off, so that a far miner is no slower than a near one', () => {
    const near = speed({ totalMs: 1000, firstByteMs: 900, networkMs: 0 });
    const far = speed({ totalMs: 1150, firstByteMs: 1050, networkMs: 150 });
    expect(far.value).to.be.closeTo(near.value, 1e-12);
    expect(partOf(far, 'network')?.value).to.be.closeTo(150 / 1150, 1e-12);
    expect(partOf(far, 'network')?.explanation).to.equal("0.1 s of its time are the network's.");
  });

  it('gives a miner that answers pings slowly 0.02 at most, however slow it makes them', () => {
    const times = { totalMs: 1000, firstByteMs: 1000 };
    const honest = speed({ ...times, networkMs: 1 }).value;
    for (const networkMs of [200, 1000, 60_000, Infinity])
      expect(speed({ ...times, networkMs }).value - honest).to.be.within(0, 0.02);
  });

  it('takes no more off than the first byte took, which a round trip is part of', () => {
    const { value } = speed({ totalMs: 1000, firstByteMs: 20, networkMs: 200 });
    expect(value).to.be.closeTo(Math.exp(-(0.1 * 20 + 0.9 * 1000 - 20) / 10_000), 1e-12);
  });

  it('says what is not known of the network', () => {
    expect(partOf(speed({ totalMs: 10 }), 'network')).not.to.have.property('value');
  });

  it('falls with the time to either byte', () => {
    const random = seeded(5);
    for (let round = 0; round < 500; round += 1) {
      const [first, total, more, networkMs] = [random(), random(), random(), random()].map((x) => x * 5000);
      const times = { totalMs: first! + total!, firstByteMs: first!, networkMs: networkMs! };
      const { value } = speed(times);
      expect(speed({ ...times, totalMs: times.totalMs + more! }).value).to.be.at.most(value);
      expect(speed({ ...times, firstByteMs: Math.min(times.totalMs, first! + more!) }).value).to.be.at.most(
        value + 0.02,
      );
    }
  });
});

describe('beatableUntilMs()', () => {
  const random = seeded(6);
  const sizeOf = () => ({ audioMs: random() * 60_000, characters: random() * 1000 });
  const perfect = (times: ReplyTimes, size: ReturnType<typeof sizeOf>) =>
    combine(1, speed(times, size), [], POLICY).combined ?? 0;

  it('is the time after which no reply can get more, however it came', () => {
    for (let round = 0; round < 2000; round += 1) {
      const size = sizeOf();
      const best = POLICY.weights.accuracy + POLICY.weights.speed * (0.01 + 0.98 * random());
      const untilMs = beatableUntilMs(best, size, POLICY);
      const totalMs = untilMs + random() * 1000;
      const times = { totalMs, firstByteMs: random() * totalMs, networkMs: random() * 400 };
      expect(perfect(times, size)).to.be.at.most(best + 1e-12);
    }
  });

  it('is no sooner than it has to be', () => {
    for (let round = 0; round < 500; round += 1) {
      const size = sizeOf();
      const best = POLICY.weights.accuracy + POLICY.weights.speed * (0.01 + 0.98 * random());
      const totalMs = beatableUntilMs(best, size, POLICY) - 1;
      const { maxNetworkMs } = POLICY.speed;
      expect(perfect({ totalMs, firstByteMs: maxNetworkMs, networkMs: maxNetworkMs }, size)).to.be.above(
        best,
      );
    }
  });

  it('is for ever for what accuracy alone can beat, and never for the most there is', () => {
    expect(beatableUntilMs(0.7, NO_SIZE, POLICY)).to.equal(Infinity);
    expect(beatableUntilMs(1, NO_SIZE, POLICY)).to.equal(0);
    const accurate = { ...POLICY, weights: { accuracy: 1, speed: 0 } };
    expect(beatableUntilMs(0.99, NO_SIZE, accurate)).to.equal(Infinity);
    expect(beatableUntilMs(1, NO_SIZE, accurate)).to.equal(0);
    const hasty = { ...POLICY, speed: { ...POLICY.speed, firstByteShare: 1 } };
    expect(beatableUntilMs(0.9, NO_SIZE, hasty)).to.equal(Infinity);
  });
});

describe('combine()', () => {
  const of = (value: number) => ({ value, parts: [] });

  it('weighs accuracy and speed, and names the policy', () => {
    const { accuracy, speed: share, combined, policyVersion, policyHash } = combine(0.5, of(0.2), [], POLICY);
    expect([accuracy, share, combined]).to.deep.equal([0.5, 0.2, 0.7 * 0.5 + 0.3 * 0.2]);
    expect([policyVersion, policyHash]).to.deep.equal([POLICY.version, POLICY.hash]);
  });

  it("counts the speed's share alone without an accuracy", () => {
    const score = combine(undefined, of(0.5), [], POLICY);
    expect(score).not.to.have.property('accuracy');
    expect(score.combined).to.equal(0.15);
  });

  it('keeps the earlier of equal replies first', () => {
    const same = combine(0.5, of(0.5), [], POLICY);
    expect(ranking([same, same, same])).to.deep.equal([0, 1, 2]);
  });
});
