import { randomBytes } from 'node:crypto';
import type { LeaseToken } from '../../domain/ids.js';
import { HAND_OUT_LEASE_MS, LEASE_MS } from '../../domain/limits.js';
import type { ClaimRequest, LeasedTask } from '../../queue/task-store.js';
import { countMove, sql, type Context } from './context.js';
import { readPayload } from './read.js';
import { takeOut } from './ready.js';
import { kindOf, kindPlace, priorityOf, statePlace, type InputDetail, type TaskRow } from './row.js';

/** Leases the next tasks, one after the other, because each that leaves lets another one move up. */
export function claim(context: Context, request: ClaimRequest): LeasedTask[] {
  const limit = Math.min(request.limit, roomOf(context, request));
  const kinds = request.kinds.reduce((mask, kind) => mask | (1 << kindPlace(kind)), 0);
  const leased: LeasedTask[] = [];
  let bytes = 0;
  while (leased.length < limit) {
    const row = kinds === 0 ? next(context, -1) : (next(context, kinds) ?? nextInLine(context, kinds));
    if (row === undefined) break;
    bytes += row.payload_bytes;
    if (leased.length > 0 && request.maxInputBytes !== undefined && bytes > request.maxInputBytes) break;
    leased.push(describe(context, row, grant(context, row, request), request));
  }
  return leased;
}

function roomOf({ db }: Context, { session, maxInFlight }: ClaimRequest): number {
  if (maxInFlight === undefined) return Infinity;
  const row = sql(db, 'SELECT count(*) AS held FROM lease WHERE session = ?').get(session) as {
    held: number;
  };
  return Math.max(0, maxInFlight - row.held);
}

type NextRow = TaskRow & { readonly detail: string };

function next({ db }: Context, kinds: number): NextRow | undefined {
  return sql(
    db,
    `SELECT t.*, i.detail FROM ready r JOIN task t USING (seq) JOIN input i USING (seq)
     WHERE r.rank IS NOT NULL AND (:kinds >> r.kind) & 1 ORDER BY r.rank, r.seq LIMIT 1`,
  ).get({ kinds }) as NextRow | undefined;
}

/** Ranked tasks of unwanted kinds must not stand before wanted ones that still wait in their line. */
function nextInLine({ db }: Context, kinds: number): NextRow | undefined {
  return sql(
    db,
    `SELECT t.*, i.detail FROM ready r JOIN task t USING (seq) JOIN input i USING (seq)
     WHERE r.rank IS NULL AND (:kinds >> r.kind) & 1 ORDER BY r.seq LIMIT 1`,
  ).get({ kinds }) as NextRow | undefined;
}

/** Takes a pending task out of the queue and puts a lease with a new random token on it. */
export function grant(
  context: Context,
  row: TaskRow,
  { session, holder, handOut }: Pick<ClaimRequest, 'session' | 'holder' | 'handOut'>,
): LeaseToken {
  const { db, nowUs } = context;
  const token = randomBytes(16).toString('hex') as LeaseToken;
  const runUntilUs = nowUs + row.max_run_ms * 1000;
  const expireUs = Math.min(nowUs + leaseMs(handOut) * 1000, runUntilUs);
  takeOut(context, row.seq);
  sql(
    db,
    `INSERT INTO lease (seq, token, session, holder, confirmed, hand_out, grant_us, expire_us, run_until_us)
     VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?)`,
  ).run(row.seq, token, session, holder, handOut ? 1 : 0, nowUs, expireUs, runUntilUs);
  sql(db, 'UPDATE task SET state = ?, revision = revision + 1, handed_out = ? WHERE seq = ?').run(
    statePlace('processing'),
    handOut ? 1 : 0,
    row.seq,
  );
  countMove(context, 'pending', 'processing');
  context.effects.changed.push(row.id);
  return token;
}

function leaseMs(handOut: boolean): number {
  return handOut ? HAND_OUT_LEASE_MS : LEASE_MS;
}

function describe(context: Context, row: NextRow, token: LeaseToken, { handOut }: ClaimRequest): LeasedTask {
  const payload = readPayload(context.db, row);
  return {
    id: row.id,
    token,
    attempt: row.attempts + 1,
    kind: kindOf(row.kind),
    language: row.language,
    priority: priorityOf(row.priority),
    input: {
      ...(JSON.parse(row.detail) as InputDetail),
      payloadBytes: row.payload_bytes,
      ...(payload !== undefined && { payload }),
    },
    createUs: row.create_us,
    grantUs: context.nowUs,
    leaseMs: leaseMs(handOut),
    maxRunMs: row.max_run_ms,
  };
}
