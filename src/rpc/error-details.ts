import type { Any } from '../../gen/ts/google/protobuf/any.js';
import { BadRequest, ErrorInfo, RetryInfo } from '../../gen/ts/google/rpc/error_details.js';
import type { Refusal, RefusalDetails } from '../domain/errors.js';
import { durationFromMs, msFromDuration } from './convert/time.js';

/** `google.rpc.ErrorInfo.domain` of every error this project makes. */
export const ERROR_DOMAIN = 'audio-subnet';

/** Trailers are bounded by the peers (8 KiB in some), so what goes into them is bounded here. */
const MAX_VIOLATIONS = 16;
const MAX_METADATA_ENTRIES = 16;
const MAX_TEXT_LENGTH = 500;

const TYPE_URL = 'type.googleapis.com/';

/** What the details of a status say; absent parts were not there. */
export interface ReadDetails extends RefusalDetails {
  /** `google.rpc.ErrorInfo.reason` of this project's domain. */
  readonly reason?: string;
}

/** Exactly one ErrorInfo, then BadRequest and RetryInfo where there is something to say. */
export function writeDetails(refusal: Refusal): Any[] {
  return [
    errorInfo(refusal),
    ...(refusal.violations.length > 0 ? [badRequest(refusal)] : []),
    ...(refusal.retryAfterMs === undefined ? [] : [retryInfo(refusal.retryAfterMs)]),
  ];
}

/** @throws Error when the details are not what their types say */
export function readDetails(details: readonly Any[]): ReadDetails {
  return details.map(readDetail).reduce<ReadDetails>((all, part) => ({ ...all, ...part }), {});
}

/** Bounded in length, and without lone surrogates, which no status text can carry. */
export function wireText(text: string): string {
  const bounded = text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH - 1)}…` : text;
  return Buffer.from(bounded).toString();
}

function errorInfo({ reason, metadata }: Refusal): Any {
  const entries = Object.entries(metadata).slice(0, MAX_METADATA_ENTRIES);
  const info = ErrorInfo.create({
    reason,
    domain: ERROR_DOMAIN,
    metadata: Object.fromEntries(entries.map(([key, value]) => [key, wireText(value)])),
  });
  return { typeUrl: `${TYPE_URL}google.rpc.ErrorInfo`, value: Buffer.from(ErrorInfo.encode(info).finish()) };
}

function badRequest({ violations }: Refusal): Any {
  const message = BadRequest.fromPartial({
    fieldViolations: violations.slice(0, MAX_VIOLATIONS).map(({ field, description }) => ({
      field: wireText(field),
      description: wireText(description),
    })),
  });
  return {
    typeUrl: `${TYPE_URL}google.rpc.BadRequest`,
    value: Buffer.from(BadRequest.encode(message).finish()),
  };
}

function retryInfo(retryAfterMs: number): Any {
  const message = RetryInfo.create({ retryDelay: durationFromMs(retryAfterMs) });
  return {
    typeUrl: `${TYPE_URL}google.rpc.RetryInfo`,
    value: Buffer.from(RetryInfo.encode(message).finish()),
  };
}

function readDetail({ typeUrl, value }: Any): ReadDetails {
  switch (typeUrl.slice(typeUrl.lastIndexOf('/') + 1)) {
    case 'google.rpc.ErrorInfo': {
      const { reason, domain, metadata } = ErrorInfo.decode(value);
      return domain === ERROR_DOMAIN ? { reason, metadata } : {};
    }
    case 'google.rpc.BadRequest': {
      const { fieldViolations } = BadRequest.decode(value);
      return { violations: fieldViolations.map(({ field, description }) => ({ field, description })) };
    }
    case 'google.rpc.RetryInfo': {
      const { retryDelay } = RetryInfo.decode(value);
      return retryDelay === undefined ? {} : { retryAfterMs: msFromDuration(retryDelay) };
    }
    default:
      return {};
  }
}
