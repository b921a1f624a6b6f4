import type { Score, ScorePart } from '../task.js';
import { combine } from './combine.js';
import { part, percent, unmeasured } from './part.js';
import type { Policy } from './policy.js';
import { speedOf, type ReplyTimes } from './speed.js';
import { likeness, wordErrorRate } from './word-distance.js';
import { wordsOf } from './words.js';

export interface TranscriptReply extends ReplyTimes {
  readonly text: string;
  /** Trust in the miner's past answers, in [0, 1]; absent means 1. */
  readonly weight?: number;
}

export interface TranscriptQuestion {
  readonly language: string;
  readonly audioMs: number;
  /** What the judge heard itself; used for a lone reply alone. */
  readonly reference?: string;
}

/**
 * Judges transcripts by agreement: each one's accuracy is its mean likeness to the others, so that the medoid of
 * the word error rate stands highest. A lone one is compared with the reference; without one its accuracy is unset.
 */
export function judgeTranscripts(
  question: TranscriptQuestion,
  replies: readonly TranscriptReply[],
  policy: Policy,
): readonly Score[] {
  const texts = replies.map((reply) => wordsOf(reply.text, question.language));
  return replies.map((reply, index) => {
    const accuracy =
      replies.length === 1
        ? againstReference(texts[0] ?? [], question)
        : agreement(
            texts[index] ?? [],
            texts.filter((_, other) => other !== index),
          );
    const speed = speedOf(reply, { audioMs: question.audioMs, characters: 0 }, policy);
    return combine(accuracy.value, speed, [accuracy], policy);
  });
}

function agreement(text: readonly string[], others: readonly (readonly string[])[]): ScorePart {
  const mean = others.reduce((sum, other) => sum + likeness(text, other), 0) / others.length;
  return part(
    'agreement',
    mean,
    `${percent(mean)} of its ${text.length} words agree with ${others.length} other ${others.length === 1 ? 'reply' : 'replies'} on average.`,
  );
}

function againstReference(text: readonly string[], question: TranscriptQuestion): ScorePart {
  if (question.reference === undefined)
    return unmeasured('agreement', 'It was the only reply and there was no reference to compare it with.');
  const rate = wordErrorRate(wordsOf(question.reference, question.language), text);
  return part(
    'reference',
    1 - rate,
    `Word error rate ${percent(rate)} against the validator's own transcript.`,
  );
}
