import { backoffMs } from '../domain/backoff.js';
import { WEBHOOK_BACKOFF, type WebhookFailure, type WebhookFailureReason } from '../domain/webhook.js';
import type { TryOutcome } from '../queue/webhook-outbox.js';
import { ForbiddenTarget, UnknownHost } from './guard.js';
import type { Answer } from './post.js';

const GONE = 410;
const TOO_MANY_REQUESTS = 429;
/** Longest wait that a receiver may ask for. */
const MAX_RETRY_AFTER_MS = WEBHOOK_BACKOFF.capMs;

export interface Moment {
  /** Tries before this one that failed. */
  readonly failures: number;
  /** In [0, 1). */
  readonly random: number;
  /** Unix milliseconds. */
  readonly wallMs: number;
}

/** What an answer means. Only 2xx is a delivery; all else but 410 is tried again. */
export function verdictOn(answer: Answer, moment: Moment): TryOutcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === GONE) return { kind: 'dead', failure: { reason: 'GONE', message: 'answered 410' } };
  const isRedirect = status >= 300 && status < 400;
  const failure: WebhookFailure = {
    reason: isRedirect ? 'REDIRECTED' : 'REFUSED',
    message: `answered ${status}${isRedirect ? '; redirects are not followed' : ''}`,
  };
  const isEndpointDown = status >= 500 || status === TOO_MANY_REQUESTS;
  const wanted = isEndpointDown ? retryAfterMs(answer.retryAfter, moment.wallMs) : 0;
  return { kind: 'failed', failure, isEndpointDown, retryMs: Math.max(delayMs(moment), wanted) };
}

/** What it means that there was no answer. */
export function verdictOnError(error: unknown, moment: Moment): TryOutcome {
  const reason = reasonOf(error);
  return {
    kind: 'failed',
    failure: { reason, message: messageOf(reason, error) },
    isEndpointDown: true,
    retryMs: delayMs(moment),
  };
}

function delayMs({ failures, random }: Moment): number {
  return backoffMs(WEBHOOK_BACKOFF, failures + 1, random);
}

/** Seconds or a date, as RFC 9110 has it; 0 for anything else. */
function retryAfterMs(header: string | undefined, wallMs: number): number {
  if (header === undefined) return 0;
  const wanted = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - wallMs;
  return Number.isNaN(wanted) ? 0 : Math.min(Math.max(0, wanted), MAX_RETRY_AFTER_MS);
}

function reasonOf(error: unknown): WebhookFailureReason {
  if (error instanceof ForbiddenTarget) return 'URL_FORBIDDEN';
  if (error instanceof UnknownHost) return 'DNS_FAILED';
  if (isAbort(error)) return 'TIMED_OUT';
  return isTlsError(codeOf(error)) ? 'TLS_FAILED' : 'CONNECTION_FAILED';
}

/** Node rejects what a signal ended with its own error, which holds the reason as its cause. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

/** Codes of OpenSSL and of Node's check of names. */
function isTlsError(code: string): boolean {
  return /^(ERR_SSL_|ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/.test(code);
}

function messageOf(reason: WebhookFailureReason, error: unknown): string {
  const code = codeOf(error);
  switch (reason) {
    case 'URL_FORBIDDEN':
      return error instanceof Error ? error.message : 'the URL must not be told';
    case 'DNS_FAILED':
      return 'the host name has no address';
    case 'TIMED_OUT':
      return 'no answer in time';
    case 'TLS_FAILED':
      return `no trusted connection (${code})`;
    case 'CONNECTION_FAILED':
    case 'REDIRECTED':
    case 'GONE':
    case 'REFUSED':
      return code === '' ? 'the connection failed' : `the connection failed (${code})`;
  }
}

/** Only codes in capitals are shown: texts of the system name addresses. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Z0-9_]{1,64}$/.test(code) ? code : '';
}
