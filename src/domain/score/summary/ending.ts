import { part, unmeasured } from '../part.js';
import type { Measure, Source } from './measure.js';
import { pairKey } from './pairs.js';
import type { Text } from './text.js';

/**
 * Whether a summary ends where a sentence does: at a mark, or at words that end a sentence of the source, such as a
 * heading. Not measured where the source does not end its own sentences.
 */
export function ending(source: Source): Measure {
  const ends = new Set<number>();
  source.words.forEach((_, index) => {
    if (source.sentenceOf[index] !== source.sentenceOf[index + 1]) ends.add(lastPair(source, index));
  });
  return (summary) => {
    if (!source.ended) return unmeasured('ending', 'The source itself ends without a mark.');
    if (summary.ended || ends.has(lastPair(summary, summary.words.length - 1)))
      return part('ending', 1, 'It ends with a whole sentence.');
    return part('ending', 0, 'It breaks off inside a sentence.');
  };
}

function lastPair({ words }: Text, index: number): number {
  return pairKey(words[index - 1]?.id ?? 0, words[index]?.id ?? 0);
}
