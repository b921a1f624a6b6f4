import { backoffMs } from '../../domain/backoff.js';
import { CIRCUIT_BACKOFF, CIRCUIT_FAILURES, ENDPOINT_TRIES } from '../../domain/webhook.js';
import { sql, type Context } from './context.js';

/** A row of `webhook_endpoint`: a place that announcements wait for. */
export interface EndpointRow {
  readonly endpoint: string;
  /** Failures in a row; the circuit is open from CIRCUIT_FAILURES on. */
  readonly failures: number;
  /** Nothing is tried before. */
  readonly blocked_us: number;
}

/** Lets an endpoint be looked at as soon as its circuit allows, for something new waits for it. */
export function touchEndpoint({ db, nowUs }: Context, endpoint: string): void {
  sql(
    db,
    `INSERT INTO webhook_endpoint (endpoint, failures, blocked_us, next_us) VALUES (?, 0, 0, ?)
     ON CONFLICT DO UPDATE SET next_us = max(blocked_us, min(next_us, excluded.next_us))`,
  ).run(endpoint, nowUs);
}

/** How many more may be claimed of an endpoint that `next_us` lets be looked at. */
export function roomOf(context: Context, { endpoint, failures }: EndpointRow): number {
  return (failures >= CIRCUIT_FAILURES ? 1 : ENDPOINT_TRIES) - claimsOf(context, endpoint).count;
}

/** Counts the outcome of a try; the circuit opens, stays open for longer, or closes. */
export function countTry(context: Context, endpoint: string, isDown: boolean): void {
  const { db, nowUs } = context;
  if (!isDown) {
    sql(db, 'UPDATE webhook_endpoint SET failures = 0, blocked_us = 0 WHERE endpoint = ?').run(endpoint);
    return;
  }
  const row = findEndpoint(context, endpoint);
  // Tries that were under way when the circuit opened do not lengthen its pause.
  if (row === undefined || row.blocked_us > nowUs) return;
  const failures = row.failures + 1;
  const opened = failures - CIRCUIT_FAILURES + 1;
  const pauseMs = opened < 1 ? 0 : backoffMs(CIRCUIT_BACKOFF, opened, Math.random());
  sql(db, 'UPDATE webhook_endpoint SET failures = ?, blocked_us = ? WHERE endpoint = ?').run(
    failures,
    pauseMs === 0 ? 0 : nowUs + pauseMs * 1000,
    endpoint,
  );
}

/**
 * Writes when an endpoint is to be looked at next: never before its circuit allows, and with all its tries
 * under way not before one of them lapses. One for which nothing waits is forgotten.
 */
export function planEndpoint(context: Context, endpoint: string): void {
  const { db } = context;
  const row = findEndpoint(context, endpoint);
  if (row === undefined) return;
  const dueUs = sql(db, 'SELECT min(due_us) FROM webhook WHERE endpoint = ? AND due_us IS NOT NULL')
    .pluck()
    .get(endpoint) as number | null;
  if (dueUs === null) {
    sql(db, 'DELETE FROM webhook_endpoint WHERE endpoint = ?').run(endpoint);
    return;
  }
  const isOpen = row.failures >= CIRCUIT_FAILURES;
  const claims = claimsOf(context, endpoint);
  const isFull = claims.count >= (isOpen ? 1 : ENDPOINT_TRIES);
  const nextUs = Math.max(row.blocked_us, isFull ? (claims.lapseUs ?? dueUs) : dueUs);
  sql(db, 'UPDATE webhook_endpoint SET next_us = ? WHERE endpoint = ?').run(nextUs, endpoint);
}

function findEndpoint({ db }: Context, endpoint: string): EndpointRow | undefined {
  return sql(db, 'SELECT endpoint, failures, blocked_us FROM webhook_endpoint WHERE endpoint = ?').get(
    endpoint,
  ) as EndpointRow | undefined;
}

interface Claims {
  readonly count: number;
  readonly lapseUs: number | null;
}

/** The claims of an endpoint that have not lapsed, and when the first of them does. */
function claimsOf({ db, nowUs }: Context, endpoint: string): Claims {
  return sql(
    db,
    `SELECT count(*) AS count, min(due_us) AS lapseUs FROM webhook
     WHERE endpoint = ? AND claim IS NOT NULL AND due_us > ?`,
  ).get(endpoint, nowUs) as Claims;
}
