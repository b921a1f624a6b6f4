/** Languages that are written without spaces between words; they are compared by character. */
const BY_CHARACTER: ReadonlySet<string> = new Set(['ja', 'zh', 'ko']);

/** What is written without spaces in whatever text it stands. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

const IDEOGRAPHS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/**
 * Cuts a text into what is compared: words without case, accents' encoding and punctuation; characters for
 * Chinese, Japanese and Korean, also where they stand inside a text of another language.
 */
export function wordsOf(text: string, language: string): readonly string[] {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’‘`´]/g, "'")
    .replace(/(?<=\p{L})'(?=\p{L})/gu, '')
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '');
  return words.flatMap((word) =>
    BY_CHARACTER.has(language) || IDEOGRAPHS.test(word) ? cut(word, IDEOGRAPHS) : [word],
  );
}

/** A word, or its characters where it is written in a script without spaces; Korean has them. */
export function cutUnspaced(word: string): readonly string[] {
  return UNSPACED.test(word) ? cut(word, UNSPACED) : [word];
}

/** Single characters of the scripts, and what stands between them whole. */
function cut(word: string, scripts: RegExp): readonly string[] {
  const parts: string[] = [];
  let rest = '';
  for (const character of word) {
    if (scripts.test(character)) {
      if (rest !== '') parts.push(rest);
      parts.push(character);
      rest = '';
    } else rest += character;
  }
  if (rest !== '') parts.push(rest);
  return parts;
}

/** Unicode code points. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at += 1)
    if ((text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800)
      count -= 1;
  return count;
}
