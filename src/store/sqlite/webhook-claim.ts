import type Database from 'better-sqlite3';
import { MAX_KEPT_TRIES } from '../../domain/webhook.js';
import type {
  ClaimedWebhook,
  ClaimedWebhooks,
  ClaimWebhooks,
  TryOutcome,
  TryRecord,
} from '../../queue/webhook-outbox.js';
import { randomToken } from '../../runtime/random.js';
import { sql, type Context } from './context.js';
import { stateOf } from './row.js';
import { webhookStatePlace, type WebhookRow } from './webhook.js';
import { countTry, planEndpoint, roomOf, type EndpointRow } from './webhook-endpoint.js';

/** Announcements whose life is over that one claim ends; the next one goes on. */
const EXPIRED_BATCH = 100;

const DEAD = webhookStatePlace('dead');

/** Claims what is due, endpoint by endpoint: however much waits for one, the others are a step away. */
export function claimWebhooks(context: Context, request: ClaimWebhooks): ClaimedWebhooks {
  endExpired(context);
  const { limit, failingLimit, claimMs } = request;
  const shares: readonly Share[] = [
    { limit, isFailing: false, claimMs },
    { limit: failingLimit, isFailing: true, claimMs },
  ];
  const webhooks: ClaimedWebhook[] = [];
  let nextUs = Infinity;
  for (const share of shares) {
    const claimed = claimFrom(context, share);
    webhooks.push(...claimed);
    if (claimed.length < share.limit) nextUs = Math.min(nextUs, nextOf(context, share));
  }
  if (nextUs === Infinity) return { webhooks };
  return { webhooks, nextMs: Math.max(0, Math.ceil((nextUs - context.nowUs) / 1000)) };
}

function nextOf({ db }: Context, { isFailing }: Share): number {
  const nextUs = sql(db, 'SELECT min(next_us) FROM webhook_endpoint WHERE (failures > 0) = ?')
    .pluck()
    .get(Number(isFailing)) as number | null;
  return nextUs ?? Infinity;
}

interface Share {
  readonly limit: number;
  readonly isFailing: boolean;
  readonly claimMs: number;
}

function claimFrom(context: Context, { limit, isFailing, claimMs }: Share): ClaimedWebhook[] {
  if (limit <= 0) return [];
  const endpoints = sql(
    context.db,
    `SELECT endpoint, failures, blocked_us FROM webhook_endpoint
     WHERE (failures > 0) = ? AND next_us <= ? ORDER BY next_us LIMIT ?`,
  ).all(Number(isFailing), context.nowUs, limit) as EndpointRow[];
  const claimed: ClaimedWebhook[] = [];
  for (const endpoint of endpoints) {
    const room = Math.min(roomOf(context, endpoint), limit - claimed.length);
    if (room > 0)
      for (const row of dueOf(context, endpoint.endpoint, room))
        claimed.push(claimRow(context, row, { isFailing, claimMs }));
    planEndpoint(context, endpoint.endpoint);
  }
  return claimed;
}

function dueOf({ db, nowUs }: Context, endpoint: string, limit: number): WebhookRow[] {
  return sql(db, 'SELECT * FROM webhook WHERE endpoint = ? AND due_us <= ? ORDER BY due_us LIMIT ?').all(
    endpoint,
    nowUs,
    limit,
  ) as WebhookRow[];
}

function claimRow(
  { db, nowUs }: Context,
  row: WebhookRow,
  { isFailing, claimMs }: Omit<Share, 'limit'>,
): ClaimedWebhook {
  const claim = randomToken();
  sql(db, 'UPDATE webhook SET claim = ?, due_us = ? WHERE seq = ?').run(
    claim,
    nowUs + claimMs * 1000,
    row.seq,
  );
  return {
    id: row.task_id,
    claim,
    url: row.url,
    state: stateOf(row.task_state),
    revision: row.revision,
    endUs: row.end_us,
    failures: row.failures,
    isFailing,
  };
}

/** Ends a claim with what came of its try; changes nothing for one that lapsed or was never given. */
export function recordTry(context: Context, record: TryRecord): boolean {
  const { db, nowUs } = context;
  const row = sql(db, 'SELECT * FROM webhook WHERE task_id = ? AND claim = ?').get(
    record.id,
    record.claim,
  ) as WebhookRow | undefined;
  if (row === undefined) return false;
  const { outcome } = record;
  const number = row.tries + 1;
  writeTry(context, { seq: row.seq, number }, record);
  const dueUs = outcome.kind === 'failed' ? nowUs + outcome.retryMs * 1000 : null;
  const goesOn = dueUs !== null && dueUs < row.expire_us;
  sql(
    db,
    'UPDATE webhook SET state = ?, due_us = ?, claim = NULL, failures = failures + 1, tries = ? WHERE seq = ?',
  ).run(webhookStatePlace(goesOn ? 'pending' : endOf(outcome)), goesOn ? dueUs : null, number, row.seq);
  countTry(context, row.endpoint, outcome.kind === 'failed' && outcome.isEndpointDown);
  planEndpoint(context, row.endpoint);
  return true;
}

function endOf({ kind }: TryOutcome): 'delivered' | 'dead' {
  return kind === 'delivered' ? 'delivered' : 'dead';
}

function writeTry(
  { db, nowUs }: Context,
  { seq, number }: { readonly seq: number; readonly number: number },
  { durationMs, httpStatus, outcome }: TryRecord,
): void {
  const failure = outcome.kind === 'delivered' ? undefined : outcome.failure;
  sql(
    db,
    `INSERT INTO webhook_try (seq, number, start_us, duration_ms, http_status, reason, message)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    seq,
    number,
    nowUs - Math.round(durationMs * 1000),
    durationMs,
    httpStatus ?? null,
    failure?.reason ?? null,
    failure?.message ?? null,
  );
  sql(db, 'DELETE FROM webhook_try WHERE seq = ? AND number <= ?').run(seq, number - MAX_KEPT_TRIES);
}

/** Those that wait behind an open circuit until their life is over were perhaps never tried. */
function endExpired(context: Context): void {
  const { db, nowUs } = context;
  const rows = sql(
    db,
    `SELECT seq, endpoint FROM webhook WHERE due_us IS NOT NULL AND expire_us <= :now
       AND (claim IS NULL OR due_us <= :now) ORDER BY expire_us LIMIT ${EXPIRED_BATCH}`,
  ).all({ now: nowUs }) as Pick<WebhookRow, 'seq' | 'endpoint'>[];
  for (const { seq, endpoint } of rows) {
    sql(db, `UPDATE webhook SET state = ${DEAD}, due_us = NULL, claim = NULL WHERE seq = ?`).run(seq);
    planEndpoint(context, endpoint);
  }
}

/** Gives up the claims of a process that is gone: what it was trying is due. */
export function dropClaims(db: Database.Database): void {
  const { changes } = db
    .prepare('UPDATE webhook SET claim = NULL, due_us = end_us WHERE claim IS NOT NULL')
    .run();
  if (changes > 0) db.prepare('UPDATE webhook_endpoint SET next_us = blocked_us').run();
}
