import { createHash } from 'node:crypto';
import { spokenWords } from './spoken-words.js';

/** What is kept of an answer or an input so that it is known again; some 300 bytes, none of its content. */
export interface Print {
  /** SHA-256 in hexadecimal digits: of the bytes, or of the words of a text. */
  readonly digest: string;
  /** Words of a text, bytes of anything else. */
  readonly size: number;
  /** For texts the least hash of a pair of words in each of 64 groups, -1 for none; empty for anything else. */
  readonly sketch: readonly number[];
}

const GROUP_BITS = 6;

/** Texts that say the same word by word have the same print, however they are written. */
export function textPrint(text: string, language: string): Print {
  const words = spokenWords(text, language);
  const sketch = new Array<number>(1 << GROUP_BITS).fill(-1);
  let before = 0;
  for (const word of words) {
    const own = hashOf(word);
    sketchPair(sketch, before, own);
    before = own;
  }
  return { digest: digestOf(words.join(' ')), size: words.length, sketch };
}

/** The print of a text by its words as written, without case and punctuation; a hundredth of the work of `textPrint`. */
export function writtenPrint(text: string): Print {
  const sketch = new Array<number>(1 << GROUP_BITS).fill(-1);
  let size = 0;
  let before = 0;
  let own = 0;
  const close = (): void => {
    if (own === 0) return;
    sketchPair(sketch, before, own);
    size += 1;
    before = own;
    own = 0;
  };
  const plain = text.normalize('NFKC').toLowerCase();
  for (let at = 0; at < plain.length; at += 1) {
    const code = plain.charCodeAt(at);
    const kind = kindOf(code);
    if (kind !== 'letter') close();
    if (kind !== 'gap') own = Math.imul((own === 0 ? 0x811c9dc5 : own) ^ code, 0x01000193) | 0;
    if (kind === 'ideograph') close();
  }
  close();
  return { digest: digestOf(text), size, sketch };
}

function kindOf(code: number): 'letter' | 'gap' | 'ideograph' {
  if (code < 0x80) return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) ? 'letter' : 'gap';
  // Signs of Latin-1, general punctuation, CJK punctuation.
  if (code < 0xc0 || (code >= 0x2000 && code < 0x2070) || (code >= 0x3000 && code < 0x3040)) return 'gap';
  return code >= 0x3040 && code < 0xa000 ? 'ideograph' : 'letter';
}

export function bytesPrint(bytes: Uint8Array): Print {
  return { digest: digestOf(bytes), size: bytes.byteLength, sketch: [] };
}

/** An estimate of the share of word pairs that two texts have in common; for anything else 1 or 0. */
export function printLikeness(a: Print, b: Print): number {
  if (a.digest === b.digest) return 1;
  let used = 0;
  let equal = 0;
  for (let group = 0; group < a.sketch.length; group += 1) {
    const one = a.sketch[group] ?? -1;
    const other = b.sketch[group] ?? -1;
    if (one >= 0 || other >= 0) used += 1;
    if (one >= 0 && one === other) equal += 1;
  }
  return used === 0 ? 0 : equal / used;
}

/** Whether `printLikeness` is `least` at least; unlike texts, as most are, show it in a few comparisons. */
export function isAsLike(a: Print, b: Print, least: number): boolean {
  if (a.digest === b.digest) return true;
  const groups = a.sketch.length;
  let used = 0;
  let equal = 0;
  for (let group = 0; group < groups; group += 1) {
    const one = a.sketch[group] ?? -1;
    const other = b.sketch[group] ?? -1;
    if (one < 0 && other < 0) continue;
    used += 1;
    if (one === other) equal += 1;
    else if (groups - (used - equal) < least * groups) return false;
  }
  return used > 0 && equal / used >= least;
}

function digestOf(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function sketchPair(sketch: number[], before: number, own: number): void {
  const pair = mixed(before, own);
  const group = pair & (sketch.length - 1);
  const value = pair >>> GROUP_BITS;
  const least = sketch[group] ?? -1;
  if (least < 0 || value < least) sketch[group] = value;
}

/** FNV-1a over UTF-16 code units. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Spreads two hashes over 32 bits, so that their low bits may choose the group. */
function mixed(a: number, b: number): number {
  let hash = Math.imul(a ^ (a >>> 15), 0x2c1b3c6d) ^ b;
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39);
  return (hash ^ (hash >>> 16)) >>> 0;
}
