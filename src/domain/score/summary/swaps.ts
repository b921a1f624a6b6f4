import { part } from '../part.js';
import type { Measure, Source, SummaryPolicy } from './measure.js';
import { follows, type Text } from './text.js';
import type { Word } from './vocabulary.js';

/** Words that may stand in the place of others at most. */
const MAX_LENGTH = 6;
/** Words, or ideographs, on each side of them that must be the source's; more behind where there are fewer before. */
const WORDS = 2;
const IDEOGRAPHS = 3;
/** What stands before the first word of a sentence. */
const EDGE = -1;

/**
 * Whether words stand in the place of others in sentences that are copied otherwise: the source has the same words
 * before and behind, and others of its words in between, such as one person's name where it names another. It works
 * in every script; in a sentence that is worded anew nothing can be said.
 */
export function swaps(source: Source, { swaps: numbers }: SummaryPolicy): Measure {
  const isSwap = (summary: Text, from: number, to: number): boolean =>
    summary.words.slice(from, to).some(({ kind }) => kind === 'content') &&
    summary.words.slice(from, to).every(({ stem }) => source.positions.count(stem) > 0) &&
    hasOthers(source, summary, from, to);
  return (summary) => {
    const swapped = new Set<number>();
    const reworded = new Set<number>();
    for (let place = 1; place < summary.words.length; place += 1) {
      const sentence = summary.sentenceOf[place] ?? 0;
      if (reworded.has(sentence) || !breaksAt(source, summary, place)) continue;
      const end = endOfSwap(summary, place, isSwap);
      (end === undefined ? reworded : swapped).add(sentence);
      if (end !== undefined) place = end;
    }
    const count = [...swapped].filter((sentence) => !reworded.has(sentence)).length;
    return part('swaps', 1 - count / summary.sentences / numbers.zeroShare, told(count, summary.sentences));
  };
}

function told(count: number, sentences: number): string {
  return count === 0
    ? 'No words are seen in the place of others.'
    : `In ${count} of its ${sentences} sentences words of the source stand in the place of others.`;
}

/** Whether a word does not follow on the one before it anywhere in the source. */
function breaksAt(source: Source, summary: Text, place: number): boolean {
  const { words } = summary;
  return (
    follows(summary, place) && !source.pairs.has(words[place - 1]?.stem ?? EDGE, words[place]?.stem ?? EDGE)
  );
}

/** The end of the swapped words that begin, end or lie around a break; absent when there are none. */
function endOfSwap(
  summary: Text,
  place: number,
  isSwap: (summary: Text, from: number, to: number) => boolean,
): number | undefined {
  const sentence = summary.sentenceOf[place];
  for (let from = place; from >= place - MAX_LENGTH && summary.sentenceOf[from] === sentence; from -= 1)
    for (
      let to = Math.max(from + 1, place);
      to <= from + MAX_LENGTH && summary.sentenceOf[to] === sentence;
      to += 1
    )
      if (isSwap(summary, from, to)) return to;
  return undefined;
}

/** Whether the source has what surrounds a stretch of a summary, with other words in its place. */
function hasOthers(source: Source, summary: Text, from: number, to: number): boolean {
  const places = source.pairs.placesOf(stemAt(summary, to, from), stemAt(summary, to + 1, from));
  if (places.length === 0) return false;
  const isIdeographic = summary.words.slice(Math.max(0, from - 1), to + 1).some(({ ideograph }) => ideograph);
  const side = isIdeographic ? IDEOGRAPHS : WORDS;
  const before = Array.from({ length: side }, (_, index) => stemAt(summary, from - 1 - index, from));
  const ahead = 2 * side - before.filter((stem) => stem !== EDGE).length;
  const behind = Array.from({ length: ahead }, (_, index) => stemAt(summary, to + index, from));
  const isThere = (stems: readonly number[], start: number, step: 1 | -1, within: number): boolean =>
    stems.every((stem, index) => stemAt(source, start + step * index, within) === stem);
  return places.some((second) => {
    const end = second - 1;
    if (!isThere(behind, end, 1, end)) return false;
    for (let start = end - 1; start >= end - MAX_LENGTH && stemAt(source, start, end) !== EDGE; start -= 1)
      if (isThere(before, start - 1, -1, end))
        return differ(source.words.slice(start, end), summary.words.slice(from, to));
    return false;
  });
}

/** The stem at a place in the sentence of another place. */
function stemAt({ words, sentenceOf }: Text, place: number, within: number): number {
  return sentenceOf[place] === sentenceOf[within] ? (words[place]?.stem ?? EDGE) : EDGE;
}

/** Whether each has a word that the other lacks: words that were only left out or put in are not swapped. */
function differ(a: readonly Word[], b: readonly Word[]): boolean {
  const lacks = (some: readonly Word[], others: readonly Word[]): boolean =>
    some.some(({ stem }) => !others.some((other) => other.stem === stem));
  return lacks(a, b) && lacks(b, a);
}
