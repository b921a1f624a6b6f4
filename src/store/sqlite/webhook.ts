import type Database from 'better-sqlite3';
import type { Owner, TaskId } from '../../domain/ids.js';
import {
  endpointOf,
  MAX_KEPT_TRIES,
  WEBHOOK_LIFE_MS,
  WEBHOOK_STATES,
  type WebhookFailureReason,
  type WebhookState,
  type WebhookTry,
} from '../../domain/webhook.js';
import type { Webhook, WebhookOutcome, WebhookStats } from '../../queue/webhook-outbox.js';
import { sql, type Context } from './context.js';
import { findTaskRow } from './read.js';
import { stateOf, type TaskRow } from './row.js';
import { planEndpoint, touchEndpoint } from './webhook-endpoint.js';

/** A row of `webhook`: the announcement of a task that ended. */
export interface WebhookRow {
  readonly seq: number;
  readonly task_id: TaskId;
  readonly url: string;
  readonly endpoint: string;
  readonly task_state: number;
  readonly revision: number;
  readonly end_us: number;
  /** Place in WEBHOOK_STATES. */
  readonly state: number;
  /** When it is tried next, and under a claim when that lapses; absent once it is over. */
  readonly due_us: number | null;
  readonly expire_us: number;
  readonly claim: string | null;
  readonly failures: number;
  readonly tries: number;
}

export const webhookStatePlace = (state: WebhookState): number => WEBHOOK_STATES.indexOf(state);

/** Writes the announcement of a task into the transaction of its final state. */
export function announce(context: Context, task: TaskRow): void {
  if (task.callback_url === null) return;
  const { db, nowUs } = context;
  const endpoint = endpointOf(task.callback_url);
  sql(
    db,
    `INSERT INTO webhook (seq, task_id, url, endpoint, task_state, revision, end_us, state, due_us, expire_us,
       failures, tries) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0, 0)`,
  ).run(
    task.seq,
    task.id,
    task.callback_url,
    endpoint,
    task.state,
    task.revision,
    nowUs,
    nowUs,
    nowUs + WEBHOOK_LIFE_MS * 1000,
  );
  touchEndpoint(context, endpoint);
  context.effects.announced += 1;
}

/** Removes what was announced of a task; a try that is under way goes on and is not recorded. */
export function forgetWebhook(context: Context, { seq, callback_url: url }: TaskRow): void {
  if (url === null) return;
  sql(context.db, 'DELETE FROM webhook_try WHERE seq = ?').run(seq);
  sql(context.db, 'DELETE FROM webhook WHERE seq = ?').run(seq);
  planEndpoint(context, endpointOf(url));
}

export function isAnnouncing({ db }: Context, { seq, callback_url: url }: TaskRow): boolean {
  if (url === null) return false;
  return sql(db, 'SELECT 1 FROM webhook WHERE seq = ? AND due_us IS NOT NULL').get(seq) !== undefined;
}

/** Makes an announcement due now, whatever became of it; one that is being tried is left to that. */
export function redeliver(
  context: Context,
  query: { readonly owner: Owner; readonly id: TaskId },
): WebhookOutcome {
  const { db, nowUs } = context;
  const found = findWebhook(db, query);
  if (found.kind !== 'found') return found;
  const { changes } = sql(
    db,
    `UPDATE webhook SET state = 0, due_us = :now, expire_us = :expire, claim = NULL, failures = 0
     WHERE task_id = :id AND NOT (claim IS NOT NULL AND due_us > :now)`,
  ).run({ id: query.id, now: nowUs, expire: nowUs + WEBHOOK_LIFE_MS * 1000 });
  if (changes === 0) return found;
  touchEndpoint(context, endpointOf(found.webhook.url));
  context.effects.announced += 1;
  return findWebhook(db, query);
}

export function findWebhook(
  db: Database.Database,
  { owner, id }: { readonly owner: Owner; readonly id: TaskId },
): WebhookOutcome {
  const task = findTaskRow(db, id);
  if (task?.owner !== owner) return { kind: 'task_not_found' };
  const row = sql(
    db,
    `SELECT w.*, coalesce(e.blocked_us, 0) AS blocked_us
     FROM webhook w LEFT JOIN webhook_endpoint e USING (endpoint) WHERE w.seq = ?`,
  ).get(task.seq) as (WebhookRow & { readonly blocked_us: number }) | undefined;
  if (row === undefined) return { kind: 'no_webhook' };
  const state = WEBHOOK_STATES[row.state];
  if (state === undefined) throw new Error(`the database holds the unknown webhook state ${row.state}`);
  const webhook: Webhook = {
    id,
    url: row.url,
    taskState: stateOf(row.task_state),
    state,
    endUs: row.end_us,
    tryCount: row.tries,
    ...(row.due_us !== null && row.claim === null && { nextTryUs: Math.max(row.due_us, row.blocked_us) }),
    tries: readTries(db, row.seq),
  };
  return { kind: 'found', webhook };
}

interface TryRow {
  readonly number: number;
  readonly start_us: number;
  readonly duration_ms: number;
  readonly http_status: number | null;
  readonly reason: WebhookFailureReason | null;
  readonly message: string | null;
}

function readTries(db: Database.Database, seq: number): WebhookTry[] {
  const rows = sql(
    db,
    `SELECT * FROM webhook_try WHERE seq = ? ORDER BY number DESC LIMIT ${MAX_KEPT_TRIES}`,
  ).all(seq) as TryRow[];
  return rows.map(({ number, start_us, duration_ms, http_status, reason, message }) => ({
    number,
    startUs: start_us,
    durationMs: duration_ms,
    ...(http_status !== null && { httpStatus: http_status }),
    ...(reason !== null && { failure: { reason, message: message ?? '' } }),
  }));
}

/** Pending and dead ones have indexes of their own; those delivered may be millions. */
export function readWebhookStats({ db, nowUs }: Context): WebhookStats {
  const pending = sql(
    db,
    'SELECT count(*) AS count, min(end_us) AS oldest FROM webhook WHERE due_us IS NOT NULL',
  ).get() as { readonly count: number; readonly oldest: number | null };
  const dead = sql(db, 'SELECT count(*) FROM webhook WHERE state = 2').pluck().get() as number;
  return {
    pending: pending.count,
    dead,
    nowUs,
    ...(pending.oldest !== null && { oldestPendingUs: pending.oldest }),
  };
}
