import { classOf, NOTHING, OTHER, plainEnd } from './plain-tokens.js';
import { Tokens, type Token } from './tokens.js';
import type { Vocabulary, Word } from './vocabulary.js';

/** A text cut into the words that are compared; the arrays have one entry for each word. */
export interface Text {
  readonly words: readonly Word[];
  /** Number of the sentence, from 0. */
  readonly sentenceOf: readonly number[];
  /** Whether the word begins with a capital. */
  readonly capital: readonly boolean[];
  readonly sentences: number;
  /** Whether a mark ends the last sentence. */
  readonly ended: boolean;
}

/** Whether a word follows another one in its sentence. */
export function follows({ sentenceOf }: Text, index: number): boolean {
  return index > 0 && sentenceOf[index] === sentenceOf[index - 1];
}

const IDEOGRAPH = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u30fc';
/** Japanese negations, which stand inside verbs: ない, なかった, なく, なければ, ません. */
const NEGATION = 'な[いかくけ]|ませ';
const DIGITS = "(?:\\p{Nd}{1,3}(?: \\p{Nd}{3})+(?!\\p{Nd})|\\p{Nd}+)(?:[.,:'’]\\p{Nd}+)*";
const LETTERS = `[[\\p{L}\\p{M}]--[${IDEOGRAPH}]][[\\p{L}\\p{M}\\p{Nd}]--[${IDEOGRAPH}]]*`;
/** Ends of sentences: marks, a stop before a space, a blank line, the next item of a list. */
const END = '[!?。।؟]+|\\.+(?=[\\s"\'”’»\\)\\]]|$)|\\n[^\\S\\n]*(?=\\n|[\\-*•])';
const TOKEN = new RegExp(`${NEGATION}|[${IDEOGRAPH}]|${LETTERS}|${DIGITS}|${END}`, 'gv');
/** Letters of a capitalised word that a stop may shorten: `Dr.`, `J.` */
const MAX_ABBREVIATION = 3;

/** Cuts texts of one vocabulary. What was written the same way before is looked up. */
export class Cutter {
  private readonly tokens: Tokens;

  constructor(vocabulary: Vocabulary) {
    this.tokens = new Tokens(vocabulary);
  }

  /** Characters that it keeps of all texts so far. */
  get keptCharacters(): number {
    return this.tokens.keptCharacters;
  }

  cut(written: string): Text {
    const text = written.normalize('NFKC');
    const cut = new Cut();
    const { tokens } = this;
    for (let at = 0; at < text.length;) {
      const how = classOf(text.charCodeAt(at));
      if (how === NOTHING) {
        at += 1;
        continue;
      }
      const end = how === OTHER ? -1 : plainEnd(text, at, how);
      if (end >= 0) {
        cut.add(tokens.between(text, at, end), end - at);
        at = end;
        continue;
      }
      TOKEN.lastIndex = at;
      const found = TOKEN.exec(text);
      if (found === null) break;
      at = TOKEN.lastIndex;
      cut.add(tokens.between(text, found.index, at), at - found.index);
    }
    return cut.text();
  }
}

/** A text as far as it is cut. */
class Cut {
  private readonly words: Word[] = [];
  private readonly sentenceOf: number[] = [];
  private readonly capital: boolean[] = [];
  private sentences = 0;
  private inSentence = false;
  private shortened = false;
  private ended = false;

  add({ word, capital, isStop }: Token, length: number): void {
    this.ended = word === undefined;
    if (word === undefined) {
      this.inSentence &&= this.shortened && isStop;
      return;
    }
    if (!this.inSentence) this.sentences += 1;
    this.words.push(word);
    this.sentenceOf.push(this.sentences - 1);
    this.capital.push(capital);
    this.inSentence = true;
    this.shortened = capital && length <= MAX_ABBREVIATION;
  }

  text(): Text {
    const { words, sentenceOf, capital, sentences, ended } = this;
    return { words, sentenceOf, capital, sentences, ended };
  }
}
