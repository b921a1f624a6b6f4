import { expect } from 'chai';
import { plausibilityOf } from '../../../src/domain/score/plausibility.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import { spokenWords } from '../../../src/domain/score/spoken-words.js';

const SENTENCE = 'he was not an ill disposed young man and might have been made amiable himself';

function values(text: string, { language = 'en', audioMs = 5000 } = {}): Record<string, number | undefined> {
  // Beside two others whose pace is sound, so that the length is not in doubt.
  const others = ['well '.repeat(audioMs / 500), 'good '.repeat(audioMs / 500)];
  const heard = [text, ...others].map((said) => ({
    language,
    audioMs,
    text: said,
    words: spokenWords(said, language),
  }));
  const parts = plausibilityOf(heard, POLICY)[0] ?? [];
  return Object.fromEntries(parts.map(({ name, value }) => [name, value]));
}

describe('plausibilityOf()', () => {
  const plausible: readonly (readonly [string, string, number])[] = [
    ['en', SENTENCE, 5000],
    ['en', 'I would like five, five and five more', 2000],
    ['en', 'no no no, not now', 2000],
    ['es', 'Esta mañana fuimos al mercado a comprar pan', 3000],
    ['ru', 'Сегодня утром мы пошли на рынок за хлебом', 3500],
    ['zh', '今天早上我们去市场买面包', 3000],
    ['ja', '今朝、私たちはパンを買いに市場へ行きました', 4000],
    ['ko', '오늘 아침 우리는 빵을 사러 시장에 갔습니다', 4000],
    ['ar', 'ذهبنا هذا الصباح إلى السوق لشراء الخبز', 3500],
    ['hi', 'आज सुबह हम रोटी खरीदने बाज़ार गए', 3500],
    ['ja', 'Windows を再起動してください', 3000],
  ];
  for (const [language, text, audioMs] of plausible)
    it(`finds nothing against "${text}"`, () => {
      expect(values(text, { language, audioMs })).to.deep.equal({ pace: 1, script: 1, loops: 1 });
    });

  it('finds more words than can be spoken', () => {
    expect(values(SENTENCE, { audioMs: 2000 })['pace']).to.be.within(0.5, 0.95);
    expect(values(SENTENCE, { audioMs: 1000 })['pace']).to.equal(0);
    expect(values('今天早上我们去市场买面包', { language: 'zh', audioMs: 600 })['pace']).to.equal(0);
  });

  it('wonders at next to no words, though it may be silence', () => {
    expect(values('yes', { audioMs: 60_000 })['pace']).to.be.within(0.8, 0.85);
  });

  it('finds another script than the language has', () => {
    expect(values('Сегодня утром')['script']).to.equal(0);
    expect(values('good morning', { language: 'ru' })['script']).to.equal(0);
    expect(values('namaste duniya', { language: 'hi' })['script']).to.equal(0);
    expect(values('привет hello', { language: 'ru' })['script']).to.equal(1);
  });

  it('finds phrases that are said again and again', () => {
    expect(values('thank you '.repeat(12), { audioMs: 20_000 })['loops']).to.equal(0);
    expect(values(`${SENTENCE} ${'and so on '.repeat(8)}`, { audioMs: 20_000 })['loops']).to.be.within(
      0.2,
      0.7,
    );
    expect(values('谢谢观看'.repeat(9), { language: 'zh', audioMs: 20_000 })['loops']).to.equal(0);
  });

  it('doubts the length where most have the same impossible pace, or one is alone', () => {
    const pacesOf = (texts: readonly string[]) =>
      plausibilityOf(
        texts.map((text) => ({ language: 'en', audioMs: 1000, text, words: spokenWords(text, 'en') })),
        POLICY,
      ).map(([pace]) => pace?.value);
    expect(pacesOf([SENTENCE])).to.deep.equal([undefined]);
    expect(pacesOf([SENTENCE, SENTENCE, 'go on'])).to.deep.equal([undefined, undefined, 1]);
    expect(pacesOf([SENTENCE, 'go on', 'go forward'])).to.deep.equal([0, 1, 1]);
  });

  it('leaves unset what cannot be told', () => {
    expect(values(SENTENCE, { audioMs: 0 })).to.deep.equal({ pace: undefined, script: 1, loops: 1 });
    expect(values('1984', { language: 'xx' })).to.deep.equal({ pace: 1, script: undefined, loops: 1 });
  });
});
