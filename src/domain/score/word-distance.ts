import { distance } from 'fastest-levenshtein';
import { POLICY } from './policy.js';

/**
 * Fewest insertions, deletions and replacements of words that turn one text into the other.
 *
 * Each distinct word becomes one UTF-16 code unit, so that the bit-parallel distance of characters serves:
 * two texts of 20,000 words take milliseconds where the usual table takes seconds. Words beyond
 * `POLICY.transcription.maxWords` of a text are left out, which also keeps the words within 65,536 units.
 */
export function wordDistance(a: readonly string[], b: readonly string[]): number {
  const units = new Map<string, string>();
  return distance(encode(a, units), encode(b, units));
}

function encode(words: readonly string[], units: Map<string, string>): string {
  let text = '';
  for (const word of words.slice(0, POLICY.transcription.maxWords)) {
    let unit = units.get(word);
    if (unit === undefined) {
      unit = String.fromCharCode(units.size);
      units.set(word, unit);
    }
    text += unit;
  }
  return text;
}

/** Word error rate of a transcript against a reference: 0 for the same words, may be above 1. */
export function wordErrorRate(reference: readonly string[], transcript: readonly string[]): number {
  if (reference.length === 0) return transcript.length === 0 ? 0 : 1;
  return wordDistance(reference, transcript) / Math.min(reference.length, POLICY.transcription.maxWords);
}

/** Likeness of two texts in [0, 1], the same both ways: 1 for the same words, 0 for none in common. */
export function likeness(a: readonly string[], b: readonly string[]): number {
  const longer = Math.min(Math.max(a.length, b.length), POLICY.transcription.maxWords);
  return longer === 0 ? 1 : 1 - Math.min(1, wordDistance(a, b) / longer);
}
