import type { ScorePart } from '../task.js';
import { falling, part, percent, unmeasured } from './part.js';
import type { Policy } from './policy.js';
import type { SpokenText } from './speech-pace.js';
import { likeness } from './word-distance.js';
import { wordsOf } from './words.js';

/** How well the sounds of a reply follow a reference voice that says a text. */
export interface Following {
  /** How much there was to compare, in frames of the reference. */
  readonly frames: number;
  /** Distance to the reference over that to the same sounds in another order: about 1 for other words, 0 for itself. */
  readonly ratio: number;
}

/** What listening to the words of a reply showed. */
export type HeardWords =
  | {
      readonly kind: 'heard';
      /** Absent when there was no reference voice. */
      readonly text?: Following;
      /** What a recognizer heard, and how well the reply follows a reference voice that says that. */
      readonly transcript?: { readonly words: string; readonly following?: Following };
    }
  /** They cannot be, by what is installed here or for what the text is. */
  | { readonly kind: 'unheard'; readonly why: string }
  /** They could be, but were not. */
  | { readonly kind: 'passed' };

/**
 * How sure it is, in [0, 1], that the sounds are those of the reference's text, without knowing the speaker: by the
 * ratios that right and wrong texts have shown. 0.5 where both are as likely, as for a single short word.
 */
export function belief({ frames, ratio }: Following, { speech: { words } }: Policy): number {
  const wrongMean = 1 - words.wrongDrop / frames;
  const wrongSpread = words.wrongSpread / Math.sqrt(frames);
  // Nearer than the usual right text is no less right; farther than the usual wrong one no less wrong.
  const right = density(Math.max(ratio, words.rightMean), words.rightMean, words.rightSpread);
  const wrong = density(Math.min(ratio, wrongMean), wrongMean, wrongSpread);
  return right / (right + wrong);
}

function density(value: number, mean: number, spread: number): number {
  return Math.exp(-0.5 * ((value - mean) / spread) ** 2) / spread;
}

/** Whether a recognizer should be asked what is said, since the reference voice has not settled it. */
export function isOpen(text: Following | undefined, policy: Policy): boolean {
  return text === undefined || belief(text, policy) < policy.speech.words.settled;
}

/**
 * Judges the words. What was neither found to be the text nor to be something else counts `unproven`: a voice that
 * the judge cannot follow is not failed for that. It counts less only where the reply clearly follows other words,
 * those that the recognizer heard, better than the text.
 */
export function wordsPart(
  question: SpokenText,
  heard: HeardWords,
  record: number | undefined,
  policy: Policy,
): ScorePart {
  if (heard.kind === 'unheard') return unmeasured('words', `The words cannot be judged: ${heard.why}.`);
  if (heard.kind === 'passed')
    return record === undefined
      ? unmeasured('words', 'The words were not listened to.')
      : part('words', record, 'The words were not listened to; those of the miner so far stand for them.');
  const { unproven } = policy.speech.words;
  const support = Math.max(
    heard.text === undefined ? 0 : belief(heard.text, policy),
    recognized(question, heard, policy),
  );
  const against = (1 - support) * otherWords(heard, policy);
  const value = support + (1 - support) * (1 - against) * unproven;
  return part('words', value, explain(support, against));
}

/** How far the recognizer understood the text itself, in [0, 1]. */
function recognized(
  { text, language }: SpokenText,
  { transcript }: Extract<HeardWords, { kind: 'heard' }>,
  { speech: { words } }: Policy,
): number {
  if (transcript === undefined) return 0;
  const alike = likeness(wordsOf(text, language), wordsOf(transcript.words, language));
  return falling(-alike, -words.fullLikeness, -words.zeroLikeness);
}

/** How sure it is, in [0, 1], that the reply says what the recognizer heard rather than the text. */
function otherWords({ text, transcript }: Extract<HeardWords, { kind: 'heard' }>, policy: Policy): number {
  const following = transcript?.following;
  if (text === undefined || following === undefined) return 0;
  const { zeroLead, fullLead } = policy.speech.words;
  return belief(following, policy) * falling(following.ratio - text.ratio, -fullLead, -zeroLead);
}

function explain(support: number, against: number): string {
  if (against > 0.5) return 'It follows other words, which a recognizer heard, clearly better than the text.';
  return `That it says the text is ${percent(support)} sure by its sounds; what is not sure counts neither for nor against it.`;
}
