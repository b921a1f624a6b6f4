import type { Score, ScorePart } from '../task.js';
import { combine } from './combine.js';
import { falling, part, percent, seconds, unit } from './part.js';
import type { Policy } from './policy.js';
import { speedOf, type ReplyTimes } from './speed.js';
import { codePoints } from './words.js';

/** What decoding a spoken reply showed. */
export interface SpeechFacts {
  readonly durationMs: number;
  /** Largest sample, full scale 1. */
  readonly peak: number;
  /** Share of frames that are not silent, in [0, 1]. */
  readonly activeShare: number;
  /** Share of samples at full scale, in [0, 1]. */
  readonly clippedShare: number;
  /** Between quiet and loud frames; noise and tones have next to none. */
  readonly dynamicRangeDb: number;
}

export interface SpeechReply extends ReplyTimes {
  /** Absent when the reply could not be decoded. */
  readonly facts?: SpeechFacts;
}

export interface SpeechQuestion {
  readonly language: string;
  readonly text: string;
}

/** Judges speech by its signal: it decodes, lasts as long as its text, is not silent, is not clipped. */
export function judgeSpeech(
  question: SpeechQuestion,
  replies: readonly SpeechReply[],
  policy: Policy,
): readonly Score[] {
  return replies.map((reply) => {
    const parts = signalParts(question, reply.facts, policy);
    const accuracy = parts.reduce((product, { value }) => product * value, 1);
    const speed = speedOf(reply, { audioMs: 0, characters: codePoints(question.text) }, policy);
    return combine(accuracy, speed, parts, policy);
  });
}

function signalParts(
  question: SpeechQuestion,
  facts: SpeechFacts | undefined,
  policy: Policy,
): readonly (ScorePart & { readonly value: number })[] {
  if (facts === undefined || !(facts.durationMs > 0))
    return [part('decodes', 0, 'The reply could not be decoded as audio.')];
  const { fullActiveShare, minPeak, zeroClippedShare, fullRangeDb, zeroRangeDb } = policy.speech;
  const sound = facts.peak < minPeak ? 0 : unit(facts.activeShare / fullActiveShare);
  return [
    part('decodes', 1, `The reply decodes to ${seconds(facts.durationMs)} of audio.`),
    durationPart(question, facts.durationMs, policy),
    part(
      'sound',
      sound,
      `${percent(facts.activeShare)} of it is not silent; its peak is ${facts.peak.toFixed(2)}.`,
    ),
    part(
      'dynamics',
      falling(-facts.dynamicRangeDb, -fullRangeDb, -zeroRangeDb),
      `Loud and quiet are ${facts.dynamicRangeDb.toFixed(0)} dB apart; speech has 10 dB and more.`,
    ),
    part(
      'unclipped',
      falling(facts.clippedShare, 0, zeroClippedShare),
      `${percent(facts.clippedShare)} of its samples are clipped.`,
    ),
  ];
}

function durationPart(
  question: SpeechQuestion,
  durationMs: number,
  policy: Policy,
): ScorePart & { readonly value: number } {
  const expected = expectedSeconds(question, policy);
  const { fullFactor, zeroFactor, paddingSeconds } = policy.speech;
  const spoken = durationMs / 1000;
  const factor =
    spoken < expected ? expected / spoken : Math.max(expected, spoken - paddingSeconds) / expected;
  return part(
    'duration',
    falling(Math.log(factor), Math.log(fullFactor), Math.log(zeroFactor)),
    `It lasts ${seconds(durationMs)} where about ${expected.toFixed(1)} s were expected for the text.`,
  );
}

/** Seconds that the text takes at a usual pace; at least a fifth of one. */
export function expectedSeconds({ text, language }: SpeechQuestion, policy: Policy): number {
  const { charactersPerSecond, otherCharactersPerSecond, charactersPerDigit } = policy.speech;
  const known: Readonly<Record<string, number>> = charactersPerSecond;
  const digits = text.match(/\p{N}/gu)?.length ?? 0;
  const letters = text.match(/[\p{L}\p{M}]/gu)?.length ?? 0;
  const gaps = text.trim().match(/\s+/gu)?.length ?? 0;
  const weight = letters + gaps + digits * charactersPerDigit;
  return Math.max(0.2, weight / (known[language] ?? otherCharactersPerSecond));
}
