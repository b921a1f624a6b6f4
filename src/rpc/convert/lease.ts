import type {
  LeasedTask as ProtoLeasedTask,
  RevokedLease as ProtoRevokedLease,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { LeaseToken, TaskId } from '../../domain/ids.js';
import type { RevokedLease } from '../../queue/queue.js';
import type { LeasedTask } from '../../queue/task-store.js';
import { defined, textOrAbsent } from './defined.js';
import { kindToProto, priorityToProto, revocationFromProto, revocationToProto } from './enums.js';
import { inputToProto, wishesToProto } from './task.js';
import { durationFromMs, timestampFromUs } from './time.js';

export function leasedTaskToProto(task: LeasedTask): ProtoLeasedTask {
  return {
    taskId: task.id,
    leaseToken: task.token,
    attempt: task.attempt,
    kind: kindToProto(task.kind),
    language: task.language,
    priority: priorityToProto(task.priority),
    input: inputToProto(task.input, task.kind),
    createTime: timestampFromUs(task.createUs),
    leaseDuration: durationFromMs(task.leaseMs),
    maxRunTime: durationFromMs(task.maxRunMs),
    ...wishesToProto(task.input),
  };
}

export function revokedLeaseToProto({ id, token, reason }: RevokedLease): ProtoRevokedLease {
  return { taskId: id ?? '', leaseToken: token, reason: revocationToProto(reason) };
}

export function revokedLeaseFromProto({ taskId, leaseToken, reason }: ProtoRevokedLease): RevokedLease {
  return {
    token: leaseToken as LeaseToken,
    reason: revocationFromProto(reason) ?? 'unknown',
    ...defined({ id: textOrAbsent(taskId) as TaskId | undefined }),
  };
}
