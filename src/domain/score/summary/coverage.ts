import { part, percent } from '../part.js';
import type { Measure, Source, SummaryPolicy } from './measure.js';
import { pairKey } from './pairs.js';
import { follows, type Text } from './text.js';

/**
 * How much of the source's weight a summary carries, against what the source's weightiest sentences carry with as many
 * terms. A term is the stem of a word with a meaning, a number, or two neighbouring ideographs; it weighs the more the
 * more often the source says it, wherever that is. A summary of few terms is held against `minTerms` of them, so that
 * a handful of weighty words is not enough.
 */
export function coverage(source: Source, { coverage: numbers }: SummaryPolicy): Measure {
  const weights = weightsOf(source, numbers.exponent);
  const usual = bestSentences(source, weights);
  const fewest = Math.min(numbers.minTerms, Math.ceil(weights.size * numbers.minTermShare));
  return (summary) => {
    const chosen = new Set(terms(summary, 0, summary.words.length));
    let got = 0;
    for (const term of chosen) got += weights.get(term) ?? 0;
    const share = got === 0 ? 0 : got / usual(Math.max(fewest, chosen.size));
    return part(
      'coverage',
      (share - numbers.zeroShare) / (numbers.fullShare - numbers.zeroShare),
      `Its ${chosen.size} terms carry ${percent(share)} of the weight that the best sentences of the source carry.`,
    );
  };
}

function weightsOf(source: Text, exponent: number): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const term of terms(source, 0, source.words.length)) counts.set(term, (counts.get(term) ?? 0) + 1);
  for (const [term, count] of counts) if (count > 1) counts.set(term, count ** exponent);
  return counts;
}

/** The weight of so many distinct terms, taken with the sentences whose terms weigh most on average. */
function bestSentences(source: Text, weights: ReadonlyMap<number, number>): (termCount: number) => number {
  const ranked = sentencesOf(source)
    .map((sentence) => ({ sentence, density: mean([...sentence].map((term) => weights.get(term) ?? 0)) }))
    .sort((a, b) => b.density - a.density);
  const taken = new Set<number>();
  const reached: number[] = [0];
  let weight = 0;
  for (const { sentence } of ranked)
    for (const term of sentence) {
      if (taken.has(term)) continue;
      taken.add(term);
      weight += weights.get(term) ?? 0;
      reached.push(weight);
    }
  return (termCount) => reached[Math.min(termCount, reached.length - 1)] ?? 0;
}

function sentencesOf(text: Text): readonly ReadonlySet<number>[] {
  const { words, sentenceOf } = text;
  const found: ReadonlySet<number>[] = [];
  for (let from = 0, to = 0; to < words.length; from = to) {
    while (to < words.length && sentenceOf[to] === sentenceOf[from]) to += 1;
    found.push(new Set(terms(text, from, to)));
  }
  return found;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function terms(text: Text, from: number, to: number): readonly number[] {
  const { words } = text;
  const found: number[] = [];
  for (let index = from; index < to; index += 1) {
    const word = words[index];
    if (word === undefined || word.kind === 'function' || word.kind === 'negator') continue;
    const next = follows(text, index + 1) ? words[index + 1] : undefined;
    if (!word.ideograph) found.push(word.stem);
    else if (next?.ideograph === true && next.kind === 'content')
      found.push(-pairKey(word.stem, next.stem) - 1);
  }
  return found;
}
