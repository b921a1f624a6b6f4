import type { Priority, TaskFailure, TaskKind, TaskState } from '../domain/task.js';

/** A task as it is now. What does not apply, or is not known, is absent. */
export interface Task {
  readonly id: string;
  /** `unknown` is a kind of a newer server. */
  readonly kind: TaskKind | 'unknown';
  readonly state: TaskState | 'unknown';
  /** ISO 639-1 code. */
  readonly language: string;
  readonly priority: Priority;
  /** From 1, plus one with each visible change. */
  readonly revision: number;
  readonly createTime: Date;
  /** When a validator first took it. */
  readonly startTime?: Date;
  /** When it became final. */
  readonly endTime?: Date;
  readonly attemptCount: number;
  readonly maxAttempts: number;
  readonly fileName?: string;
  /** Bytes of the input. */
  readonly inputBytes: number;
  /** Share in [0, 1] of the attempt under way. */
  readonly progress?: { readonly fraction: number; readonly stage: string };
  /** Tasks before this one, 0 for the next. */
  readonly queuePosition?: number;
  /** Seconds until the expected end. */
  readonly estimatedSeconds?: number;
  /** Of a failed task. */
  readonly failure?: TaskFailure;
  /** Of a cancelled task. */
  readonly cancelReason?: string;
}
