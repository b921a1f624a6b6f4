import type { Owner, Sha256, TaskId } from './ids.js';

export const TASK_KINDS = ['transcription', 'tts', 'summarization'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** Least urgent first. */
export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const TASK_STATES = ['pending', 'processing', 'completed', 'failed', 'cancelled'] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** ISO 639-1 codes that tasks may name, in the order they are shown. */
export const LANGUAGES = ['en', 'es', 'fr', 'de', 'it', 'pt', 'ru', 'ja', 'ko', 'zh', 'ar', 'hi'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Bytes of an input or an output: small ones inline, others in the content store. */
export type Payload =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'content'; readonly sha256: Sha256; readonly sizeBytes: number };

export function payloadBytes(payload: Payload): number {
  return payload.kind === 'inline' ? payload.bytes.byteLength : payload.sizeBytes;
}

/** What kind of bytes go in and come out of a task. */
export const PAYLOAD_FORMS = {
  transcription: { input: 'audio', output: 'text' },
  tts: { input: 'text', output: 'audio' },
  summarization: { input: 'text', output: 'text' },
} as const satisfies Record<TaskKind, { input: 'audio' | 'text'; output: 'audio' | 'text' }>;

/** A type while a value of it is built: filled in step by step, because a spread of parts costs a call 1 us. */
export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The parts of a task's input that stay readable without its payload. */
export interface TaskInput {
  /** Absent in lists, and after the payload was erased. */
  readonly payload?: Payload;
  readonly payloadBytes: number;
  readonly fileName?: string;
  readonly mediaType?: string;
  /** Unicode code points; 0 for audio. */
  readonly textLength: number;
  /** Wanted voice of a spoken result. */
  readonly voice?: string;
  /** Wanted length of a summary in sentences. */
  readonly maxSentences?: number;
}

/** One named measure behind a score. */
export interface ScorePart {
  /** snake_case */
  readonly name: string;
  /** In [0, 1]; absent when it could not be taken. */
  readonly value?: number;
  /** One sentence. */
  readonly explanation: string;
}

/** A judgement; every number in [0, 1], never NaN. */
export interface Score {
  /** Absent when nothing could be measured it against. */
  readonly accuracy?: number;
  readonly speed?: number;
  readonly combined?: number;
  readonly parts: readonly ScorePart[];
  readonly policyVersion: string;
  /** SHA-256 of the policy in hexadecimal digits; empty when none was given. */
  readonly policyHash: string;
}

/** A stretch of a transcript, half-open: from `startMs` up to `endMs`. */
export interface Segment {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** The best reply to a task. */
export interface TaskResult {
  readonly output: Payload;
  readonly mediaType: string;
  readonly model: string;
  readonly minerUid?: number;
  readonly minerHotkey: string;
  readonly score?: Score;
  /** By the miner's clock; shown, never used. */
  readonly minerProcessingMs?: number;
  /** By the validator's clock. */
  readonly validatorMs?: number;
  readonly segments: readonly Segment[];
}

/** A result as it is read. */
export type ShownResult = Omit<TaskResult, 'output'> & {
  /** Absent in lists, which show neither outputs nor segments nor the parts of scores. */
  readonly output?: Payload;
};

/** One miner's reply as its validator saw it, without the output. */
export interface MinerResponse {
  readonly minerUid?: number;
  readonly hotkey: string;
  readonly score?: Score;
  readonly minerProcessingMs?: number;
  readonly validatorMs?: number;
  /** Empty when the reply is usable. */
  readonly errorMessage: string;
  readonly selected: boolean;
  readonly model: string;
}

export interface TaskFailure {
  /** UPPER_SNAKE, to branch on. */
  readonly reason: string;
  /** Sentence for people. */
  readonly message: string;
}

/** How far an attempt is. */
export interface TaskProgress {
  /** In [0, 1]. */
  readonly fraction: number;
  /** At most 64 characters; may be empty. */
  readonly stage: string;
}

/**
 * Where a task is in its life; each state holds only its own data.
 *
 *     pending ──deliver──► processing ──complete──► completed
 *        ▲ │                 │  │  └──fail──► failed
 *        │ └──expire─► failed│  └──cancel──► cancelled
 *        └── lease lost, released, retry ──┘
 *
 * A pending task may also be cancelled. Final states never change.
 */
export type TaskStatus =
  /** The place counts the tasks before it; absent when it was not asked for or is not known. */
  | { readonly state: 'pending'; readonly place?: number }
  | { readonly state: 'processing'; readonly progress?: TaskProgress }
  | { readonly state: 'completed'; readonly result: ShownResult; readonly validator: string }
  | { readonly state: 'failed'; readonly failure: TaskFailure }
  | { readonly state: 'cancelled'; readonly reason: string };

/** One ended attempt. Instants are Unix microseconds of the store's clock. */
export interface Attempt {
  readonly number: number;
  readonly validator: string;
  readonly startUs: number;
  readonly endUs: number;
  /** `COMPLETED`, `CANCELLED`, `RELEASED`, `LEASE_EXPIRED` or the reason of the failure. */
  readonly outcome: string;
  readonly message: string;
}

/** A task as the store keeps it. Instants are Unix microseconds of the store's clock. */
export interface Task {
  readonly id: TaskId;
  readonly owner: Owner;
  readonly kind: TaskKind;
  readonly language: string;
  readonly priority: Priority;
  readonly status: TaskStatus;
  /** From 1, plus one with each visible change. */
  readonly revision: number;
  readonly createUs: number;
  readonly queueUs: number;
  readonly startUs?: number;
  readonly endUs?: number;
  readonly attemptCount: number;
  readonly maxAttempts: number;
  readonly input: TaskInput;
  readonly callbackUrl?: string;
  /** Oldest first; empty in the basic view. */
  readonly attempts: readonly Attempt[];
  /** Best first; empty in the basic view. */
  readonly responses: readonly MinerResponse[];
}

export function isFinal(state: TaskState): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}
