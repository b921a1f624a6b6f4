import { lexiconOf, type Lexicon } from './lexicon.js';

export type WordKind = 'content' | 'function' | 'negator' | 'number';

/** Writing systems that are told apart. */
export type Script =
  'latin' | 'cyrillic' | 'arabic' | 'devanagari' | 'han' | 'kana' | 'hangul' | 'other' | 'none';

/** Letters by which words of inflected languages are compared, and syllables of Hangul. */
const STEM_LETTERS = 5;
const STEM_SYLLABLES = 2;
/** Shortest word that is read as a negative prefix and the rest. */
const MIN_PREFIXED = 6;

/** The commonest first. */
const SCRIPTS: readonly (readonly [RegExp, Script])[] = [
  [/^[a-z\p{Script=Latin}]/u, 'latin'],
  [/^\p{Nd}/u, 'none'],
  [/^\p{Script=Cyrillic}/u, 'cyrillic'],
  [/^\p{Script=Arabic}/u, 'arabic'],
  [/^\p{Script=Devanagari}/u, 'devanagari'],
  [/^\p{Script=Han}/u, 'han'],
  [/^[\p{Script=Hiragana}\p{Script=Katakana}\u30fc]/u, 'kana'],
  [/^\p{Script=Hangul}/u, 'hangul'],
  [/^\p{L}/u, 'other'],
];

/** A distinct word. */
export interface Word {
  /** From 0, in the order of appearance. */
  readonly id: number;
  /** In lower case; a number in plain digits. */
  readonly text: string;
  readonly kind: WordKind;
  /** Id of the word's beginning, the same for most of its inflections. */
  readonly stem: number;
  readonly script: Script;
  /** Whether it is a character of a script without spaces between words. */
  readonly ideograph: boolean;
  /** Letters mixed with digits, such as `A380`. */
  readonly coded: boolean;
  /** Whether it is a number in letters; it has the id and stem of the number. */
  readonly spelled: boolean;
  /** The stem behind a negative prefix, such as that of `safe` for `unsafe`. */
  readonly denied: number | undefined;
}

/** The distinct words of a source and its summaries, so that texts can be compared by numbers. */
export class Vocabulary {
  readonly lexicon: Lexicon;
  private readonly words = new Map<string, Word>();
  private readonly stems = new Map<string, number>();

  constructor(language: string) {
    this.lexicon = lexiconOf(language);
  }

  /** @param text a word in lower case, an ideograph, or digits as `digitsOf` gives them */
  word(text: string): Word {
    let word = this.words.get(text);
    if (word === undefined) {
      const number = this.lexicon.numbers.get(text);
      word = number === undefined ? this.fresh(text) : { ...this.word(number), spelled: true };
      this.words.set(text, word);
    }
    return word;
  }

  private fresh(text: string): Word {
    const script = SCRIPTS.find(([start]) => start.test(text))?.[1] ?? 'none';
    const kind = this.kindOf(text, script);
    const denied = kind === 'content' ? this.behindPrefix(text) : undefined;
    return {
      id: this.words.size,
      text,
      kind,
      stem: this.stem(kind === 'number' ? text : stemOf(text, script)),
      script,
      ideograph: script === 'han' || script === 'kana',
      coded: script !== 'none' && /\p{Nd}/u.test(text),
      spelled: false,
      denied: denied === undefined ? undefined : this.stem(stemOf(denied, script)),
    };
  }

  private kindOf(text: string, script: Script): WordKind {
    if (script === 'none') return 'number';
    if (this.lexicon.negators.has(text)) return 'negator';
    return this.lexicon.functionWords.has(text) ? 'function' : 'content';
  }

  private behindPrefix(text: string): string | undefined {
    if (text.length < MIN_PREFIXED) return undefined;
    const prefix = this.lexicon.negativePrefixes.find((candidate) => text.startsWith(candidate));
    return prefix === undefined ? undefined : text.slice(prefix.length);
  }

  private stem(text: string): number {
    let id = this.stems.get(text);
    if (id === undefined) this.stems.set(text, (id = this.stems.size));
    return id;
  }
}

function stemOf(text: string, script: Script): string {
  return text.slice(0, script === 'hangul' ? STEM_SYLLABLES : STEM_LETTERS);
}

const DIGIT_ZEROS = [0x30, 0x660, 0x6f0, 0x966] as const;

/** A number as written, in plain digits: `1,200` and `1 200` as `1200`, `0,50` as `0.5`, `٣` as `3`. */
export function digitsOf(written: string): string {
  if (/^\d+$/.test(written)) return written;
  const plain = Array.from(written, plainDigit).join('');
  if (/^\d{1,3}(?:([.,'’ ])\d{3})(?:\1\d{3})*$/.test(plain)) return plain.replace(/\D/g, '');
  const [whole = '', ...fractions] = plain.replace(/ /g, '').split(/[.,](?=\d+$)/);
  const bare = whole.replace(/[.,'’](?=\d{3}(?!\d))/g, '');
  return fractions.length === 0 ? bare : `${bare}.${fractions.join('')}`.replace(/\.?0+$/, '');
}

function plainDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const zero = DIGIT_ZEROS.find((candidate) => code >= candidate && code <= candidate + 9);
  return zero === undefined ? character : String(code - zero);
}
