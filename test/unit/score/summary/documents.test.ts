import { expect } from 'chai';
import { lexRankSummarizer } from '../../../../src/engines/summarization/summarize.js';
import { work } from '../../engines/fixtures.js';
import { readDocuments, type Document } from './fixtures.js';
import { judgeSummaries } from './judged.js';
import { SPOILERS } from './spoil.js';

/** How much less accurate a spoiled extract is than the honest one, at least, whatever the document. */
const LEAST_LOSS: Readonly<Record<string, number>> = {
  'numbers swapped': 0.6,
  'numbers changed': 0.6,
  'names swapped': 0.4,
  'a sentence negated': 0.4,
  'words shuffled': 0.6,
  'sentences cut in pieces of three words and shuffled': 0.02,
  'words reversed': 0.6,
  'an advertisement added': 0.3,
  'cut in a word': 0.1,
  'one sentence four times': 0.5,
  'the source whole': 0.8,
  'the source without its last sentence': 0.6,
  'its weightiest words': 0.5,
  'its weightiest words in the order of the source': 0.5,
  'one word': 0.8,
  nothing: 0.8,
  'the summary of another document': 0.8,
  'the summary of a document in another language': 0.8,
};

/** What an honest summary in other words may not lose against: all that is made up or empty, not what is cut off. */
const BELOW_ABSTRACTS = [
  'numbers swapped',
  'numbers changed',
  'words shuffled',
  'words reversed',
  'one sentence four times',
  'the source whole',
  'the source without its last sentence',
  'its weightiest words',
  'its weightiest words in the order of the source',
  'one word',
  'nothing',
  'the summary of another document',
  'the summary of a document in another language',
];

describe('judgeSummaries() on documents', () => {
  let documents: readonly Document[];

  before(async () => {
    documents = await readDocuments();
  });

  const accuracies = ({ text, language }: Document, summaries: readonly string[]): readonly number[] =>
    judgeSummaries(
      { text, language },
      summaries.map((summary) => ({ text: summary, totalMs: 1000 })),
    ).map(({ accuracy }) => accuracy ?? NaN);

  const spoiled = (document: Document, base: string): ReadonlyMap<string, string> => {
    const other = (isSame: boolean): string | undefined =>
      documents.find((one) => one !== document && (one.language === document.language) === isSame)?.extract;
    const all = [
      ...Object.entries(SPOILERS).map(([name, spoil]) => [name, spoil(base, document)] as const),
      ['the summary of another document', other(true) ?? other(false)] as const,
      ['the summary of a document in another language', other(false)] as const,
    ];
    return new Map(all.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])));
  };

  let measured: readonly { name: string; place: string; loss: number }[] | undefined;
  /** How much less accurate each spoiled extract of each document is than the extract. */
  const losses = () => (measured ??= measure());
  const measure = () =>
    documents.flatMap((document) =>
      (['lead', 'extract'] as const).flatMap((kind) => {
        const bad = [...spoiled(document, document[kind])];
        const [honest = NaN, ...scores] = accuracies(document, [
          document[kind],
          ...bad.map(([, text]) => text),
        ]);
        return bad.map(([name], index) => ({
          name,
          place: `${name}, ${document.name}, ${kind}`,
          loss: honest - (scores[index] ?? NaN),
        }));
      }),
    );

  it('finds extracts good, whether from the start or from the engine', () => {
    for (const document of documents)
      for (const accuracy of accuracies(document, [document.lead, document.extract]))
        expect(accuracy, document.name).to.be.above(0.8);
  });

  for (const [name, least] of Object.entries(LEAST_LOSS))
    it(`puts ${name} more than ${least} below the honest extract`, function () {
      const found = losses().filter((one) => one.name === name);
      expect(found).to.have.length.above(10);
      for (const { place, loss } of found) expect(loss, place).to.be.above(least);
      const mean = found.reduce((sum, { loss }) => sum + loss, 0) / found.length;
      const smallest = Math.min(...found.map(({ loss }) => loss));
      this.test!.title += ` (${found.length} of them: ${mean.toFixed(2)} on average, ${smallest.toFixed(2)} at least)`;
    });

  it('knows every way to spoil an extract', () => {
    expect(new Set(losses().map(({ name }) => name))).to.have.all.keys(Object.keys(LEAST_LOSS));
  });

  it('puts honest summaries in other words above what is made up or empty', () => {
    const reworded = documents.filter(({ abstract }) => abstract !== undefined);
    expect(reworded).to.have.length.above(20);
    for (const document of reworded) {
      const bad = [...spoiled(document, document.extract)].filter(([name]) => BELOW_ABSTRACTS.includes(name));
      const [abstract = NaN, ...scores] = accuracies(document, [
        document.abstract ?? '',
        ...bad.map(([, text]) => text),
      ]);
      for (const [index, [name]] of bad.entries())
        expect(scores[index], `${name}, ${document.name}`).to.be.below(abstract);
    }
  });

  it('is the same for the same texts, in any order of the replies', () => {
    for (const document of documents) {
      const texts = [document.extract, document.lead, document.text];
      expect([...accuracies(document, texts)].reverse()).to.deep.equal(accuracies(document, texts.reverse()));
    }
  });

  it('costs less than what the engine takes for the same summaries', async function () {
    const cpuUs = async (work: () => unknown): Promise<number> => {
      const start = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    const judging = () => {
      for (const document of documents)
        accuracies(document, [document.lead, document.extract, document.abstract ?? document.text]);
    };
    const engine = lexRankSummarizer();
    const summarizing = async () => {
      for (const { text, language } of documents)
        for (let miner = 0; miner < 3; miner += 1) await engine.run(work(text, { language }));
    };
    for (let round = 0; round < 3; round += 1) judging();
    await summarizing();
    const ratio = (await cpuUs(judging)) / (await cpuUs(summarizing));
    expect(ratio).to.be.below(1);
    this.test!.title += ` (${Math.round(ratio * 100)} % of it)`;
  });
});
