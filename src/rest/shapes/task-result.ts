import {
  TaskKind,
  TaskState,
  type Segment,
  type Task,
  type TaskResult,
} from '../../../gen/ts/audiosubnet/v1/task.js';
import { payloadSize } from '../content.js';
import { instant, seconds } from '../instants.js';
import { kindName, stateName } from '../names.js';

/** A stretch of a transcript, half-open; seconds from the start of the audio. */
export interface SegmentAnswer {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The output of a completed task inside an answer. */
export interface OutputAnswer {
  /** Base64 of the audio, or of the text in UTF-8; null above 64 KiB. */
  readonly output_data: string | null;
  readonly model_used?: string | null;
  /** Seconds. */
  readonly processing_time: number | null;
  readonly accuracy_score: number | null;
  readonly speed_score: number | null;
  readonly miner_uid: number | null;
  /** Transcript or summary; null for speech and above 64 KiB. */
  readonly text: string | null;
  /** Path of the playable file; null unless the result is speech. */
  readonly audio_url: string | null;
  /** Null where the engine gave none, and above 64 KiB of text. */
  readonly segments: readonly SegmentAnswer[] | null;
  readonly output_bytes: number;
  /** Path of the whole output by itself. */
  readonly output_url: string;
}

/** A task as its user sees it; every key is always there. */
export interface TaskResultAnswer {
  readonly task_id: string;
  readonly status: string;
  readonly task_type: string;
  readonly source_language: string;
  readonly result: OutputAnswer | null;
  /** Seconds. */
  readonly processing_time: number | null;
  readonly accuracy_score: number | null;
  readonly speed_score: number | null;
  readonly error_message: string | null;
  readonly completed_at: string | null;
  /** Tasks before this one; null unless it is pending and its place is known. */
  readonly queue_position: number | null;
  /** Number of the attempt that runs or is waited for; of the last one once the task is final. */
  readonly attempt: number;
  readonly max_attempts: number;
  /** Whole seconds from now to the expected end; null when that is not known. */
  readonly estimated_completion_time: number | null;
  /** How far the attempt is; null when nobody told. */
  readonly progress: { readonly fraction: number; readonly stage: string } | null;
  readonly input_bytes: number;
  readonly input_url: string;
}

/** @param output the whole output of a completed task; absent when it stands behind its URL alone */
export function taskResultAnswer(task: Task, output?: Uint8Array): TaskResultAnswer {
  return {
    task_id: task.id,
    status: stateName(task.state),
    task_type: kindName(task.kind),
    source_language: task.language,
    result: outputAnswer(task, output),
    ...scoresOf(task.result),
    error_message: errorMessage(task),
    completed_at: task.state === TaskState.COMPLETED ? instant(task.endTime) : null,
    queue_position: task.queuePosition === undefined ? null : Number(task.queuePosition),
    attempt: attemptOf(task),
    max_attempts: task.maxAttempts,
    estimated_completion_time: task.estimatedCompletionSeconds ?? null,
    progress: task.progress === undefined ? null : { ...task.progress },
    input_bytes: Number(task.input?.payloadBytes ?? 0n),
    input_url: inputUrl(task),
  };
}

/** Null until the task is completed. */
export function outputAnswer(task: Task, output: Uint8Array | undefined): OutputAnswer | null {
  const { result } = task;
  if (result?.output === undefined) return null;
  const isSpeech = task.kind === TaskKind.TTS;
  const bytes = output && Buffer.from(output.buffer, output.byteOffset, output.byteLength);
  const isRead = !isSpeech && bytes !== undefined;
  return {
    output_data: bytes?.toString('base64') ?? null,
    model_used: result.model || null,
    ...scoresOf(result),
    miner_uid: result.minerUid ?? null,
    text: isRead ? bytes.toString('utf8') : null,
    audio_url: isSpeech ? outputUrl(task) : null,
    segments: isRead && result.segments.length > 0 ? result.segments.map(segmentAnswer) : null,
    output_bytes: payloadSize(result.output),
    output_url: outputUrl(task),
  };
}

/** The same without the model, as the older path gives it. */
export function withoutModel(answer: TaskResultAnswer): TaskResultAnswer {
  if (answer.result === null) return answer;
  const { model_used: _, ...result } = answer.result;
  return { ...answer, result };
}

export function inputUrl({ id }: Pick<Task, 'id'>): string {
  return `/api/v1/tasks/${id}/input`;
}

export function outputUrl({ id, kind }: Pick<Task, 'id' | 'kind'>): string {
  return `/api/v1/tasks/${id}/${kind === TaskKind.TTS ? 'audio' : 'result?format=text'}`;
}

export function errorMessage(task: Task): string | null {
  if (task.failure !== undefined) return task.failure.message || task.failure.reason;
  return task.cancelReason || null;
}

/** Time and scores of a result; each null when it is not known. */
export function scoresOf(
  result: TaskResult | undefined,
): Pick<OutputAnswer, 'processing_time' | 'accuracy_score' | 'speed_score'> {
  return {
    processing_time: seconds(result?.minerProcessingTime ?? result?.validatorTime),
    accuracy_score: result?.score?.accuracy ?? null,
    speed_score: result?.score?.speed ?? null,
  };
}

function segmentAnswer({ startMs, endMs, text }: Segment): SegmentAnswer {
  return { start: Number(startMs) / 1000, end: Number(endMs) / 1000, text };
}

/** An attempt counts from its confirmation on; the one that a pending task waits for is the next. */
function attemptOf({ state, attemptCount }: Task): number {
  switch (state) {
    case TaskState.PENDING:
      return attemptCount + 1;
    case TaskState.PROCESSING:
      return Math.max(1, attemptCount);
    case TaskState.COMPLETED:
    case TaskState.FAILED:
    case TaskState.CANCELLED:
    case TaskState.UNSPECIFIED:
    case TaskState.UNRECOGNIZED:
      return attemptCount;
  }
}
