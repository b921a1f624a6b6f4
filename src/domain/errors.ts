/** Reasons a caller can branch on; each has one row in the status table of the edge. */
export const REASONS = [
  'INVALID_FIELD',
  'MALFORMED_MESSAGE',
  'INVALID_PAGE_TOKEN',
  'TASK_NOT_FOUND',
  'CONTENT_NOT_FOUND',
  'CONTENT_MISSING',
  'DIGEST_MISMATCH',
  'SIZE_MISMATCH',
  'OFFSET_MISMATCH',
  'CONTENT_TOO_LARGE',
  'MESSAGE_TOO_LARGE',
  'REQUEST_ID_REUSED',
  'TASK_TERMINAL',
  'LEASE_LOST',
  'SETTLED_DIFFERENTLY',
  'SESSION_UNKNOWN',
  'SESSION_SUPERSEDED',
  'SLOW_CONSUMER',
  'QUEUE_FULL',
  'DISK_LOW',
  'SERVER_DRAINING',
  'UNAVAILABLE',
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'QUOTA_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'NO_CAPABLE_MINER',
  'ALL_MINERS_FAILED',
  'AUDIO_UNDECODABLE',
  'TASK_EXPIRED',
  'ATTEMPTS_EXHAUSTED',
  'DELIVERIES_EXHAUSTED',
  'MINER_BUSY',
  'ENGINE_UNAVAILABLE',
  'ENGINE_FAILED',
  'UPLOAD_STALLED',
  'MINER_NOT_FOUND',
  'URL_FORBIDDEN',
  'WEBHOOK_NOT_FOUND',
  'TASK_NOT_FINAL',
  'RESULT_UNAVAILABLE',
] as const;
export type Reason = (typeof REASONS)[number];

/** Whether the caller itself was refused: the same call again gets the same answer until it shows another key. */
export function isRefusedEntry(reason: Reason): boolean {
  return reason === 'UNAUTHENTICATED' || reason === 'PERMISSION_DENIED';
}

/** A rule that a field of a request breaks. */
export interface FieldViolation {
  /** Path in proto names, such as `task.tts.text`. */
  readonly field: string;
  readonly description: string;
}

export interface RefusalDetails {
  /** Every value that the message mentions. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly FieldViolation[];
  /** When to try again. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/**
 * A request that is answered with a typed error. The message is for people and goes to the caller;
 * the reason is what programs branch on.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly reason: Reason,
    message: string,
    details: RefusalDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.metadata = details.metadata ?? {};
    this.violations = details.violations ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }

  /** A refusal because of one field. */
  static field(field: string, description: string): Refusal {
    return new Refusal('INVALID_FIELD', `${field}: ${description}`, { violations: [{ field, description }] });
  }
}
