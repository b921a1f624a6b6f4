import { expect } from 'chai';
import { editDistance, encode } from '../../../src/domain/score/edit-distance.js';
import { seeded } from './seeded.js';

const random = seeded(31);
const units = (length: number, kinds: number) =>
  Array.from({ length }, () => `u${Math.floor(random() * kinds)}`);

/** Changes, drops and adds units at a rate. */
const changed = (text: readonly string[], rate: number) =>
  text.flatMap((unit) => {
    if (random() >= rate) return [unit];
    const kind = random();
    if (kind < 0.4) return [`u${Math.floor(random() * 500)}`];
    return kind < 0.7 ? [] : [unit, `u${Math.floor(random() * 500)}`];
  });

function distance(a: readonly string[], b: readonly string[]): number {
  const { texts, symbols } = encode([a, b]);
  return editDistance(texts[0]!, texts[1]!, symbols);
}

/** The usual table, a row at a time. */
function plain(a: readonly string[], b: readonly string[]): number {
  let row = Int32Array.from({ length: b.length + 1 }, (_, index) => index);
  a.forEach((unit, i) => {
    const next = new Int32Array(b.length + 1);
    next[0] = i + 1;
    for (let j = 0; j < b.length; j += 1)
      next[j + 1] = Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (unit === b[j] ? 0 : 1));
    row = next;
  });
  return row[b.length]!;
}

describe('editDistance()', () => {
  it('is what the plain table gives, across blocks of 32', () => {
    for (let round = 0; round < 300; round += 1) {
      const a = units(Math.floor(random() * 140), 1 + Math.floor(random() * 20));
      const b = random() < 0.5 ? changed(a, random()) : units(Math.floor(random() * 140), 20);
      expect(distance(a, b)).to.equal(plain(a, b)).and.to.equal(distance(b, a));
    }
  });

  it('is exact while the shorter text has up to 1,024 units', () => {
    const a = units(1024, 300);
    const b = [...units(700, 300), ...changed(a, 0.3), ...units(400, 300)];
    expect(distance(a, b)).to.equal(plain(a, b));
  });

  it('is never too small beyond, and next to exact for texts that say the same', () => {
    for (const rate of [0.02, 0.1, 0.3]) {
      const a = units(4000, 800);
      const b = changed(a, rate);
      const exact = plain(a, b);
      expect(distance(a, b)).to.be.within(exact, exact * 1.02 + 1);
    }
  });

  it('finds its way where a long stretch is left out or added', () => {
    const a = units(4000, 800);
    for (const b of [a.toSpliced(1500, 400), a.toSpliced(2100, 0, ...units(400, 800))])
      expect(distance(changed(a, 0.02), b)).to.be.within(400, 640);
  });

  it('costs in proportion to the length, not to its square', () => {
    const fastestMs = (length: number) => {
      const { texts, symbols } = encode([units(length, 20), units(length, 20)]);
      const runs = [1, 2, 3].map(() => {
        const start = performance.now();
        editDistance(texts[0]!, texts[1]!, symbols);
        return performance.now() - start;
      });
      return Math.min(...runs);
    };
    fastestMs(8_000);
    // Eight times as long: 8 in proportion, 64 by the square.
    expect(fastestMs(64_000) / fastestMs(8_000)).to.be.below(30);
  });
});
