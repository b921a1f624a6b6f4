import { ENGLISH } from './grammar/english.js';
import { FRENCH } from './grammar/french.js';
import { GERMAN } from './grammar/german.js';
import type { Lexicon } from './grammar/lexicon.js';
import { SPANISH } from './grammar/spanish.js';

const LEXICONS: ReadonlyMap<string, Lexicon> = new Map([
  ['en', ENGLISH],
  ['de', GERMAN],
  ['es', SPANISH],
  ['fr', FRENCH],
]);

/** Sentences that are tried for each place, so that a text comes near the length that is wanted. */
const TRIES = 6;
/** Texts that are tried until one has the length that is wanted, but for a hundredth or two bytes. */
const MAX_TEXTS = 24;
/** Where less is wanted phrases are tried too, and where much less nothing else. */
const PHRASE_BYTES = { some: 110, only: 60 } as const;
/** Slots whose words a text keeps coming back to, how many of them, and how often: a text is about something. */
const KEPT: ReadonlySet<string> = new Set(['first', 'last', 'place', 'firm', 'thing', 'goods']);
const KEPT_WORDS = 3;
const KEPT_SHARE = 0.6;
/** Names and numbers that a summary is to keep. */
const FACTS: ReadonlySet<string> = new Set(['last', 'place', 'firm', 'n', 'pct']);
const NUMBERS = /\{(?:n|pct)\}/;

/** Languages that texts can be written in, ISO 639-1. */
export const TEXT_LANGUAGES: ReadonlySet<string> = new Set(LEXICONS.keys());

export interface TextWish {
  readonly language: string;
  /** UTF-8 bytes that the text should have; it has about as many, and a few words at least. */
  readonly bytes: number;
  /** Whether numbers in digits may be in it. */
  readonly digits: boolean;
}

export interface ComposedText {
  readonly text: string;
  /** Its names and numbers, each once. */
  readonly facts: readonly string[];
  readonly sentenceCount: number;
}

/**
 * A text of chance. One of several sentences has more than 2^100 fellows; a short phrase some tens of thousands.
 *
 * @param random in [0, 1); whoever can foresee it can foresee the text
 */
export function composeText(wish: TextWish, random: () => number): ComposedText {
  const off = ({ text }: ComposedText): number => Math.abs(byteLength(text) - wish.bytes);
  let best = compose(wish, random);
  for (let tries = 1; tries < MAX_TEXTS && off(best) > Math.max(2, wish.bytes / 100); tries += 1) {
    const other = compose(wish, random);
    if (off(other) < off(best)) best = other;
  }
  return best;
}

function compose({ language, bytes, digits }: TextWish, random: () => number): ComposedText {
  const lexicon = LEXICONS.get(language);
  if (lexicon === undefined) throw new Error(`there is no grammar of ${language}`);
  const words = new WordChoice(lexicon, random);
  const facts = new Set<string>();
  const used: string[] = [];
  let text = '';
  do {
    const left = bytes - byteLength(text);
    const allowed = formsFor(lexicon, left).filter(
      (form) => (digits || !NUMBERS.test(form)) && form !== used.at(-1),
    );
    // Any one will do while there is room for several.
    const isLast = left < 2 * PHRASE_BYTES.some;
    const tried = Array.from({ length: isLast ? TRIES : 1 }, () => pick(allowed, random)).map((form) => ({
      form,
      ...words.fill(form),
    }));
    const off = (sentence: string) => Math.abs(left - byteLength(sentence));
    const [best] = tried.toSorted((a, b) => off(a.sentence) - off(b.sentence));
    if (best === undefined || (text !== '' && byteLength(best.sentence) > 1.5 * left)) break;
    text += `${text === '' ? '' : ' '}${best.sentence}`;
    used.push(best.form);
    for (const fact of best.facts) facts.add(fact);
  } while (byteLength(text) < 0.95 * bytes);
  return { text, facts: [...facts], sentenceCount: used.length };
}

function formsFor({ phrases, sentences }: Lexicon, bytes: number): readonly string[] {
  if (bytes < PHRASE_BYTES.only) return phrases;
  return bytes < PHRASE_BYTES.some ? [...phrases, ...sentences] : sentences;
}

/** Fills the slots of one text. */
class WordChoice {
  private readonly kept = new Map<string, readonly string[]>();

  constructor(
    private readonly lexicon: Lexicon,
    private readonly random: () => number,
  ) {}

  fill(form: string): { readonly sentence: string; readonly facts: readonly string[] } {
    const facts: string[] = [];
    const used = new Set<string>();
    const filled = form.replace(/\{(\w+)\}/g, (_slot, name: string) => {
      let word = this.word(name);
      for (let tries = 0; used.has(word) && tries < 10; tries += 1) word = this.word(name);
      used.add(word);
      if (FACTS.has(name)) facts.push(word);
      return word;
    });
    return { sentence: `${filled.charAt(0).toUpperCase()}${filled.slice(1)}`, facts };
  }

  private word(slot: string): string {
    if (slot === 'n') return String(Math.floor(21 + 10 ** (1 + 3 * this.random())));
    if (slot === 'pct') return String(Math.floor(11 + 80 * this.random()));
    const all = this.lexicon.words[slot];
    if (all === undefined) throw new Error(`there are no words for ${slot}`);
    if (!KEPT.has(slot) || this.random() >= KEPT_SHARE) return pick(all, this.random);
    const kept = this.kept.get(slot) ?? Array.from({ length: KEPT_WORDS }, () => pick(all, this.random));
    this.kept.set(slot, kept);
    return pick(kept, this.random);
  }
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('there is nothing to choose from');
  return item;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
