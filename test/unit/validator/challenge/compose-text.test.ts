import { expect } from 'chai';
import { keptFacts } from '../../../../src/domain/score/kept-facts.js';
import { lexRankSummarizer } from '../../../../src/engines/summarization/summarize.js';
import { secretRandom } from '../../../../src/runtime/secret-random.js';
import { composeText, TEXT_LANGUAGES } from '../../../../src/validator/challenge/compose-text.js';
import { seeded } from '../../score/seeded.js';

describe('composeText()', () => {
  it('never says the same twice', () => {
    const texts = Array.from(
      { length: 2_000 },
      () => composeText({ language: 'en', bytes: 200, digits: true }, secretRandom).text,
    );
    expect(new Set(texts).size).to.equal(texts.length);
    // Nor does any sentence of some length.
    const sentences = texts.flatMap((text) => text.split(/(?<=\.) /)).filter(({ length }) => length > 60);
    expect(new Set(sentences).size / sentences.length).to.be.above(0.99);
  });

  it('has about the length that is wanted, in every language', () => {
    const random = seeded(1);
    for (const language of TEXT_LANGUAGES)
      for (const bytes of [25, 60, 150, 600, 4000]) {
        const lengths = Array.from({ length: 20 }, () =>
          Buffer.byteLength(composeText({ language, bytes, digits: true }, random).text),
        );
        const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
        expect(mean, `${language} ${bytes}`).to.be.within(0.88 * bytes, 1.12 * bytes);
      }
  });

  it('leaves no slot unfilled, and digits only where they may be', () => {
    const random = seeded(2);
    for (const language of TEXT_LANGUAGES) {
      const { text } = composeText({ language, bytes: 20_000, digits: true }, random);
      expect(text).to.not.match(/[{}]/);
      expect(text).to.match(/\d/);
      expect(composeText({ language, bytes: 20_000, digits: false }, random).text).to.not.match(/\d/);
    }
  });

  it('names facts that are in the text', () => {
    const { text, facts } = composeText({ language: 'en', bytes: 2_000, digits: true }, seeded(3));
    expect(facts.length).to.be.above(10);
    for (const fact of facts) expect(text).to.include(fact);
  });
});

describe('keptFacts()', () => {
  const { text, facts } = composeText({ language: 'en', bytes: 3_000, digits: true }, seeded(4));
  const valueOf = (summary: string) => keptFacts(summary, { facts, characters: text.length })?.value ?? NaN;

  it('leaves all to an honest extract', async () => {
    const { output } = await lexRankSummarizer().run({
      input: Buffer.from(text),
      language: 'en',
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    expect(valueOf(Buffer.from(output).toString())).to.equal(1);
  });

  it('takes from one that keeps no name and no number', () => {
    const emptied = text.replace(/\d+|\b[A-Z]\w+/g, 'something');
    expect(valueOf(emptied.slice(0, 900))).to.be.below(0.4);
  });

  it('knows a number whose thousands are parted', () => {
    const known = { facts: ['12345'], characters: 100 };
    for (const written of ['12345', '12,345', '12.345', '12 345'])
      expect(keptFacts(`It cost ${written} dollars`, known)?.value).to.equal(1);
    expect(keptFacts('It cost 12346 dollars', known)?.value).to.be.below(0.5);
  });

  it('says nothing where there are none', () => {
    expect(keptFacts('x', { facts: [], characters: 10 })).to.equal(undefined);
  });
});
