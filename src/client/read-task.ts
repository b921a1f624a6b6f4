import type { Task as ProtoTask } from '../../gen/ts/audiosubnet/v1/task.js';
import type { Timestamp } from '../../gen/ts/google/protobuf/timestamp.js';
import { defined, textOrAbsent } from '../rpc/convert/defined.js';
import { kindFromProto, priorityFromProto, stateFromProto } from '../rpc/convert/enums.js';
import { failureFromProto, progressFromProto } from '../rpc/convert/task.js';
import { usFromTimestamp } from '../rpc/convert/time.js';
import type { Task } from './task.js';

export function taskFromProto(task: ProtoTask): Task {
  const { input, queuePosition } = task;
  return {
    id: task.id,
    kind: kindFromProto(task.kind) ?? 'unknown',
    state: stateFromProto(task.state) ?? 'unknown',
    language: task.language,
    priority: priorityFromProto(task.priority) ?? 'normal',
    revision: Number(task.revision),
    createTime: dateOf(task.createTime) ?? new Date(0),
    attemptCount: task.attemptCount,
    maxAttempts: task.maxAttempts,
    inputBytes: Number(input?.payloadBytes ?? 0n),
    ...defined({
      startTime: dateOf(task.startTime),
      endTime: dateOf(task.endTime),
      fileName: textOrAbsent(input?.fileName ?? ''),
      progress: task.progress && progressFromProto(task.progress),
      queuePosition: queuePosition === undefined ? undefined : Number(queuePosition),
      estimatedSeconds: task.estimatedCompletionSeconds,
      failure: task.failure && failureFromProto(task.failure),
      cancelReason: textOrAbsent(task.cancelReason),
    }),
  };
}

function dateOf(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp && new Date(Math.floor(usFromTimestamp(timestamp) / 1000));
}
