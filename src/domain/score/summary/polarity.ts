import { part } from '../part.js';
import type { Measure, Source, SummaryPolicy } from './measure.js';
import { PairFlags } from './pair-flags.js';
import type { Text } from './text.js';

/** Stands before the first and behind the last word of a sentence with a meaning. */
const EDGE = 0x3ff_ffff;
/** A word and the edge of its sentence prove less than two words. */
const EDGE_WEIGHT = 0.5;
/** How two words are joined in the source: with a negation between them, without, or both. */
const PLAIN = 1;
const NEGATED = 2;

/**
 * Whether sentences of a summary say the opposite of the source: pairs of neighbouring words with a meaning, next to
 * each other or one apart, that the source joins only without a negation (not, never, un-) and the summary with one,
 * or the other way round. Sees it where a sentence keeps most of the source's words; a rewording that says the
 * opposite is not seen.
 */
export function polarity(source: Source, { polarity: numbers }: SummaryPolicy): Measure {
  const joined = new PairFlags(2 * (source.words.length + source.sentences));
  joints(source, (first, second, how) => joined.set(first, second, how));
  return (summary) => {
    const turned = new Array<number>(summary.sentences).fill(0);
    joints(summary, (first, second, how, weight, sentence) => {
      const known = joined.get(first, second);
      if (known !== 0 && (known & how) === 0) turned[sentence] = (turned[sentence] ?? 0) + weight;
    });
    const opposite = turned.filter((count) => count >= 1).length;
    const share = opposite / summary.sentences;
    return part('polarity', 1 - share / numbers.zeroShare, told(opposite, summary.sentences));
  };
}

function told(opposite: number, sentences: number): string {
  return opposite === 0
    ? 'No sentence of the source is seen turned into its opposite.'
    : `${opposite} of its ${sentences} sentences negate what the source says, or say what it negates.`;
}

/** Each two neighbouring words with a meaning, and each two with one between them: whether a negation is between. */
function joints(
  { words, sentenceOf }: Text,
  take: (first: number, second: number, how: number, weight: number, sentence: number) => void,
): void {
  let current = -1;
  let last = EDGE;
  let beforeLast = EDGE;
  let negated = false;
  let negatedBefore = false;
  const join = (stem: number): void => {
    const how = (isNegated: boolean): number => (isNegated ? NEGATED : PLAIN);
    const weigh = (first: number): number => (first === EDGE || stem === EDGE ? EDGE_WEIGHT : 1);
    take(last, stem, how(negated), weigh(last), current);
    if (last !== EDGE) take(beforeLast, stem, how(negated || negatedBefore), weigh(beforeLast), current);
  };
  words.forEach((word, index) => {
    if (sentenceOf[index] !== current) {
      if (current >= 0) join(EDGE);
      current = sentenceOf[index] ?? 0;
      last = beforeLast = EDGE;
      negated = negatedBefore = false;
    }
    if (word.kind === 'negator') negated = true;
    if (word.kind === 'negator' || word.kind === 'function') return;
    if (word.denied !== undefined) negated = !negated;
    const stem = word.denied ?? word.stem;
    join(stem);
    beforeLast = last;
    negatedBefore = negated;
    last = stem;
    negated = false;
  });
  if (current >= 0) join(EDGE);
}
