/*
 * Tokens that can be found without the regular expression of text.ts, with the same result: words and numbers of
 * ASCII and a stop before a space. They are nearly all of most texts, and the expression takes ten times as long.
 */

/** What a code unit of a text begins. */
export const NOTHING = 0;
const LETTER = 1;
const DIGIT = 2;
const STOP = 3;
/** A token that the regular expression must find. */
export const OTHER = 4;

const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[a-zA-Z]/.test(character)) return LETTER;
  if (/[0-9]/.test(character)) return DIGIT;
  if (character === '.') return STOP;
  return /[!?\n]/.test(character) ? OTHER : NOTHING;
});

export function classOf(code: number): number {
  return code < 128 ? (CLASSES[code] ?? OTHER) : OTHER;
}

/** The end of the plain token that begins at a place; -1 when the regular expression must find it. */
export function plainEnd(text: string, start: number, how: number): number {
  switch (how) {
    case LETTER:
      return wordEnd(text, start);
    case DIGIT:
      return numberEnd(text, start);
    case STOP:
      return start + 1 === text.length || text.charCodeAt(start + 1) === 0x20 ? start + 1 : -1;
    default:
      return -1;
  }
}

function wordEnd(text: string, start: number): number {
  let end = start + 1;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code >= 128) return -1;
    const next = CLASSES[code];
    if (next !== LETTER && next !== DIGIT) break;
  }
  return end;
}

/** Digits alone, with nothing behind them that may belong to them. */
function numberEnd(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && classOf(text.charCodeAt(end)) === DIGIT) end += 1;
  if (end === text.length) return end;
  if (text.charCodeAt(end) >= 128) return -1;
  if (end + 1 === text.length || classOf(text.charCodeAt(end)) === LETTER) return end;
  const beyond = text.charCodeAt(end + 1);
  return beyond >= 128 || classOf(beyond) === DIGIT ? -1 : end;
}
