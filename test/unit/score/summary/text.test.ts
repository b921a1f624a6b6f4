import { expect } from 'chai';
import { Cutter } from '../../../../src/domain/score/summary/text.js';
import { digitsOf, Vocabulary } from '../../../../src/domain/score/summary/vocabulary.js';

const cut = (text: string, language = 'en') => new Cutter(new Vocabulary(language)).cut(text);
const sentences = (text: string, language?: string): readonly string[] => {
  const { words, sentenceOf } = cut(text, language);
  const found: string[][] = [];
  words.forEach((word, index) => (found[sentenceOf[index] ?? 0] ??= []).push(word.text));
  return found.map((one) => one.join(' '));
};

describe('Cutter', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['en', 'It rains. It pours!', ['it rains', 'it pours']],
    ['en', 'Dr. Smith met J. Brown. He left.', ['dr smith met j brown', 'he left']],
    ['en', 'It costs 1,200.50 dollars.', ['it costs 1200.5 dollars']],
    ['en', 'See example.org now', ['see example org now']],
    ['en', '“Stop.” He stopped.', ['stop', 'he stopped']],
    ['en', "Don't panic", ['don t panic']],
    ['en', 'A heading\n\nA text', ['a heading', 'a text']],
    ['en', 'one line\nof two', ['one line of 2']],
    ['en', '- first\n- second', ['first', 'second']],
    ['fr', "L'eau n'est pas là", ['l eau n est pas là']],
    ['zh', '第4条线。共19站！', ['第 4 条 线', '共 19 站']],
    ['ja', 'ＡＩは食べない。', ['ai は 食 べ ない']],
    ['ko', '첫 서점이 12년 만에', ['첫 서점이 12 년 만에']],
    ['hi', 'यह है। वह ३ है।', ['यह है', 'वह 3 है']],
    ['ar', 'كم؟ عام ١٩٨٧', ['كم', 'عام 1987']],
    ['xx', 'anything at all', ['anything at all']],
    ['en', ' … \u0000 \ud800 ', []],
  ];
  for (const [language, text, expected] of cases)
    it(`cuts ${JSON.stringify(text)} in ${language}`, () => {
      expect(sentences(text, language)).to.deep.equal(expected);
    });

  it('knows whether the last sentence ended', () => {
    expect(
      ['It ended.', 'It did?!', '終わった。', 'It did not', 'at 5.5', ''].map((text) => cut(text).ended),
    ).to.deep.equal([true, true, true, false, false, false]);
  });

  it('gives inflections one stem and numbers in letters the stem of their digits', () => {
    const [harbour, harbours, twelve, digits, other] = cut('harbour harbours twelve 12 twelfth').words;
    expect(harbours?.stem).to.equal(harbour?.stem);
    expect(twelve?.stem).to.equal(digits?.stem);
    expect(twelve).to.include({ kind: 'number', spelled: true });
    expect(other?.stem).not.to.equal(digits?.stem);
  });

  it('takes names of object properties for words', () => {
    expect(sentences('constructor toString', 'constructor')).to.deep.equal(['constructor tostring']);
  });
});

describe('digitsOf()', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['7', '7'],
    ['1,200', '1200'],
    ['1.200', '1200'],
    ['1 200', '1200'],
    ['1’200', '1200'],
    ['1,234,567', '1234567'],
    ['1.234.567,80', '1234567.8'],
    ['0.50', '0.5'],
    ['0,5', '0.5'],
    ['10.00', '10'],
    ['20:15', '20:15'],
    ['2024.05.01', '2024.05.01'],
    ['١٢٣', '123'],
    ['३', '3'],
  ];
  for (const [written, plain] of cases)
    it(`reads ${written} as ${plain}`, () => {
      expect(digitsOf(written)).to.equal(plain);
    });
});
