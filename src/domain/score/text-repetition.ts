import type { Policy } from './policy.js';
import type { SpokenText } from './speech-pace.js';
import { wordsOf } from './words.js';

/** How much of a text is looked at, in UTF-16 code units, and the longest period looked for, in words. */
const MAX_TEXT = 10_000;
const MAX_PERIOD = 100;

/** Whether a text says the same again and again, such as `no, no, no`. */
export function isRepeated({ text, language }: SpokenText, { speech }: Policy): boolean {
  return repetitionOf(wordsOf(text.slice(0, MAX_TEXT), language)) > speech.maxTextRepetition;
}

/** Largest share of words that are those of some words before, in [0, 1]. */
function repetitionOf(words: readonly string[]): number {
  let largest = 0;
  for (let period = 1; period <= Math.min(MAX_PERIOD, words.length / 2); period++) {
    const pairs = words.length - period;
    let same = 0;
    for (let at = period; at < words.length; at++) if (words[at] === words[at - period]) same++;
    largest = Math.max(largest, same / pairs);
  }
  return largest;
}
