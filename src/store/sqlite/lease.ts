import { backoffMs, RETRY_BACKOFF } from '../../domain/backoff.js';
import type { LeaseToken, TaskId } from '../../domain/ids.js';
import { MAX_DELIVERIES } from '../../domain/limits.js';
import type { LeaseEnd } from '../../queue/task-store.js';
import { countMove, sql, type Context } from './context.js';
import { finish } from './finish.js';
import { reenter } from './ready.js';
import { statePlace, type LeaseRow, type TaskRow } from './row.js';

/** A lease with the task it is on. */
export interface Held {
  readonly lease: LeaseRow;
  readonly task: TaskRow;
}

export function findHeld({ db }: Context, where: 'token' | 'seq', value: string | number): Held | undefined {
  const lease = sql(db, `SELECT * FROM lease WHERE ${where} = ?`).get(value) as LeaseRow | undefined;
  if (lease === undefined) return undefined;
  const task = sql(db, 'SELECT * FROM task WHERE seq = ?').get(lease.seq) as TaskRow;
  return { lease, task };
}

export function findTask({ db }: Context, id: TaskId): TaskRow | undefined {
  return sql(db, 'SELECT * FROM task WHERE id = ?').get(id) as TaskRow | undefined;
}

/** Counts the attempt of a lease that its holder names or settles for the first time. */
export function confirm(context: Context, { lease, task }: Held): Held {
  if (lease.confirmed === 1) return { lease, task };
  const { db, nowUs } = context;
  sql(db, 'UPDATE lease SET confirmed = 1 WHERE seq = ?').run(lease.seq);
  sql(
    db,
    `UPDATE task SET attempts = attempts + 1, start_us = coalesce(start_us, :now), revision = revision + 1
     WHERE seq = :seq`,
  ).run({ now: nowUs, seq: task.seq });
  context.effects.changed.push(task.id);
  return {
    lease: { ...lease, confirmed: 1 },
    task: { ...task, attempts: task.attempts + 1, start_us: task.start_us ?? nowUs },
  };
}

/** Takes the lease off its task; the caller moves the task on in the same transaction. */
export function endLease(context: Context, { lease, task }: Held, cause: LeaseEnd): void {
  sql(context.db, 'DELETE FROM lease WHERE seq = ?').run(lease.seq);
  context.effects.ended.push({ id: task.id, token: lease.token, session: lease.session, cause });
}

export function recordAttempt(
  { db, nowUs }: Context,
  { lease, task }: Held,
  outcome: string,
  message = '',
): void {
  sql(
    db,
    'INSERT INTO attempt (seq, number, holder, start_us, end_us, outcome, message) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ).run(task.seq, task.attempts, lease.holder, lease.grant_us, nowUs, outcome, message);
}

/** Remembers how a lease was settled, so that the same settlement again gets the same answer. */
export function recordSettlement(
  { db }: Context,
  seq: number,
  token: LeaseToken | null,
  digest: string,
): void {
  sql(db, 'UPDATE task SET settled_token = ?, settled_digest = ? WHERE seq = ?').run(token, digest, seq);
}

/** Makes a leased task pending again, at once or when a retry is due. Its place in the queue is kept. */
export function requeue(context: Context, task: TaskRow, delayMs = 0): void {
  const { db, nowUs } = context;
  sql(db, 'UPDATE task SET state = ?, revision = revision + 1, queue_us = ? WHERE seq = ?').run(
    statePlace('pending'),
    nowUs,
    task.seq,
  );
  if (delayMs === 0) reenter(context, task);
  else sql(db, 'INSERT INTO retry (seq, due_us) VALUES (?, ?)').run(task.seq, nowUs + delayMs * 1000);
  countMove(context, 'processing', 'pending');
  context.effects.changed.push(task.id);
}

/** Puts a task back after an attempt that counted, or fails it when that was the last one. */
export function retryOrFail(
  context: Context,
  task: TaskRow,
  retry: { readonly reason: string; readonly message: string; readonly delayMs: number },
): void {
  if (task.attempts >= task.max_attempts)
    finish(context, task, {
      kind: 'failed',
      failure: { reason: retry.reason, message: retry.message },
      responses: [],
    });
  else requeue(context, task, retry.delayMs);
}

/** The delay before the next attempt of a task. */
export function retryDelayMs(task: TaskRow): number {
  return backoffMs(RETRY_BACKOFF, task.attempts, Math.random());
}

/** Returns a delivery that nobody confirmed; it does not count as an attempt. */
export function giveBack(context: Context, held: Held, cause: LeaseEnd): void {
  endLease(context, held, cause);
  const deliveries = held.task.deliveries + 1;
  sql(context.db, 'UPDATE task SET deliveries = ? WHERE seq = ?').run(deliveries, held.task.seq);
  if (deliveries < MAX_DELIVERIES) {
    requeue(context, held.task);
    return;
  }
  finish(context, held.task, {
    kind: 'failed',
    failure: {
      reason: 'DELIVERIES_EXHAUSTED',
      message: `the task was handed out ${MAX_DELIVERIES} times and nobody confirmed it`,
    },
    responses: [],
  });
}

/** What the history of attempts says. */
const LOSSES = {
  expired: 'LEASE_EXPIRED',
  run_time_exceeded: 'RUN_TIME_EXCEEDED',
  given_back: 'LEASE_FORSAKEN',
} as const;

/** Returns a confirmed lease whose holder is gone; the first loss of a task is repeated without delay. */
export function loseLease(
  context: Context,
  held: Held,
  cause: 'expired' | 'run_time_exceeded' | 'given_back',
): void {
  const outOfTime = cause === 'run_time_exceeded';
  endLease(context, held, cause);
  recordAttempt(context, held, LOSSES[cause]);
  sql(context.db, 'UPDATE task SET lost_leases = lost_leases + 1 WHERE seq = ?').run(held.task.seq);
  retryOrFail(context, held.task, {
    reason: 'ATTEMPTS_EXHAUSTED',
    message: outOfTime
      ? `the last of ${held.task.max_attempts} attempts took longer than ${held.task.max_run_ms / 1000} s`
      : `the validator of the last of ${held.task.max_attempts} attempts was lost`,
    delayMs: held.task.lost_leases === 0 ? 0 : retryDelayMs(held.task),
  });
}
