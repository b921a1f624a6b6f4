import { Metadata, status as Code, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { Status } from '../../gen/ts/google/rpc/status.js';
import { REASONS, Refusal, type Reason } from '../domain/errors.js';
import { readDetails, wireText, writeDetails, type ReadDetails } from './error-details.js';

/** Trailer that holds the `google.rpc.Status` of an error. */
export const DETAILS_KEY = 'grpc-status-details-bin';

/** All that a caller learns of an error nobody foresaw; the log has the rest. */
const INTERNAL_MESSAGE = 'internal error';

interface StatusRow {
  readonly grpc: Code;
  readonly http: number;
}

/** How each reason looks from outside; the only place that knows. */
const STATUS: Readonly<Record<Reason, StatusRow>> = {
  INVALID_FIELD: { grpc: Code.INVALID_ARGUMENT, http: 422 },
  MALFORMED_MESSAGE: { grpc: Code.INVALID_ARGUMENT, http: 400 },
  INVALID_PAGE_TOKEN: { grpc: Code.INVALID_ARGUMENT, http: 422 },
  TASK_NOT_FOUND: { grpc: Code.NOT_FOUND, http: 404 },
  CONTENT_NOT_FOUND: { grpc: Code.NOT_FOUND, http: 404 },
  CONTENT_MISSING: { grpc: Code.FAILED_PRECONDITION, http: 409 },
  DIGEST_MISMATCH: { grpc: Code.INVALID_ARGUMENT, http: 400 },
  SIZE_MISMATCH: { grpc: Code.INVALID_ARGUMENT, http: 400 },
  OFFSET_MISMATCH: { grpc: Code.OUT_OF_RANGE, http: 416 },
  CONTENT_TOO_LARGE: { grpc: Code.RESOURCE_EXHAUSTED, http: 413 },
  MESSAGE_TOO_LARGE: { grpc: Code.RESOURCE_EXHAUSTED, http: 413 },
  REQUEST_ID_REUSED: { grpc: Code.ALREADY_EXISTS, http: 409 },
  TASK_TERMINAL: { grpc: Code.FAILED_PRECONDITION, http: 409 },
  LEASE_LOST: { grpc: Code.ABORTED, http: 409 },
  SETTLED_DIFFERENTLY: { grpc: Code.FAILED_PRECONDITION, http: 409 },
  SESSION_UNKNOWN: { grpc: Code.NOT_FOUND, http: 404 },
  SESSION_SUPERSEDED: { grpc: Code.ABORTED, http: 409 },
  SLOW_CONSUMER: { grpc: Code.RESOURCE_EXHAUSTED, http: 429 },
  QUEUE_FULL: { grpc: Code.RESOURCE_EXHAUSTED, http: 429 },
  DISK_LOW: { grpc: Code.RESOURCE_EXHAUSTED, http: 507 },
  SERVER_DRAINING: { grpc: Code.UNAVAILABLE, http: 503 },
  UNAVAILABLE: { grpc: Code.UNAVAILABLE, http: 503 },
  // 499 is what proxies log for a client that went away; nobody is left to read it.
  CANCELLED: { grpc: Code.CANCELLED, http: 499 },
  DEADLINE_EXCEEDED: { grpc: Code.DEADLINE_EXCEEDED, http: 504 },
  UNAUTHENTICATED: { grpc: Code.UNAUTHENTICATED, http: 401 },
  PERMISSION_DENIED: { grpc: Code.PERMISSION_DENIED, http: 403 },
  QUOTA_EXCEEDED: { grpc: Code.RESOURCE_EXHAUSTED, http: 429 },
  UNIMPLEMENTED: { grpc: Code.UNIMPLEMENTED, http: 501 },
  INTERNAL: { grpc: Code.INTERNAL, http: 500 },
  NO_CAPABLE_MINER: { grpc: Code.FAILED_PRECONDITION, http: 409 },
  ALL_MINERS_FAILED: { grpc: Code.ABORTED, http: 502 },
  AUDIO_UNDECODABLE: { grpc: Code.INVALID_ARGUMENT, http: 422 },
  TASK_EXPIRED: { grpc: Code.DEADLINE_EXCEEDED, http: 504 },
  ATTEMPTS_EXHAUSTED: { grpc: Code.ABORTED, http: 502 },
  DELIVERIES_EXHAUSTED: { grpc: Code.ABORTED, http: 502 },
  MINER_BUSY: { grpc: Code.RESOURCE_EXHAUSTED, http: 503 },
  ENGINE_UNAVAILABLE: { grpc: Code.FAILED_PRECONDITION, http: 501 },
  ENGINE_FAILED: { grpc: Code.INTERNAL, http: 500 },
  UPLOAD_STALLED: { grpc: Code.DEADLINE_EXCEEDED, http: 408 },
  MINER_NOT_FOUND: { grpc: Code.NOT_FOUND, http: 404 },
  URL_FORBIDDEN: { grpc: Code.INVALID_ARGUMENT, http: 422 },
  WEBHOOK_NOT_FOUND: { grpc: Code.NOT_FOUND, http: 404 },
  TASK_NOT_FINAL: { grpc: Code.FAILED_PRECONDITION, http: 409 },
  RESULT_UNAVAILABLE: { grpc: Code.FAILED_PRECONDITION, http: 409 },
};

/**
 * The reason behind a code that came without details of ours: from grpc-js itself, from a proxy in
 * between or from another server. A code that says nothing without its details is INTERNAL.
 */
const REASON_OF_CODE: Readonly<Record<Exclude<Code, Code.OK>, Reason>> = {
  [Code.CANCELLED]: 'CANCELLED',
  [Code.UNKNOWN]: 'INTERNAL',
  [Code.INVALID_ARGUMENT]: 'INVALID_FIELD',
  [Code.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [Code.NOT_FOUND]: 'INTERNAL',
  [Code.ALREADY_EXISTS]: 'INTERNAL',
  [Code.PERMISSION_DENIED]: 'PERMISSION_DENIED',
  [Code.UNAUTHENTICATED]: 'UNAUTHENTICATED',
  // grpc-js says it for a message above the limit and next to nothing else.
  [Code.RESOURCE_EXHAUSTED]: 'MESSAGE_TOO_LARGE',
  [Code.FAILED_PRECONDITION]: 'INTERNAL',
  [Code.ABORTED]: 'INTERNAL',
  [Code.OUT_OF_RANGE]: 'INTERNAL',
  [Code.UNIMPLEMENTED]: 'UNIMPLEMENTED',
  [Code.INTERNAL]: 'INTERNAL',
  [Code.UNAVAILABLE]: 'UNAVAILABLE',
  [Code.DATA_LOSS]: 'INTERNAL',
};

export function grpcCode(reason: Reason): Code {
  return STATUS[reason].grpc;
}

export function httpCode(reason: Reason): number {
  return STATUS[reason].http;
}

/** What a caller is told of an error: a Refusal as it is, an abort as CANCELLED, anything else as INTERNAL. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new Refusal('CANCELLED', 'the call was cancelled', { cause: error });
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new Refusal('DEADLINE_EXCEEDED', 'the deadline passed', { cause: error });
  }
  return new Refusal('INTERNAL', INTERNAL_MESSAGE, { cause: error });
}

/** The status that ends a call. */
export function toStatus(error: unknown): StatusObject {
  const refusal = toRefusal(error);
  const rpcStatus = toRpcStatus(refusal);
  const metadata = new Metadata();
  metadata.set(DETAILS_KEY, Buffer.from(Status.encode(rpcStatus).finish()));
  return { code: grpcCode(refusal.reason), details: rpcStatus.message, metadata };
}

/** The status of one item of a call. */
export function toRpcStatus(refusal: Refusal): Status {
  return {
    code: grpcCode(refusal.reason),
    message: wireText(refusal.message),
    details: writeDetails(refusal),
  };
}

/** The inverse of `toRpcStatus`, for any peer's status. */
export function fromRpcStatus(rpcStatus: Status, cause?: unknown): Refusal {
  const { reason, ...details } = safeDetails(rpcStatus);
  return new Refusal(reasonOf(reason, rpcStatus.code), rpcStatus.message, {
    ...details,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What a client learns from the error that ended its call. */
export function fromServiceError(error: ServiceError): Refusal {
  const [packed] = error.metadata.get(DETAILS_KEY);
  const own = Status.create({ code: error.code, message: error.details });
  return fromRpcStatus(packed instanceof Buffer ? { ...own, details: unpack(packed) } : own, error);
}

/** The reason of a code that came without details. */
export function reasonOfCode(code: number): Reason {
  return isErrorCode(code) ? REASON_OF_CODE[code] : 'INTERNAL';
}

function reasonOf(name: string | undefined, code: number): Reason {
  return REASONS.find((reason) => reason === name) ?? reasonOfCode(code);
}

function isErrorCode(code: number): code is Exclude<Code, Code.OK> {
  return Object.hasOwn(REASON_OF_CODE, code);
}

/** Details that cannot be read are no details; code and message still hold. */
function safeDetails(rpcStatus: Status): ReadDetails {
  try {
    return readDetails(rpcStatus.details);
  } catch {
    return {};
  }
}

function unpack(packed: Uint8Array): Status['details'] {
  try {
    return Status.decode(packed).details;
  } catch {
    return [];
  }
}
