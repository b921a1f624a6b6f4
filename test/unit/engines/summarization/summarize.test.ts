import { expect } from 'chai';
import { LANGUAGES } from '../../../../src/domain/task.js';
import { lexRankSummarizer } from '../../../../src/engines/summarization/summarize.js';
import { refused, work } from '../fixtures.js';

const TEXT = `The river flooded the town on Monday after Dr. Smith had warned of heavy rain. Rain fell for
three days. The flood of the river closed every bridge in the town. A bakery sold out of bread. The mayor
said that the river flooded more houses in the town than any flood before. Cats dislike water. Helpers filled
sandbags by the river until the rain stopped. The town will build a wall against the flood of the river.`;

const ONE_OF_FOUR: Readonly<Record<string, readonly string[]>> = {
  es: [
    'El río inundó la ciudad.',
    'La lluvia del río cayó en la ciudad.',
    'El pan es bueno hoy.',
    'La ciudad y el río esperan lluvia.',
  ],
  zh: ['河水淹没了城市。', '大雨让河水上涨淹没城市。', '面包今天很好吃。', '城市等待河水退去。'],
  ja: [
    '川が町を水浸しにした。',
    '大雨で川が町にあふれた。',
    '今日はパンがおいしい。',
    '町は川の水が引くのを待つ。',
  ],
  hi: ['नदी ने शहर को डुबो दिया।', 'भारी बारिश से नदी शहर में आई।', 'आज रोटी अच्छी है।', 'शहर नदी का इंतज़ार करता है।'],
  ar: [
    'غمر النهر المدينة.',
    'أدى المطر إلى فيضان النهر في المدينة.',
    'الخبز جيد اليوم.',
    'تنتظر المدينة هبوط النهر.',
  ],
};

async function summary(
  text: string,
  more: { language?: string; maxSentences?: number } = {},
): Promise<string> {
  return Buffer.from((await lexRankSummarizer().run(work(text, more))).output).toString();
}

describe('lexrank', () => {
  it('offers every language', () => {
    expect(lexRankSummarizer().languages).to.deep.equal(LANGUAGES);
  });

  it('takes whole sentences of the text, in order, on its subject', async () => {
    const text = TEXT.replace(/\s+/g, ' ');
    const chosen = await summary(TEXT, { maxSentences: 3 });
    expect(chosen.length).to.be.below(text.length / 2);
    expect(chosen)
      .to.match(/river/)
      .and.not.match(/bakery|Cats/);
    const places = chosen.split(/(?<=\.) (?=[A-Z])(?<!Dr\. )/).map((sentence) => text.indexOf(sentence));
    expect(places).to.have.length(3);
    expect(places)
      .to.deep.equal([...places].sort((a, b) => a - b))
      .and.not.include(-1);
  });

  it('does not cut at an abbreviation', async () => {
    expect(await summary('Dr. Smith warned of rain. It came.', { maxSentences: 5 })).to.equal(
      'Dr. Smith warned of rain. It came.',
    );
    expect(
      await summary('Dr. Smith warned the town of rain and of the river.', { maxSentences: 1 }),
    ).to.equal('Dr. Smith warned the town of rain and of the river.');
  });

  it('returns a text of one sentence as it is', async () => {
    expect(await summary('just some words without an end')).to.equal('just some words without an end');
  });

  it('does not say the same twice', async () => {
    const chosen = await summary(`${'The river flooded the town. '.repeat(5)}${TEXT}`, { maxSentences: 3 });
    expect(chosen.match(/The river flooded the town\./g) ?? []).to.have.length.at.most(1);
  });

  it('keeps to the number of sentences in other scripts', async () => {
    for (const [language, sentences] of Object.entries(ONE_OF_FOUR)) {
      const space = language === 'zh' || language === 'ja' ? '' : ' ';
      const chosen = await summary(sentences.join(space), { language, maxSentences: 1 });
      expect(sentences, language).to.include(chosen);
    }
  });

  it('takes the largest text and the most sentences, shorter than it was', async () => {
    for (const text of [
      'A b. '.repeat(10_000),
      'x'.repeat(50_000),
      `${TEXT} `.repeat(70),
      '. '.repeat(25_000),
    ])
      expect((await summary(text)).length).to.be.within(1, text.length);
  });

  it('refuses bytes that are not UTF-8', async () => {
    await refused(lexRankSummarizer().run(work(Uint8Array.of(0xff))), 'ENGINE_FAILED');
  });
});
