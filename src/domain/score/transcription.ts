import type { Score } from '../task.js';
import { againstKnown } from './against-known.js';
import { byAgreement } from './by-agreement.js';
import { combine } from './combine.js';
import { lower } from './lower.js';
import { unit } from './part.js';
import { maxUnits } from './plausibility.js';
import type { Policy } from './policy.js';
import { speedOf, type ReplyTimes } from './speed.js';
import { spokenWords } from './spoken-words.js';

export interface TranscriptReply extends ReplyTimes {
  readonly text: string;
  /** How far the miner's transcripts in the language were right so far, in [0, 1]; 1 when nothing is known. */
  readonly weight?: number;
}

export interface TranscriptQuestion {
  readonly language: string;
  /** 0 when the length is not known. */
  readonly audioMs: number;
  readonly reference?: Reference;
}

/** `known`: what is said in the audio, beyond doubt. `own`: what the validator's own engine heard. */
export interface Reference {
  readonly kind: 'known' | 'own';
  readonly text: string;
}

/** Characters that are read of a transcript for each unit that can be spoken; words are not longer on average. */
const UNIT_CHARACTERS = 32;

/**
 * Judges transcripts: against the known text where there is one, else by how they agree with each other and with the
 * validator's own transcript, as far as each is plausible for the audio. Alone, without a text to compare it with, a
 * transcript has no accuracy, unless it is not plausible at all: then it is 0.
 *
 * Pure, and its cost is bounded by the length of the audio, whatever the replies are: see `maxUnits`.
 *
 * @param replies in the order in which they came, which tells a copy from its original and nothing else
 * @returns one score a reply, in their order
 */
export function judgeTranscripts(
  question: TranscriptQuestion,
  replies: readonly TranscriptReply[],
  policy: Policy,
): readonly Score[] {
  const { language, audioMs, reference } = question;
  const known = reference?.kind === 'known' ? spokenWords(reference.text, language) : undefined;
  const limit = Math.max(maxUnits(language, audioMs, policy), 2 * (known?.length ?? 0));
  const readings = replies.map(({ text, weight = 1 }) => {
    const read = text.slice(0, UNIT_CHARACTERS * limit);
    return { text: read, words: spokenWords(read, language).slice(0, limit), reliability: unit(weight) };
  });
  const verdicts =
    known === undefined
      ? byAgreement(question, readings, policy)
      : againstKnown(known, readings, { language, policy });
  return replies.map((reply, index) => {
    const verdict = verdicts[index];
    if (verdict === undefined) throw new Error('there are fewer verdicts than replies');
    const speed = speedOf(reply, { audioMs, characters: 0 }, policy);
    return lower(combine(verdict.accuracy, speed, verdict.parts, policy), verdict.findings);
  });
}
