import type { Backoff } from './backoff.js';
import type { TaskId } from './ids.js';

/** How far the announcement of a task's end is; in the order in which the store numbers them. */
export const WEBHOOK_STATES = ['pending', 'delivered', 'dead'] as const;
export type WebhookState = (typeof WEBHOOK_STATES)[number];

/** How long an announcement is tried from the end of its task, or from when it was asked for again. */
export const WEBHOOK_LIFE_MS = 3 * 24 * 3_600_000;
/** Tries of one announcement that are kept for its owner to read; older ones are forgotten. */
export const MAX_KEPT_TRIES = 64;
/** Between two tries of one announcement: 5 s, doubled up to 12 h, about 16 of them in its life. */
export const WEBHOOK_BACKOFF: Backoff = { baseMs: 5_000, capMs: 12 * 3_600_000 };

/** Tries that one endpoint has under way at a time. */
export const ENDPOINT_TRIES = 4;
/** Failures in a row of an endpoint that does not answer properly, after which its circuit opens. */
export const CIRCUIT_FAILURES = 5;
/** How long an open circuit lets nothing through before one try probes the endpoint. */
export const CIRCUIT_BACKOFF: Backoff = { baseMs: 10_000, capMs: 300_000 };

/** Receivers tell repeated deliveries by it: the same over all tries, and a task ends but once. */
export function webhookId(task: TaskId): string {
  return `msg_${task}`;
}

/** What a circuit counts by: scheme, host and port. One that is no URL, which nothing delivers, is its own. */
export function endpointOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}

/** One try to deliver. */
export interface WebhookTry {
  /** From 1. */
  readonly number: number;
  /** Unix microseconds of the store's clock. */
  readonly startUs: number;
  readonly durationMs: number;
  /** Absent when nothing answered. */
  readonly httpStatus?: number;
  /** Absent when it was delivered. */
  readonly failure?: WebhookFailure;
}

export interface WebhookFailure {
  readonly reason: WebhookFailureReason;
  /** Sentence for people; names no address that a name resolved to. */
  readonly message: string;
}

export const WEBHOOK_FAILURES = [
  /** The address is not one of the public internet, or the URL is none that may be told. */
  'URL_FORBIDDEN',
  'DNS_FAILED',
  'CONNECTION_FAILED',
  'TLS_FAILED',
  'TIMED_OUT',
  /** Answered 3xx; redirects are not followed. */
  'REDIRECTED',
  /** Answered 410: not tried again. */
  'GONE',
  /** Answered anything else but 2xx. */
  'REFUSED',
] as const;
export type WebhookFailureReason = (typeof WEBHOOK_FAILURES)[number];
