import type {
  Attempt as ProtoAttempt,
  Task as ProtoTask,
  TaskFailure as ProtoTaskFailure,
  TaskInput as ProtoTaskInput,
  TaskProgress as ProtoTaskProgress,
} from '../../../gen/ts/audiosubnet/v1/task.js';
import {
  PAYLOAD_FORMS,
  type Attempt,
  type Task,
  type TaskFailure,
  type TaskInput,
  type TaskKind,
  type TaskProgress,
} from '../../domain/task.js';
import { defined, numberOrAbsent, textOrAbsent } from './defined.js';
import { kindToProto, priorityToProto, stateToProto } from './enums.js';
import { payloadFromProto, payloadToProto } from './payload.js';
import { responseToProto, resultToProto } from './result.js';
import { timestampFromUs, usFromTimestamp } from './time.js';

/**
 * Tasks travel one way: nobody sends one to the proxy.
 *
 * @param endsInMs milliseconds to the expected end
 */
export function taskToProto(task: Task, endsInMs?: number): ProtoTask {
  return {
    id: task.id,
    kind: kindToProto(task.kind),
    language: task.language,
    priority: priorityToProto(task.priority),
    state: stateToProto(task.status.state),
    revision: BigInt(task.revision),
    createTime: timestampFromUs(task.createUs),
    queueTime: timestampFromUs(task.queueUs),
    startTime: task.startUs === undefined ? undefined : timestampFromUs(task.startUs),
    endTime: task.endUs === undefined ? undefined : timestampFromUs(task.endUs),
    attemptCount: task.attemptCount,
    maxAttempts: task.maxAttempts,
    input: inputToProto(task.input, task.kind),
    attempts: task.attempts.map(attemptToProto),
    responses: task.responses.map(responseToProto),
    callbackUrl: task.callbackUrl ?? '',
    cancelReason: '',
    estimatedCompletionSeconds:
      endsInMs === undefined ? undefined : Math.min(Math.ceil(endsInMs / 1000), 2 ** 31 - 1),
    ...statusToProto(task),
  };
}

function statusToProto({ status, kind }: Task): Partial<ProtoTask> {
  switch (status.state) {
    case 'pending':
      return status.place === undefined ? {} : { queuePosition: BigInt(status.place) };
    case 'processing':
      return status.progress === undefined ? {} : { progress: progressToProto(status.progress) };
    case 'completed':
      return { result: resultToProto(status.result, PAYLOAD_FORMS[kind].output, status.validator) };
    case 'failed':
      return { failure: failureToProto(status.failure) };
    case 'cancelled':
      return { cancelReason: status.reason };
  }
}

export function inputToProto(input: TaskInput, kind: TaskKind): ProtoTaskInput {
  return {
    payload: input.payload && payloadToProto(input.payload, PAYLOAD_FORMS[kind].input),
    fileName: input.fileName ?? '',
    mediaType: input.mediaType ?? '',
    payloadBytes: BigInt(input.payloadBytes),
    textLength: input.textLength,
  };
}

/** What a spoken or shortened output should be like; it travels beside the input. */
export interface Wishes {
  readonly voice: string;
  readonly maxSentences: number;
}

export function wishesToProto({ voice, maxSentences }: TaskInput): Wishes {
  return { voice: voice ?? '', maxSentences: maxSentences ?? 0 };
}

export function inputFromProto(input: ProtoTaskInput, { voice, maxSentences }: Wishes): TaskInput {
  return {
    payloadBytes: Number(input.payloadBytes),
    textLength: input.textLength,
    ...defined({
      payload: input.payload && payloadFromProto(input.payload),
      fileName: textOrAbsent(input.fileName),
      mediaType: textOrAbsent(input.mediaType),
      voice: textOrAbsent(voice),
      maxSentences: numberOrAbsent(maxSentences),
    }),
  };
}

export function progressToProto({ fraction, stage }: TaskProgress): ProtoTaskProgress {
  return { fraction, stage };
}

export function progressFromProto({ fraction, stage }: ProtoTaskProgress): TaskProgress {
  return { fraction, stage };
}

export function failureToProto({ reason, message }: TaskFailure): ProtoTaskFailure {
  return { reason, message };
}

export function failureFromProto({ reason, message }: ProtoTaskFailure): TaskFailure {
  return { reason, message };
}

export function attemptToProto(attempt: Attempt): ProtoAttempt {
  return {
    number: attempt.number,
    validatorHotkey: attempt.validator,
    startTime: timestampFromUs(attempt.startUs),
    endTime: timestampFromUs(attempt.endUs),
    outcome: attempt.outcome,
    message: attempt.message,
  };
}

export function attemptFromProto(attempt: ProtoAttempt): Attempt {
  return {
    number: attempt.number,
    validator: attempt.validatorHotkey,
    startUs: attempt.startTime === undefined ? 0 : usFromTimestamp(attempt.startTime),
    endUs: attempt.endTime === undefined ? 0 : usFromTimestamp(attempt.endTime),
    outcome: attempt.outcome,
    message: attempt.message,
  };
}
