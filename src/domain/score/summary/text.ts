import { digitsOf, type Vocabulary, type Word } from './vocabulary.js';

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

/** What a token as written stands for; absent for the end of a sentence. */
interface Token {
  readonly word?: Word;
  readonly capital: boolean;
}

/** Cuts texts of one vocabulary. What was written the same way before is looked up. */
export class Cutter {
  private readonly tokens = new Map<string, Token>();

  constructor(private readonly vocabulary: Vocabulary) {}

  cut(written: string): Text {
    const text = written.normalize('NFKC');
    const words: Word[] = [];
    const sentenceOf: number[] = [];
    const capital: boolean[] = [];
    let sentences = 0;
    let inSentence = false;
    let shortened = false;
    let ended = false;
    TOKEN.lastIndex = 0;
    for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) {
      const [match] = found;
      const token = this.token(match);
      ended = token.word === undefined;
      if (token.word === undefined) {
        inSentence &&= shortened && match === '.';
        continue;
      }
      if (!inSentence) sentences += 1;
      words.push(token.word);
      sentenceOf.push(sentences - 1);
      capital.push(token.capital);
      inSentence = true;
      shortened = token.capital && match.length <= MAX_ABBREVIATION;
    }
    return { words, sentenceOf, capital, sentences, ended };
  }

  private token(written: string): Token {
    let token = this.tokens.get(written);
    if (token === undefined) this.tokens.set(written, (token = this.read(written)));
    return token;
  }

  private read(written: string): Token {
    if (/^[a-zA-Z\p{L}\p{M}]/u.test(written))
      return { word: this.vocabulary.word(written.toLowerCase()), capital: /^\p{Lu}/u.test(written) };
    if (/^\p{Nd}/u.test(written)) return { word: this.vocabulary.word(digitsOf(written)), capital: false };
    return { capital: false };
  }
}
