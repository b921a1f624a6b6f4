import { part, percent, unit } from '../part.js';
import type { Measure, Source, SummaryPolicy } from './measure.js';
import { follows, type Text } from './text.js';

/** Words of the source that may lie between two that a summary puts together, and be seen as left out. */
const MAX_LEFT_OUT = 4;

/**
 * Whether the words of a summary follow each other as in the source, by pairs of neighbouring words and triples of
 * ideographs. Copied sentences have all of them, honest rewording a third and more, words in no order next to none;
 * so the first ones count most. A pair between which the source has other words counts against it: rewording has
 * few of them, lists of keywords many.
 */
export function phrasing(source: Source, { phrasing: numbers }: SummaryPolicy): Measure {
  return (summary) => {
    let total = 0;
    let found = 0;
    let gaps = 0;
    eachGram(summary, (first, second, third) => {
      total += 1;
      if (isIn(source, first, second, third)) found += 1;
      else if (third === undefined && hasGap(source, first, second)) gaps += 1;
    });
    if (total === 0)
      return part('phrasing', 1, 'It has no two words to compare with the wording of the source.');
    const share = unit((found - numbers.gapCost * gaps) / total);
    return part(
      'phrasing',
      1 - (1 - share) ** numbers.steepness,
      `Of its pairs of neighbouring words ${percent(found / total)} stand in the source, ${percent(gaps / total)} with ` +
        'words left out between them.',
    );
  };
}

function isIn(source: Source, first: number, second: number, third: number | undefined): boolean {
  if (third === undefined) return source.pairs.has(first, second);
  return source.pairs.placesOf(first, second).some((place) => source.words[place + 1]?.stem === third);
}

/** The stems of neighbours in a sentence; a third one where all are ideographs. */
function eachGram(
  text: Text,
  take: (first: number, second: number, third: number | undefined) => void,
): void {
  const { words } = text;
  for (let index = 1; index < words.length; index += 1) {
    const first = words[index - 1];
    const second = words[index];
    if (first === undefined || second === undefined || !follows(text, index)) continue;
    const third = follows(text, index + 1) ? words[index + 1] : undefined;
    const isTriple = first.ideograph && second.ideograph && third?.ideograph === true;
    take(first.stem, second.stem, isTriple ? third.stem : undefined);
  }
}

/** Whether a source has two stems in this order in a sentence, with a few words between them. */
function hasGap({ words, sentenceOf, positions }: Source, first: number, second: number): boolean {
  const meets = (from: number, step: 1 | -1, stem: number): boolean => {
    for (let distance = 2; distance <= 1 + MAX_LEFT_OUT; distance += 1) {
      const place = from + step * distance;
      if (words[place]?.stem === stem && sentenceOf[place] === sentenceOf[from]) return true;
    }
    return false;
  };
  return (
    positions.of(first)?.some((place) => meets(place, 1, second)) ??
    positions.of(second)?.some((place) => meets(place, -1, first)) ??
    false
  );
}
