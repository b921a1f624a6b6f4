import { part, percent } from '../part.js';
import type { Measure, Source, SummaryPolicy } from './measure.js';
import { SourceTerms } from './terms.js';

/**
 * How much of the source's weight a summary carries, against what the source's weightiest sentences carry with as many
 * terms. A term is the stem of a word with a meaning, a number, or two neighbouring ideographs; it weighs the more the
 * more often the source says it, wherever that is. A summary of few terms is held against `minTerms` of them, so that
 * a handful of weighty words is not enough.
 */
export function coverage(source: Source, { coverage: numbers }: SummaryPolicy): Measure {
  const terms = new SourceTerms(source, numbers.exponent);
  const usual = bestSentences(terms);
  const fewest = Math.min(numbers.minTerms, Math.ceil(terms.count * numbers.minTermShare));
  return (summary) => {
    const { weight: got, count } = terms.carriedBy(summary);
    const share = got === 0 ? 0 : got / usual(Math.max(fewest, count));
    return part(
      'coverage',
      (share - numbers.zeroShare) / (numbers.fullShare - numbers.zeroShare),
      `Its ${count} terms carry ${percent(share)} of the weight that the best sentences of the source carry.`,
    );
  };
}

/** The weight of so many distinct terms, taken with the sentences whose terms weigh most on average. */
function bestSentences(terms: SourceTerms): (termCount: number) => number {
  const ranked = sentencesOf(terms).sort((a, b) => b.density - a.density);
  const taken = new Uint8Array(terms.weights.length);
  const reached: number[] = [0];
  let weight = 0;
  for (const { from, to } of ranked)
    for (let place = from; place < to; place += 1) {
      const term = terms.at[place] ?? 0;
      if (term === 0 || taken[term] === 1) continue;
      taken[term] = 1;
      weight += terms.weights[term] ?? 0;
      reached.push(weight);
    }
  return (termCount) => reached[Math.min(termCount, reached.length - 1)] ?? 0;
}

/** Where sentences are, and what their distinct terms weigh on average. */
function sentencesOf({ at, weights, source }: SourceTerms): SentenceWeight[] {
  const { sentenceOf } = source;
  /** By term: the end of the last sentence that has it. */
  const seen = new Int32Array(weights.length);
  const found: SentenceWeight[] = [];
  for (let from = 0, to = 0; to < at.length; from = to) {
    while (to < at.length && sentenceOf[to] === sentenceOf[from]) to += 1;
    let count = 0;
    let weight = 0;
    for (let place = from; place < to; place += 1) {
      const term = at[place] ?? 0;
      if (term === 0 || seen[term] === to) continue;
      seen[term] = to;
      count += 1;
      weight += weights[term] ?? 0;
    }
    found.push({ from, to, density: count === 0 ? 0 : weight / count });
  }
  return found;
}

interface SentenceWeight {
  readonly from: number;
  readonly to: number;
  readonly density: number;
}
