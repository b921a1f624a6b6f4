/** Longest run without a space, in code points; flite needs 2.4 GB for a number of 10,000 digits. */
const MAX_WORD = 40;
/** Longest stretch given to a synthesizer at once, in code points; its memory grows with it. */
const MAX_STRETCH = 400;

/**
 * Makes a text harmless to a synthesizer, without changing what is heard of ordinary text: no control
 * characters (a NUL would end it), no eSpeak phonemes (`[[`), no endless words or sentences.
 */
export function speakable(text: string): string {
  const plain = text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\[(?=\[)/g, '[ ')
    .replace(/[。！？、，；]/gu, '$& ')
    .replace(new RegExp(`\\S{${MAX_WORD}}(?=\\S)`, 'gu'), '$& ');
  return stretches(plain.trim().split(/\s+/)).join('\n\n');
}

function stretches(words: readonly string[]): string[] {
  const done: string[] = [];
  let open: string[] = [];
  let length = 0;
  for (const word of words) {
    open.push(word);
    length += word.length + 1;
    const sentenceEnds = /[.!?。！？।؟][)"'”’]*$/u.test(word);
    if (length < MAX_STRETCH && !(sentenceEnds && length > MAX_STRETCH / 2)) continue;
    done.push(open.join(' '));
    open = [];
    length = 0;
  }
  return open.length === 0 ? done : [...done, open.join(' ')];
}
