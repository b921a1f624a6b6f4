import type { LeasedTask } from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { instant, seconds } from '../instants.js';
import { kindName, priorityName } from '../names.js';

/** A task under a hand-out. */
export interface HandedOutTask {
  readonly task_id: string;
  readonly task_type: string;
  /** Base64 of the audio, or of the text in UTF-8. */
  readonly input_data: string;
  readonly language: string;
  readonly priority: string;
  readonly submitted_at: string | null;
  readonly lease_token: string;
  /** Seconds after which the task is pending again. */
  readonly expires_in: number;
  readonly voice?: string;
  readonly max_sentences?: number;
}

export interface DistributeAnswer {
  readonly message: string;
  readonly task_count: number;
  /** Absent when there is none. */
  readonly tasks?: readonly HandedOutTask[];
}

/** @param input base64 */
export function handedOutTask(task: LeasedTask, input: string): HandedOutTask {
  return {
    task_id: task.taskId,
    task_type: kindName(task.kind),
    input_data: input,
    language: task.language,
    priority: priorityName(task.priority),
    submitted_at: instant(task.createTime),
    lease_token: task.leaseToken,
    expires_in: seconds(task.leaseDuration) ?? 0,
    ...(task.voice === '' ? {} : { voice: task.voice }),
    ...(task.maxSentences === 0 ? {} : { max_sentences: task.maxSentences }),
  };
}

export function distributeAnswer(tasks: readonly HandedOutTask[]): DistributeAnswer {
  if (tasks.length === 0) return { message: 'No pending tasks to distribute', task_count: 0 };
  return { message: `Distributed ${tasks.length} tasks to validator`, task_count: tasks.length, tasks };
}
