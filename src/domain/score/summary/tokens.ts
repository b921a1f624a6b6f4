import { digitsOf, type Vocabulary, type Word } from './vocabulary.js';

/** What a token as written stands for. */
export interface Token {
  /** Absent for the end of a sentence. */
  readonly word?: Word;
  readonly capital: boolean;
  /** Whether it is a single stop. */
  readonly isStop: boolean;
}

const FIRST_SLOTS = 1 << 12;

/** The tokens of all texts so far, found by their place in a text without a copy of what is there. */
export class Tokens {
  /** Characters of the distinct tokens. */
  keptCharacters = 0;
  /** Places in the lists plus 1, 0 for none; a power of two of them, at most half of them taken. */
  private slots = new Int32Array(FIRST_SLOTS);
  private readonly hashes: number[] = [];
  private readonly writings: string[] = [];
  private readonly tokens: Token[] = [];

  constructor(private readonly vocabulary: Vocabulary) {}

  between(text: string, start: number, end: number): Token {
    let hash = 0;
    for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
    hash ^= hash >>> 15;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let kept = this.slots[slot] ?? 0; kept !== 0; kept = this.slots[slot] ?? 0) {
      const token = this.tokens[kept - 1];
      const writing = this.writings[kept - 1] ?? '';
      if (
        token !== undefined &&
        this.hashes[kept - 1] === hash &&
        writing.length === end - start &&
        text.startsWith(writing, start)
      )
        return token;
      slot = (slot + 1) & mask;
    }
    return this.add(slot, hash, text.slice(start, end));
  }

  private add(slot: number, hash: number, part: string): Token {
    // A copy: a part of a text would keep all of it in memory.
    const writing = Buffer.from(part, 'utf16le').toString('utf16le');
    const token = this.read(writing);
    this.keptCharacters += writing.length;
    this.tokens.push(token);
    this.hashes.push(hash);
    this.writings.push(writing);
    this.slots[slot] = this.tokens.length;
    if (2 * this.tokens.length > this.slots.length) this.grow();
    return token;
  }

  private grow(): void {
    this.slots = new Int32Array(2 * this.slots.length);
    const mask = this.slots.length - 1;
    for (const [place, hash] of this.hashes.entries()) {
      let slot = hash & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = place + 1;
    }
  }

  private read(written: string): Token {
    const isStop = written === '.';
    if (/^[a-zA-Z\p{L}\p{M}]/u.test(written)) {
      const word = this.vocabulary.word(written.toLowerCase());
      return { word, capital: /^\p{Lu}/u.test(written), isStop };
    }
    if (/^\p{Nd}/u.test(written))
      return { word: this.vocabulary.word(digitsOf(written)), capital: false, isStop };
    return { capital: false, isStop };
  }
}
