import { expect } from 'chai';
import { spokenWords } from '../../../src/domain/score/spoken-words.js';
import { seeded } from './seeded.js';

/** Language, and ways to write down the same. */
const SAME: readonly (readonly [string, ...string[]])[] = [
  ['en', 'Hello, world!', 'hello world', 'HELLO – WORLD', 'Ｈｅｌｌｏ world…'],
  ['en', "don't", 'do not', 'DON’T', 'dont'],
  ['en', "I can't", 'I cannot', 'i can not'],
  ['en', "it won't", 'it will not'],
  ['en', "they're here and we've seen they'll go", 'they are here and we have seen they will go'],
  ['en', "it's what he'd like", 'it is what he would like'],
  ['en', "John's book", 'johns book'],
  ['en', "'quoted' words", 'quoted words'],
  ['en', "let's go", 'let us go'],
  ['en', 'gonna', 'going to'],
  ['en', 'Mr. Smith vs. Dr. Who', 'mister smith versus doctor who'],
  ['en', 'um, well, uh, yes', 'well yes'],
  ['en', '[noise] yes <unk> it is [laughs]', 'yes it is'],
  ['en', '12', 'twelve', '１２'],
  ['en', '23', 'twenty three', 'twenty-three'],
  ['en', '1,000', '1000', 'one thousand', 'a thousand'],
  ['en', '2,345,678', 'two million three hundred and forty five thousand six hundred seventy eight'],
  ['en', '205', 'two hundred and five', 'two hundred five', 'two oh five'],
  ['en', '1984', 'nineteen eighty-four', 'one nine eight four', 'nineteen hundred and eighty four'],
  ['en', '2020', 'twenty twenty', 'two thousand and twenty'],
  ['en', '2005', 'two thousand five'],
  ['en', '1905', 'nineteen oh five'],
  ['en', '29340', 'two nine three four zero', '29 340', 'two nine three four oh'],
  ['en', '5 million', 'five million', '5,000,000'],
  ['en', '$5', 'five dollars', '5 dollars', '$ 5'],
  ['en', '$5.50', 'five dollars fifty'],
  ['en', '$3 million', 'three million dollars'],
  ['en', '€20', '20 €', 'twenty euros'],
  ['en', '50%', 'fifty percent', '50 per cent'],
  ['en', '3.14', 'three point one four'],
  ['en', '0.5', 'zero point five'],
  ['en', '1st 2nd 3rd 21st', 'first second third twenty-first'],
  ['en', '100th', 'one hundredth'],
  ['en', '1990s', 'nineteen nineties'],
  ['en', '10:30', 'ten thirty'],
  ['en', 'R&D', 'r and d'],
  ['en', '20°', 'twenty degrees'],
  ['es', '¿Está aquí?', 'está aquí', 'ESTA\u0301 aqui\u0301'],
  ['es', '50 %', '50 por ciento'],
  ['es', '1.000 €', '1000 euros'],
  ['fr', "L'été", 'l’été', 'l été'],
  ['fr', 'euh oui', 'oui'],
  ['de', 'Straße', 'STRASSE', 'strasse'],
  ['de', '5 €', '€5', '5 Euro'],
  ['ru', 'Ещё всё', 'еще все'],
  ['ja', 'これは、テストです。', 'これはテストです', 'これは ﾃｽﾄ です'],
  ['ja', 'えー、はい', 'はい'],
  ['zh', '你好，世界！', '你好 世界', '你 好 世 界'],
  ['zh', '２０２４年', '2024年'],
  ['ko', '안녕하세요, 세계!', '안녕하세요 세계'],
  ['ar', 'مُحَمَّدٌ', 'محمد'],
  ['ar', 'أحمد إلى', 'احمد الي'],
  ['ar', '١٢٣', '123'],
  ['hi', 'क़लम', 'कलम', '\u0958लम'],
  ['hi', '१२ हाँ', '12 हां'],
];

const DIFFERENT: readonly (readonly [string, string, string])[] = [
  ['en', 'twelve', 'twenty'],
  ['en', 'two hundred', 'two thousand'],
  ['en', 'can', "can't"],
  ['en', 'were', "we're"],
  ['en', 'well', "we'll"],
  ['en', '3.14', '314'],
  ['en', 'first', 'one'],
  ['en', '$5', '5'],
  ['en', 'constructor', 'toString'],
  ['es', 'esta', 'está'],
  ['zh', '你好', '好你'],
  ['hi', 'की', 'का'],
];

describe('spokenWords()', () => {
  for (const [language, first = '', ...others] of SAME)
    for (const other of others)
      it(`reads "${other}" as "${first}" in ${language}`, () => {
        expect(spokenWords(other, language)).to.deep.equal(spokenWords(first, language)).and.not.be.empty;
      });

  for (const [language, one, other] of DIFFERENT)
    it(`keeps "${one}" and "${other}" apart in ${language}`, () => {
      expect(spokenWords(one, language)).not.to.deep.equal(spokenWords(other, language));
    });

  const units: readonly (readonly [string, string, readonly string[]])[] = [
    ['en', 'the ill-disposed man', ['the', 'ill', 'disposed', 'man']],
    ['en', 'in 1984', ['in', '1', '9', '8', '4']],
    ['en', '12,000', ['1', '2', '000']],
    ['en', 'no one', ['no', '1']],
    ['zh', '我有API', ['我', '有', 'api']],
    ['ja', 'テスト', ['テ', 'ス', 'ト']],
    ['ko', '안녕 세계', ['안녕', '세계']],
    ['hi', 'नमस्ते दुनिया', ['नमस्ते', 'दुनिया']],
    ['xx', 'a-b 5%', ['a', 'b', '5']],
    ['en', ' ... ', []],
  ];
  for (const [language, text, words] of units)
    it(`cuts "${text}" in ${language}`, () => {
      expect(spokenWords(text, language)).to.deep.equal(words);
    });

  it('reads what it wrote the same again', () => {
    const random = seeded(23);
    const pieces = [
      'twenty',
      'three',
      'and',
      'oh',
      '5',
      '1,000',
      "don't",
      "'",
      '$',
      '%',
      '.',
      'nineties',
      'first',
      'point',
      'a',
    ];
    for (let round = 0; round < 500; round += 1) {
      const text = Array.from(
        { length: 1 + Math.floor(random() * 8) },
        () => pieces[Math.floor(random() * pieces.length)],
      ).join(' ');
      const once = spokenWords(text, 'en');
      expect(spokenWords(once.join(' '), 'en'), text).to.deep.equal(once);
    }
  });
});
