import { seeded } from '../seeded.js';
import { hasSpaces, joined, type Document } from './fixtures.js';

/** Ways to turn an honest extract into a bad summary; undefined where the extract has nothing to spoil. */
export const SPOILERS: Readonly<Record<string, (summary: string, document: Document) => string | undefined>> =
  {
    'numbers swapped': (summary) => numbersTurned(summary),
    'numbers changed': (summary) => changed(summary, summary.replace(/\d+/g, other)),
    'names swapped': (summary, { names }) => changed(summary, namesSwapped(summary, names)),
    'a sentence negated': (summary, { language }) => negated(summary, language),
    'words shuffled': (summary, { language }) => shuffled(words(summary, language)).join(space(language)),
    'sentences cut in pieces of three words and shuffled': (summary, { language }) =>
      shuffled(threes(words(summary, language))).join(space(language)),
    'words reversed': (summary, { language }) => words(summary, language).reverse().join(space(language)),
    'an advertisement added': (summary) =>
      `${summary} Visit Luckybets.example today and win 5000 free spins!`,
    'cut in a word': (summary, { language }) => summary.slice(0, -(hasSpaces(language) ? 4 : 3)),
    'one sentence four times': (_, { sentences, language }) =>
      joined(new Array<string>(4).fill(sentences[0] ?? ''), language),
    'the source whole': (_, { text }) => text,
    'the source without its last sentence': (_, { sentences, language }) =>
      joined(sentences.slice(0, -1), language),
    'its weightiest words': (_, document) => keywords(document).join(', '),
    'its weightiest words in the order of the source': (_, document) => {
      const chosen = new Set(keywords(document));
      return words(document.text, document.language)
        .filter((word) => chosen.has(bare(word)))
        .join(space(document.language));
    },
    'one word': (_, document) => keywords(document)[0],
    nothing: () => '',
  };

function changed(before: string, after: string): string | undefined {
  return after === before ? undefined : after;
}

function other(number: string): string {
  return Array.from(number, (digit, index) =>
    index === 0 ? String((Number(digit) % 9) + 1) : String(9 - Number(digit)),
  ).join('');
}

/** Each number in the place of another. */
function numbersTurned(summary: string): string | undefined {
  const form = /\d+(?:[.,: \u202f]\d+)*/g;
  const values = [...new Set(summary.match(form) ?? [])];
  if (values.length < 2) return undefined;
  return summary.replace(form, (value) => values[(values.indexOf(value) + 1) % values.length] ?? value);
}

function namesSwapped(summary: string, [a, b]: readonly [string, string]): string {
  const last = (name: string): string => name.split(' ').at(-1) ?? name;
  const swap = new Map([
    [a, b],
    [b, a],
    [last(a), last(b)],
    [last(b), last(a)],
  ]);
  return summary.replace(new RegExp([...swap.keys()].join('|'), 'g'), (name) => swap.get(name) ?? name);
}

const NEGATIONS: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  en: [[/ (will|was|were|is|are|has|had|can|may|must|could) (?!not?\b)/, ' $1 not ']],
  es: [[/ (ha|es|fue|costará|producirá|podrá|cumple|funciona|recorre) /, ' no $1 ']],
  fr: [[/ (ont|a|est|sont|plantent|sera) /, " n'$1 pas "]],
  de: [[/ (werden|war|hatte|haben|will|gibt|wird|muss) /, ' $1 nicht ']],
  it: [[/ (è|fu|ha|sono|vuole) /, ' non $1 ']],
  pt: [[/ (vai|foi|custou|custará|vem) /, ' não $1 ']],
  ru: [[/ (началось|соединит|составляет|предложила|сообщил|просили|доехать|смогут) /, ' не $1 ']],
  hi: [[/ (है|हैं|दिए|होगा)।/, ' नहीं $1।']],
  zh: [
    [/将/, '将不'],
    [/需要/, '不需要'],
  ],
  ja: [
    [/いる。/, 'いない。'],
    [/った。/, 'らなかった。'],
  ],
};

function negated(summary: string, language: string): string | undefined {
  for (const [form, instead] of NEGATIONS[language] ?? [])
    if (form.test(summary)) return summary.replace(form, instead);
  return undefined;
}

function words(text: string, language: string): string[] {
  if (hasSpaces(language)) return text.split(' ');
  return Array.from(
    new Intl.Segmenter(language, { granularity: 'word' }).segment(text),
    ({ segment }) => segment,
  );
}

function space(language: string): string {
  return hasSpaces(language) ? ' ' : '';
}

function shuffled(items: readonly string[]): readonly string[] {
  const random = seeded(5);
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const place = Math.floor(random() * (last + 1));
    [order[last], order[place]] = [order[place] ?? '', order[last] ?? ''];
  }
  return order;
}

function threes(items: readonly string[]): readonly string[] {
  return items.flatMap((_, index) => (index % 3 === 0 ? [items.slice(index, index + 3).join(' ')] : []));
}

function bare(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

/** The thirty words of more than three letters (one in Chinese and Japanese) that the source says most often. */
function keywords({ text, language }: Document): readonly string[] {
  const counts = new Map<string, number>();
  for (const word of words(text, language).map(bare))
    if (word.length > (hasSpaces(language) ? 3 : 1)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 30)
    .map(([word]) => word);
}
