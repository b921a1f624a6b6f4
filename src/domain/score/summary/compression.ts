import { falling, part, percent, unit } from '../part.js';
import type { Measure, Source, SummaryPolicy } from './measure.js';

/**
 * Whether a summary is shorter than its source, not too short to say anything, and of at most the sentences that were
 * asked for. A short source need not be made shorter, but its summary must not be longer.
 */
export function compression(
  source: Source,
  { compression: numbers }: SummaryPolicy,
  maxSentences: number | undefined,
): Measure {
  const length = source.words.length;
  const isShort = length < numbers.minSourceWords;
  const [full, zero] = isShort
    ? [numbers.shortFullRatio, numbers.shortZeroRatio]
    : [numbers.fullRatio, numbers.zeroRatio];
  const fewest = Math.max(1, Math.min(numbers.maxMinWords, length * numbers.minRatio));
  return (summary) => {
    const words = summary.words.length;
    const ratio = length === 0 ? Infinity : words / length;
    const short = falling(ratio, full, zero) * unit(words / fewest);
    const size = `It has ${words} words, ${length === 0 ? 'the source none' : `${percent(ratio)} of the source`}`;
    if (maxSentences === undefined) return part('compression', short, `${size}.`);
    const sentences = falling(summary.sentences, maxSentences, 2 * maxSentences + 1);
    const asked = `in ${summary.sentences} sentences where ${maxSentences} were asked for at most`;
    return part('compression', short * sentences, `${size}, ${asked}.`);
  };
}
