import type { Owner, Sha256, TaskId } from '../../domain/ids.js';
import type { Mutable, Task } from '../../domain/task.js';
import type { NewTask, PendingTask } from '../../queue/task-store.js';
import { kindPlace, priorityPlace, type InputDetail } from './row.js';

/**
 * A submission as it crosses to the worker: a list, because the names of an object's properties would make
 * up most of the crossing (4.5 us against 0.6). Small payloads go beside it.
 */
export type SubmitArgument = readonly [
  id: TaskId,
  owner: Owner,
  kind: number,
  language: string,
  priority: number,
  detail: string,
  inputSha: Sha256 | null,
  maxAttempts: number,
  maxRunMs: number,
  expireAfterMs: number | null,
  callbackUrl: string | null,
  requestId: string | null,
  bodyHash: string | null,
  repeatOnly: boolean,
];

export function toSubmitArgument(task: NewTask): SubmitArgument {
  const { payload } = task.input;
  return [
    task.id,
    task.owner,
    kindPlace(task.kind),
    task.language,
    priorityPlace(task.priority),
    JSON.stringify(inputDetail(task)),
    payload.kind === 'content' ? payload.sha256 : null,
    task.maxAttempts,
    task.maxRunMs,
    task.expireAfterMs ?? null,
    task.callbackUrl ?? null,
    task.request?.id ?? null,
    task.request?.bodyHash ?? null,
    task.repeatOnly === true,
  ];
}

function inputDetail({ input }: NewTask): InputDetail {
  const { fileName, mediaType, textLength, voice, maxSentences } = input;
  const detail: Mutable<InputDetail> = { textLength };
  if (fileName !== undefined) detail.fileName = fileName;
  if (mediaType !== undefined) detail.mediaType = mediaType;
  if (voice !== undefined) detail.voice = voice;
  if (maxSentences !== undefined) detail.maxSentences = maxSentences;
  return detail;
}

/** The task that a submission made, in the basic view. */
export function createdTask(task: NewTask, createUs: number): Task {
  const created: Mutable<Task> = {
    id: task.id,
    owner: task.owner,
    kind: task.kind,
    language: task.language,
    priority: task.priority,
    status: PENDING,
    revision: 1,
    createUs,
    queueUs: createUs,
    attemptCount: 0,
    maxAttempts: task.maxAttempts,
    input: { ...inputDetail(task), payloadBytes: task.input.payloadBytes },
    attempts: NONE,
    responses: NONE,
  };
  if (task.callbackUrl !== undefined) created.callbackUrl = task.callbackUrl;
  return created;
}

const PENDING = { state: 'pending' } as const;
const NONE: readonly never[] = [];

export function createdPending(task: NewTask, createUs: number): PendingTask {
  const { id, kind, language, priority, input } = task;
  return { id, kind, language, priority, createUs, payloadBytes: input.payloadBytes };
}
