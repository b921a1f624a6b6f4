import type { Language, Priority } from '../domain/task.js';
import type { AudioSource } from './audio-source.js';
import type { StoredContent } from './stored-content.js';

interface CommonSubmission {
  readonly language: Language;
  /** `normal` when absent. */
  readonly priority?: Priority;
  /** http or https URL that is told of the end. */
  readonly callbackUrl?: string;
  /** 1 to 128 characters of ASCII; the same id and body give the same task. A random one when absent. */
  readonly requestId?: string;
}

/** Speech to text. */
export interface TranscriptionSubmission extends CommonSubmission {
  readonly kind: 'transcription';
  /** The audio, or the name of audio that was uploaded before. */
  readonly audio: AudioSource | StoredContent;
  /** The name in the path when absent. */
  readonly fileName?: string;
  /** A hint, such as `audio/wav`. */
  readonly mediaType?: string;
}

/** Text to speech. */
export interface SpeechSubmission extends CommonSubmission {
  readonly kind: 'tts';
  /** 1 to 10,000 code points. */
  readonly text: string;
  /** The miner's choice when absent. */
  readonly voice?: string;
}

/** A shorter text. */
export interface SummarySubmission extends CommonSubmission {
  readonly kind: 'summarization';
  /** 10 to 50,000 code points. */
  readonly text: string;
  /** 1 to 100; the miner's choice when absent. */
  readonly maxSentences?: number;
}

export type Submission = TranscriptionSubmission | SpeechSubmission | SummarySubmission;

export function isStored(audio: AudioSource | StoredContent): audio is StoredContent {
  return typeof audio === 'object' && 'sha256' in audio;
}
