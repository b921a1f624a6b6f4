import type { QueueStats as ProtoQueueStats } from '../../../gen/ts/audiosubnet/v1/task_service.js';
import type { PendingTask as ProtoPendingTask } from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { PendingTask, QueueStats } from '../../queue/task-store.js';
import { kindToProto, priorityToProto } from './enums.js';
import { durationFromMs, timestampFromUs } from './time.js';

export function pendingTaskToProto(task: PendingTask): ProtoPendingTask {
  return {
    taskId: task.id,
    kind: kindToProto(task.kind),
    language: task.language,
    priority: priorityToProto(task.priority),
    createTime: timestampFromUs(task.createUs),
    payloadBytes: BigInt(task.payloadBytes),
  };
}

export function queueStatsToProto({ counts, nowUs, oldestPendingUs }: QueueStats): ProtoQueueStats {
  return {
    pendingCount: BigInt(counts.pending),
    processingCount: BigInt(counts.processing),
    completedCount: BigInt(counts.completed),
    failedCount: BigInt(counts.failed),
    cancelledCount: BigInt(counts.cancelled),
    readTime: timestampFromUs(nowUs),
    oldestPendingAge:
      oldestPendingUs === undefined ? undefined : durationFromMs(Math.max(0, nowUs - oldestPendingUs) / 1000),
  };
}
