import { editDistance, encode } from './edit-distance.js';

/** Fewest insertions, deletions and replacements of words that turn one text into the other. */
export function wordDistance(a: readonly string[], b: readonly string[]): number {
  const { texts, symbols } = encode([a, b]);
  const [one, other] = texts;
  return one === undefined || other === undefined ? 0 : editDistance(one, other, symbols);
}

/** Word error rate of a transcript against a reference: 0 for the same words, may be above 1. */
export function wordErrorRate(reference: readonly string[], transcript: readonly string[]): number {
  if (reference.length === 0) return transcript.length === 0 ? 0 : 1;
  return wordDistance(reference, transcript) / reference.length;
}

/** The same over the characters of the words, so that where words are cut does not matter. */
export function characterErrorRate(reference: readonly string[], transcript: readonly string[]): number {
  return wordErrorRate(charactersOf(reference), charactersOf(transcript));
}

/** Likeness of two texts in [0, 1], the same both ways: 1 for the same words, 0 for none in common. */
export function likeness(a: readonly string[], b: readonly string[]): number {
  const longer = Math.max(a.length, b.length);
  return longer === 0 ? 1 : 1 - wordDistance(a, b) / longer;
}

/** Unicode code points of the words, one after the other. */
export function charactersOf(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => Array.from(word));
}
