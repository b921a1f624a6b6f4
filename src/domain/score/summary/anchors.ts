import type { ScorePart } from '../../task.js';
import { part, unmeasured } from '../part.js';
import type { Measure, Source, SummaryPolicy } from './measure.js';
import { Support } from './support.js';
import { follows, type Text } from './text.js';
import type { Word } from './vocabulary.js';

/** Highest number in letters that a summary may have counted itself, as in `two towns`. */
const MAX_COUNT = 12;
/** Letters by which an ending may change a name, as in `Berlins`. */
const MAX_ENDING = 2;

/** Whether the numbers of a summary are the source's and stand beside the same words as there. */
export function numbers(source: Source, { anchors }: SummaryPolicy): Measure {
  const isNumber = ({ kind }: Word): boolean => kind === 'number';
  const known = new Set(source.distinct.filter(isNumber).map(({ id }) => id));
  const support = new Support(source, isNumber, anchors);
  return (summary) => {
    const places = placesOf(summary, (word) => isNumber(word) && (known.has(word.id) || !isCount(word)));
    return told('numbers', support.at(places, summary), anchors.zeroShare);
  };
}

/**
 * The same for names: words with a capital inside a sentence that the source never writes without one, and words
 * of letters and digits. A name that the source does not have is wrong where capitals are kept for names.
 */
export function names(source: Source, { anchors }: SummaryPolicy): Measure {
  const what = source.capitalsAreNames ? 'names' : 'words with a capital';
  const known = namesOf(source);
  let spellings: ReturnType<typeof byStem> | undefined;
  const isKnown = ({ id }: Word): boolean => known[id] === 1;
  const support = new Support(source, isKnown, anchors);
  return (summary) => {
    const isForeign = (word: Word, index: number): boolean => {
      const isCapital = source.capitalsAreNames && summary.capital[index] === true && follows(summary, index);
      if (word.kind !== 'content' || !(word.coded || isCapital)) return false;
      if (source.has[word.id] === 1) return false;
      spellings ??= byStem(source);
      return !(spellings.get(word.stem) ?? []).some((spelling) => isInflection(spelling, word.text));
    };
    const own = support.at(placesOf(summary, isKnown), summary);
    const foreign = placesOf(summary, isForeign).map(() => 0);
    return told('names', [...own, ...foreign], anchors.zeroShare, what);
  };
}

function isCount({ spelled, text }: Word): boolean {
  return spelled && Number(text) <= MAX_COUNT;
}

function told(name: string, support: readonly number[], zeroShare: number, what = name): ScorePart {
  if (support.length === 0) return unmeasured(name, `It has no ${what}.`);
  const share = support.reduce((sum, value) => sum + value, 0) / support.length;
  const right = support.filter((value) => value >= 0.5).length;
  return part(
    name,
    (share - zeroShare) / (1 - zeroShare),
    `${right} of its ${support.length} ${what} are the source's and stand beside the same words as there.`,
  );
}

function placesOf({ words }: Text, isOne: (word: Word, index: number) => boolean): readonly number[] {
  const places: number[] = [];
  for (const [index, word] of words.entries()) if (isOne(word, index)) places.push(index);
  return places;
}

/** By the id of a word: 1 for a name. */
function namesOf(text: Source): Uint8Array {
  const { words, capital, has } = text;
  const names = new Uint8Array(has.length);
  /** Those that stand inside a sentence without a capital. */
  const others = new Uint8Array(has.length);
  for (const [index, word] of words.entries()) {
    if (word.kind !== 'content') continue;
    // The first word of a sentence has a capital in any case; before another one it is part of a name.
    const leadsName =
      follows(text, index + 1) && capital[index + 1] === true && words[index + 1]?.kind === 'content';
    const isName = capital[index] === true && (follows(text, index) || leadsName);
    if (word.coded || isName) names[word.id] = 1;
    else if (follows(text, index)) others[word.id] = 1;
  }
  others.forEach((isOther, id) => {
    if (isOther === 1) names[id] = 0;
  });
  return names;
}

function byStem({ distinct }: Source): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  for (const { stem, text } of distinct) {
    const spellings = found.get(stem);
    if (spellings === undefined) found.set(stem, [text]);
    else spellings.push(text);
  }
  return found;
}

function isInflection(a: string, b: string): boolean {
  const longer = Math.max(a.length, b.length);
  return a.slice(0, longer - MAX_ENDING) === b.slice(0, longer - MAX_ENDING);
}
