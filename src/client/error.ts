import { REASONS, Refusal, type FieldViolation, type Reason } from '../domain/errors.js';
import type { Task } from './task.js';

/** UPPER_SNAKE, to branch on. */
export type ErrorReason = Reason;
export type { FieldViolation };

/** What may be gone the next time, by the words of the contract. */
const PASSING: ReadonlySet<Reason> = new Set([
  'UNAVAILABLE',
  'SERVER_DRAINING',
  'DEADLINE_EXCEEDED',
  'QUEUE_FULL',
  'DISK_LOW',
  'QUOTA_EXCEEDED',
  'UPLOAD_STALLED',
]);

/** Why a call did not succeed. */
export class AudioSubnetError extends Error {
  override readonly name: string = 'AudioSubnetError';

  constructor(
    readonly reason: ErrorReason,
    message: string,
    readonly details: {
      /** Every value that the message mentions. */
      readonly metadata?: Readonly<Record<string, string>>;
      /** Fields outside their rule, by their names in the contract. */
      readonly violations?: readonly FieldViolation[];
      /** Milliseconds after which the server wants to be asked again. */
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return PASSING.has(this.reason);
  }

  get retryAfterMs(): number | undefined {
    return this.details.retryAfterMs;
  }
}

/** A result was asked for, and the task failed or was cancelled; `task` says more. */
export class TaskEndedError extends AudioSubnetError {
  override readonly name = 'TaskEndedError';

  constructor(readonly task: Task) {
    const { id, failure, cancelReason } = task;
    const why = failure === undefined ? cancelReason : `${failure.message} (${failure.reason})`;
    const what = failure === undefined ? 'was cancelled' : 'failed';
    super(reasonOf(task), `the task ${id} ${what}${why === undefined ? '' : `: ${why}`}`);
  }
}

function reasonOf({ failure }: Task): ErrorReason {
  if (failure === undefined) return 'CANCELLED';
  return REASONS.find((reason) => reason === failure.reason) ?? 'INTERNAL';
}

/** A failure in the words of this client; what did not come from a call, such as a missing file, as it is. */
export function clientError(error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  const { reason, message, metadata, violations, retryAfterMs } = error;
  return new AudioSubnetError(reason, message, { metadata, violations, retryAfterMs, cause: error.cause });
}
