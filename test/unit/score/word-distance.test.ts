import { expect } from 'chai';
import { likeness, wordDistance, wordErrorRate } from '../../../src/domain/score/word-distance.js';
import { wordsOf } from '../../../src/domain/score/words.js';
import { seeded } from './seeded.js';

const en = (text: string) => wordsOf(text, 'en');

describe('wordsOf()', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['en', "Don't  STOP, please!", ['dont', 'stop', 'please']],
    ['en', 'Don’t stop', ['dont', 'stop']],
    ['fr', 'Été à Paris', ['été', 'à', 'paris']],
    ['fr', 'E\u0301te\u0301', ['été']],
    ['zh', '你好，世界', ['你', '好', '世', '界']],
    ['ja', 'これは API です', ['こ', 'れ', 'は', 'api', 'で', 'す']],
    ['hi', 'नमस्ते दुनिया', ['नमस्ते', 'दुनिया']],
    ['en', ' ... ', []],
  ];
  for (const [language, text, words] of cases) {
    it(`cuts ${JSON.stringify(text)} in ${language}`, () => {
      expect(wordsOf(text, language)).to.deep.equal(words);
    });
  }
});

describe('wordDistance()', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['', '', 0],
    ['a b c', 'a b c', 0],
    ['a b c', '', 3],
    ['a b c', 'a x c', 1],
    ['a b', 'a b c d', 2],
    ['the cat sat', 'cat the sat', 2],
  ];
  for (const [a, b, distance] of cases) {
    it(`is ${distance} between "${a}" and "${b}", both ways`, () => {
      expect(wordDistance(en(a), en(b))).to.equal(distance);
      expect(wordDistance(en(b), en(a))).to.equal(distance);
    });
  }

  it('is what the plain table of edits gives', () => {
    const random = seeded(7);
    const text = () =>
      Array.from({ length: Math.floor(random() * 60) }, () => `w${Math.floor(random() * 12)}`);
    for (let round = 0; round < 200; round += 1) {
      const [a, b] = [text(), text()];
      expect(wordDistance(a, b)).to.equal(plainDistance(a, b));
    }
  });

  it('takes more distinct words than one code unit has values', () => {
    const many = Array.from({ length: 70_000 }, (_, index) => `w${index}`);
    expect(wordDistance(many, ['w0'])).to.equal(69_999);
  });
});

describe('wordErrorRate()', () => {
  it('divides by the reference, so that it may pass 1', () => {
    expect(wordErrorRate(en('a b'), en('a b c d'))).to.equal(1);
    expect(wordErrorRate(en('a b c d'), en('a b'))).to.equal(0.5);
    expect(wordErrorRate(en('a'), en('x y z'))).to.equal(3);
    expect(wordErrorRate([], [])).to.equal(0);
    expect(wordErrorRate([], en('a'))).to.equal(1);
  });
});

describe('likeness()', () => {
  it('is 1 for two empty texts and 0 for nothing in common', () => {
    expect(likeness([], [])).to.equal(1);
    expect(likeness(en('a b'), [])).to.equal(0);
    expect(likeness(en('a b'), en('c d'))).to.equal(0);
  });
});

function plainDistance(a: readonly string[], b: readonly string[]): number {
  let row = b.map((_, index) => index + 1);
  row.unshift(0);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
