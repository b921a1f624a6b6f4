import type { Segment, TaskResult } from '../../../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../../../domain/errors.js';
import { toSrt, toVtt, type SubtitleSegment } from '../../shapes/subtitles.js';

/** Forms in which a transcript is given. */
export const TRANSCRIPT_FORMATS = {
  json: 'json',
  text: 'text',
  srt: 'srt',
  verbose_json: 'verbose_json',
  vtt: 'vtt',
} as const;
export type TranscriptFormat = keyof typeof TRANSCRIPT_FORMATS;

export interface Transcript {
  readonly text: string;
  /** ISO 639-1. */
  readonly language: string;
  /** Where the engine tells times; empty where it does not. */
  readonly segments: readonly SubtitleSegment[];
  /** Length of the audio in seconds, as far as it is known: by the header of WAV, else up to the last word. */
  readonly durationSeconds: number;
  /** Whether that is the length of the audio itself. */
  readonly isWholeLength: boolean;
}

export interface TranscriptAnswer {
  readonly mediaType: string;
  /** Objects go out as JSON. */
  readonly body: string | object;
}

/** What a finished task tells of a recording. */
export interface Heard extends Pick<Transcript, 'text' | 'language'>, Pick<TaskResult, 'segments'> {
  /** Length of the audio; undefined when it is not known. */
  readonly audioSeconds: number | undefined;
}

export function transcriptOf({ text, language, segments, audioSeconds }: Heard): Transcript {
  const placed = segments.map(placedSegment);
  return {
    text,
    language,
    segments: placed,
    durationSeconds: audioSeconds ?? (placed.at(-1)?.endMs ?? 0) / 1000,
    isWholeLength: audioSeconds !== undefined,
  };
}

/** @throws Refusal UNIMPLEMENTED for subtitles of a transcript without times */
export function transcriptAnswer(transcript: Transcript, format: TranscriptFormat): TranscriptAnswer {
  const { text } = transcript;
  switch (format) {
    case 'json':
      return { mediaType: JSON_TYPE, body: { text, ...usageOf(transcript) } };
    case 'verbose_json':
      return { mediaType: JSON_TYPE, body: verbose(transcript) };
    case 'text':
      return { mediaType: TEXT_TYPE, body: `${text}\n` };
    case 'srt':
      return { mediaType: TEXT_TYPE, body: toSrt(timedSegments(transcript)) };
    case 'vtt':
      return { mediaType: TEXT_TYPE, body: toVtt(timedSegments(transcript)) };
  }
}

/** The same as events: a piece for each segment, then the whole. */
export function transcriptEvents(transcript: Transcript): readonly object[] {
  const { text, segments } = transcript;
  const pieces = segments.length === 0 ? [text] : segments.map((segment) => segment.text);
  const deltas = pieces.map((piece, place) => ({
    type: 'transcript.text.delta',
    delta: place === 0 ? piece : ` ${piece}`,
  }));
  return [...deltas, { type: 'transcript.text.done', text, ...usageOf(transcript) }];
}

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

function usageOf({ durationSeconds, isWholeLength }: Transcript): object {
  return isWholeLength ? { usage: { type: 'duration', seconds: Math.ceil(durationSeconds) } } : {};
}

/** What nobody measured is null. */
function verbose(transcript: Transcript): object {
  const { text, language, segments, durationSeconds } = transcript;
  return {
    task: 'transcribe',
    language: languageName(language),
    duration: durationSeconds,
    text,
    segments: segments.map((segment, id) => ({
      id,
      seek: 0,
      start: segment.startMs / 1000,
      end: segment.endMs / 1000,
      text: segment.text,
      tokens: [],
      temperature: null,
      avg_logprob: null,
      compression_ratio: null,
      no_speech_prob: null,
    })),
    ...usageOf(transcript),
  };
}

/** Such as `english`, as OpenAI names languages there. */
function languageName(code: string): string {
  return (new Intl.DisplayNames(['en'], { type: 'language' }).of(code) ?? code).toLowerCase();
}

function timedSegments({
  text,
  segments,
  durationSeconds,
  isWholeLength,
}: Transcript): readonly SubtitleSegment[] {
  if (segments.length > 0 || text === '') return segments;
  if (isWholeLength) return [{ startMs: 0, endMs: durationSeconds * 1000, text }];
  throw new Refusal(
    'UNIMPLEMENTED',
    'The engine that transcribed tells no times, so there are no subtitles; ask for json or text',
  );
}

function placedSegment({ startMs, endMs, text }: Segment): SubtitleSegment {
  return { startMs: Number(startMs), endMs: Number(endMs), text };
}
