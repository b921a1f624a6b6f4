import { randomUUID } from 'node:crypto';
import { Refusal, type Reason } from '../domain/errors.js';

/** Statuses of the classic wire. What is not named is a failure of the neuron, 500. */
const STATUS: Readonly<Partial<Record<Reason, number>>> = {
  MALFORMED_MESSAGE: 422,
  INVALID_FIELD: 422,
  AUDIO_UNDECODABLE: 422,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  UNIMPLEMENTED: 404,
  DEADLINE_EXCEEDED: 408,
  CONTENT_TOO_LARGE: 413,
  QUOTA_EXCEEDED: 429,
  ENGINE_UNAVAILABLE: 501,
  MINER_BUSY: 503,
  SERVER_DRAINING: 503,
  UNAVAILABLE: 503,
};

/** What a status of somebody else's axon means. Others are failures of the miner. */
const REASON: Readonly<Record<number, Reason>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'UNIMPLEMENTED',
  408: 'DEADLINE_EXCEEDED',
  413: 'CONTENT_TOO_LARGE',
  429: 'MINER_BUSY',
  501: 'ENGINE_UNAVAILABLE',
  503: 'MINER_BUSY',
  504: 'DEADLINE_EXCEEDED',
};

/** How a failed question is answered. */
export interface Failure {
  readonly status: number;
  readonly message: string;
  /** What nobody foresaw; the message then only carries its number in the log. */
  readonly unforeseen?: { readonly id: string; readonly error: unknown };
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Refusal) || error.reason === 'INTERNAL') {
    const id = randomUUID();
    // Not in the SDK's words, which our dendrite takes for those of an axon that hashes another way.
    return {
      status: 500,
      message: `the neuron failed, its log says why by ${id}`,
      unforeseen: { id, error },
    };
  }
  return { status: STATUS[error.reason] ?? 500, message: wording(error) };
}

/** As callers of the reference know it. */
function wording({ reason, message }: Refusal): string {
  if (reason === 'UNAUTHENTICATED') return `Not Verified with error: ${message}`;
  if (reason === 'PERMISSION_DENIED') return `Forbidden. Key is blacklisted: ${message}.`;
  return message;
}

export function reasonOfStatus(status: number): Reason {
  return REASON[status] ?? 'ENGINE_FAILED';
}
