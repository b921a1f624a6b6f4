import type { Score, ScorePart } from '../task.js';
import { combine } from './combine.js';
import { falling, part, percent, unit, unmeasured } from './part.js';
import type { Policy } from './policy.js';
import { speedOf, type ReplyTimes } from './speed.js';
import { codePoints, wordsOf } from './words.js';

export interface SummaryReply extends ReplyTimes {
  readonly text: string;
}

export interface SummaryQuestion {
  readonly language: string;
  readonly text: string;
}

type Measured = ScorePart & { readonly value: number };

/**
 * Judges summaries against their source: how much of it they cover, whether their word pairs and numbers come from
 * it, how much shorter they are and how little they repeat themselves. Negation is not seen.
 */
export function judgeSummaries(
  question: SummaryQuestion,
  replies: readonly SummaryReply[],
  policy: Policy,
): readonly Score[] {
  const source = wordsOf(question.text, question.language);
  const size = { audioMs: 0, characters: codePoints(question.text) };
  return replies.map((reply) => {
    const speed = speedOf(reply, size, policy);
    const words = wordsOf(reply.text, question.language);
    if (words.length === 0) {
      return combine(0, speed, [part('coverage', 0, 'The summary has no words.')], policy);
    }
    const coverage = coverageOf(source, words);
    const fidelity = fidelityOf(source, words);
    const numbers = numbersOf(source, words);
    const compression = compressionOf(source, words, policy);
    const repetition = repetitionOf(source, words);
    const { shares } = policy.summary;
    const substance =
      shares.coverage * coverage.value + shares.fidelity * fidelity.value + shares.numbers * numbers.value;
    const accuracy = substance * (compression.value ?? 1) * repetition.value;
    return combine(accuracy, speed, [coverage, fidelity, numbers, compression, repetition], policy);
  });
}

/** Weight of the source's words in the summary, against the most that as many distinct words could carry. */
function coverageOf(source: readonly string[], words: readonly string[]): Measured {
  const weights = counts(contentWords(source));
  const chosen = new Set(contentWords(words));
  const heaviest = [...weights.values()].sort((a, b) => b - a).slice(0, chosen.size);
  const best = heaviest.reduce((sum, weight) => sum + weight, 0);
  const got = [...chosen].reduce((sum, word) => sum + (weights.get(word) ?? 0), 0);
  const value = best === 0 ? 0 : got / best;
  return part(
    'coverage',
    value,
    `It carries ${percent(value)} of the source's weight that ${chosen.size} words can carry.`,
  );
}

function fidelityOf(source: readonly string[], words: readonly string[]): Measured {
  const known = new Set(pairs(source));
  const own = pairs(words);
  const value = shareOf(own, (pair) => known.has(pair));
  return part('fidelity', value, `${percent(value)} of its word pairs stand in the source.`);
}

function numbersOf(source: readonly string[], words: readonly string[]): Measured {
  const known = new Set(source);
  const numbers = words.filter((word) => /\p{N}/u.test(word));
  const value = numbers.length === 0 ? 1 : shareOf(numbers, (number) => known.has(number));
  return part('numbers', value, `${percent(value)} of its ${numbers.length} numbers stand in the source.`);
}

function compressionOf(
  source: readonly string[],
  words: readonly string[],
  { summary: { fullRatio, zeroRatio, minSourceWords, minWords } }: Policy,
): ScorePart {
  if (source.length < minSourceWords)
    return unmeasured('compression', `The source has ${source.length} words and need not be made shorter.`);
  const ratio = words.length / source.length;
  const value = falling(ratio, fullRatio, zeroRatio) * unit(words.length / minWords);
  return part('compression', value, `It has ${words.length} words, ${percent(ratio)} of the source.`);
}

/** How often the summary says a pair of words again that the source says as rarely. */
function repetitionOf(source: readonly string[], words: readonly string[]): Measured {
  const allowed = counts(pairs(source));
  const own = counts(pairs(words));
  const total = [...own.values()].reduce((sum, count) => sum + count, 0);
  const again = [...own].reduce(
    (sum, [pair, count]) => sum + Math.max(0, count - Math.max(1, allowed.get(pair) ?? 0)),
    0,
  );
  const share = total === 0 ? 0 : again / total;
  return part('repetition', 1 - share, `${percent(share)} of its word pairs are repeated without need.`);
}

/** Words that carry meaning: those of more than three letters, ideographs in pairs; all when there are none. */
function contentWords(words: readonly string[]): readonly string[] {
  const long = words.filter((word) => codePoints(word) > 3);
  const ideographs = words.filter((word) => codePoints(word) === 1 && /\p{Lo}/u.test(word));
  const chosen = [...long, ...pairs(ideographs)];
  return chosen.length === 0 ? words : chosen;
}

function pairs(words: readonly string[]): readonly string[] {
  return words.slice(1).map((word, index) => `${words[index] ?? ''} ${word}`);
}

function counts(items: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const item of items) found.set(item, (found.get(item) ?? 0) + 1);
  return found;
}

/** A text too short to have any counts as right. */
function shareOf(items: readonly string[], holds: (item: string) => boolean): number {
  return items.length === 0 ? 1 : items.filter(holds).length / items.length;
}
