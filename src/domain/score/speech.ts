import type { Score, ScorePart } from '../task.js';
import { combine } from './combine.js';
import { falling, part, percent, seconds, unit, unmeasured } from './part.js';
import type { Policy } from './policy.js';
import { durationPart, spokenSeconds, type SpokenText } from './speech-pace.js';
import { wordsPart, type HeardWords } from './speech-words.js';
import { speedOf, type ReplyTimes } from './speed.js';
import { isRepeated } from './text-repetition.js';
import { codePoints } from './words.js';

/** What decoding and hearing a spoken reply showed. */
export type SpeechFacts =
  | {
      readonly kind: 'undecodable';
      /** One sentence. */
      readonly why: string;
    }
  | {
      /** Longer than any reading of the text, so that it was not decoded to its end. */
      readonly kind: 'overlong';
      readonly limitSeconds: number;
    }
  | SoundFacts;

export interface SoundFacts {
  readonly kind: 'sound';
  readonly durationMs: number;
  readonly sampleRateHz: number;
  readonly channelCount: number;
  /** Largest sample, full scale 1. */
  readonly peak: number;
  /** Share of frames that are not silent, in [0, 1]. */
  readonly activeShare: number;
  /** Share of samples at full scale, in [0, 1]. */
  readonly clippedShare: number;
  /** Standard deviation of the loudness; noise and tones have next to none. */
  readonly loudnessSpreadDb: number;
  /** Standard deviation of the zero crossings; tones and white noise have next to none, pulsing or not. */
  readonly timbreSpreadOctaves: number;
  /** Largest correlation of the loudness with itself later, in [0, 1]; loops are near 1. */
  readonly repetition: number;
  readonly words: HeardWords;
}

export interface SpeechReply extends ReplyTimes {
  /** Absent when the judge itself failed to hear the reply: it then has no accuracy. */
  readonly facts?: SpeechFacts;
  /** Mean of the miner's earlier `words` parts, in [0, 1]; it stands in for words that are not listened to. */
  readonly wordsRecord?: number;
}

type MeasuredPart = ScorePart & { readonly value: number };

/** Judges speech: it is a sound like speech, lasts as long as its text takes and, when listened to, says its words. */
export function judgeSpeech(
  question: SpokenText,
  replies: readonly SpeechReply[],
  policy: Policy,
): readonly Score[] {
  return replies.map(({ facts, wordsRecord, ...times }) => {
    const parts = facts === undefined ? [] : speechParts(question, facts, wordsRecord, policy);
    const accuracy = parts.reduce((product, { value = 1 }) => product * value, 1);
    const speed = speedOf(times, { audioMs: 0, characters: codePoints(question.text) }, policy);
    return combine(facts === undefined ? undefined : accuracy, speed, parts, policy);
  });
}

function speechParts(
  question: SpokenText,
  facts: SpeechFacts,
  wordsRecord: number | undefined,
  policy: Policy,
): readonly ScorePart[] {
  if (facts.kind === 'undecodable') return [part('decodes', 0, facts.why)];
  if (facts.kind === 'overlong')
    return [
      part(
        'duration',
        0,
        `It lasts longer than ${seconds(facts.limitSeconds * 1000)}, and was not heard to its end.`,
      ),
    ];
  if (!(facts.durationMs > 0)) return [part('decodes', 0, 'The reply decodes to no audio at all.')];
  return [...soundParts(question, facts, policy), wordsPart(question, facts.words, wordsRecord, policy)];
}

/** Whether a reply is worth listening to its words: whether it has any worth without them. */
export function isSpeechLike(question: SpokenText, facts: SoundFacts, policy: Policy): boolean {
  return soundParts(question, facts, policy).every(({ value }) => value !== 0);
}

function soundParts(question: SpokenText, facts: SoundFacts, policy: Policy): readonly ScorePart[] {
  return [
    part(
      'decodes',
      1,
      `The reply decodes to ${seconds(facts.durationMs)} of audio, and nothing that it announces is missing.`,
    ),
    formatPart(facts, policy),
    durationPart(question, facts.durationMs, policy),
    soundPart(facts, policy),
    unclippedPart(facts, policy),
    livelinessPart(question, facts, policy),
    varietyPart(question, facts, policy),
  ];
}

function formatPart({ sampleRateHz, channelCount }: SoundFacts, { speech }: Policy): MeasuredPart {
  const { fullRateHz, zeroRateHz, fullChannels } = speech.format;
  const rate = falling(-sampleRateHz, -fullRateHz, -zeroRateHz);
  return part(
    'format',
    rate * unit(fullChannels / channelCount),
    `It has ${sampleRateHz} Hz and ${channelCount} ${channelCount === 1 ? 'channel' : 'channels'}.`,
  );
}

function soundPart({ peak, activeShare }: SoundFacts, { speech }: Policy): MeasuredPart {
  return part(
    'sound',
    peak < speech.minPeak ? 0 : unit(activeShare / speech.fullActiveShare),
    `${percent(activeShare)} of it is not silent; its peak is ${peak.toFixed(2)}.`,
  );
}

function unclippedPart({ clippedShare }: SoundFacts, { speech }: Policy): MeasuredPart {
  return part(
    'unclipped',
    falling(clippedShare, 0, speech.zeroClippedShare),
    `${percent(clippedShare)} of its samples are clipped.`,
  );
}

function livelinessPart(
  question: SpokenText,
  { loudnessSpreadDb, timbreSpreadOctaves }: SoundFacts,
  policy: Policy,
): ScorePart {
  const { minSpokenSeconds, fullLoudnessDb, zeroLoudnessDb, fullTimbreOctaves, zeroTimbreOctaves } =
    policy.speech.spread;
  if (spokenSeconds(question, policy) < minSpokenSeconds)
    return unmeasured('liveliness', 'The text is a single sound, which need not vary.');
  const loudness = falling(-loudnessSpreadDb, -fullLoudnessDb, -zeroLoudnessDb);
  const timbre = falling(-timbreSpreadOctaves, -fullTimbreOctaves, -zeroTimbreOctaves);
  return part(
    'liveliness',
    loudness * timbre,
    `Its loudness varies by ${loudnessSpreadDb.toFixed(1)} dB and its timbre by ${timbreSpreadOctaves.toFixed(2)} octaves; speech has ${fullLoudnessDb} dB and ${fullTimbreOctaves} octaves or more.`,
  );
}

function varietyPart(question: SpokenText, { repetition }: SoundFacts, policy: Policy): ScorePart {
  const { speech } = policy;
  if (repetition > speech.fullRepetition && isRepeated(question, policy))
    return unmeasured('variety', 'Its course repeats itself, and so does the text.');
  return part(
    'variety',
    falling(repetition, speech.fullRepetition, speech.zeroRepetition),
    `Its course repeats itself to ${percent(repetition)} at most; speech stays below ${percent(speech.fullRepetition)}.`,
  );
}
