import { backoffMs, RETRY_BACKOFF } from '../../domain/backoff.js';
import type { TaskFailure } from '../../domain/task.js';
import { MAX_DELIVERIES } from '../../domain/limits.js';
import type { LeaseEnd } from '../../queue/task-store.js';
import { countMove, sql, type Context } from './context.js';
import { fail, saveTask } from './finish.js';
import type { Lease } from './leases.js';
import { toPending } from './row.js';

/** Counts the attempt of a lease that its holder names for the first time. */
export function confirm(context: Context, lease: Lease): void {
  if (lease.confirm_us !== null) return;
  lease.confirm_us = context.nowUs;
  show(context, lease);
}

/** Writes what of a lease is shown with its task. */
function show({ db, effects }: Context, lease: Lease): void {
  lease.revision += 1;
  sql(db, 'UPDATE lease SET revision = ?, confirm_us = ? WHERE seq = ?').run(
    lease.revision,
    lease.confirm_us,
    lease.seq,
  );
  effects.changed.push(lease.task.id);
}

/**
 * Takes the lease off its task and writes into the task, in memory, what the lease changed of it; the
 * caller moves the task on and saves it in the same transaction.
 */
export function endLease(context: Context, lease: Lease, cause: LeaseEnd): void {
  const { task } = lease;
  sql(context.db, 'DELETE FROM lease WHERE seq = ?').run(lease.seq);
  context.memory.leases.delete(lease);
  context.effects.ended.push({ id: task.id, token: lease.token, session: lease.session, cause });
  task.revision = lease.revision;
  task.rank = lease.rank;
  task.handed_out = lease.hand_out;
  if (lease.confirm_us === null) return;
  task.attempts += 1;
  task.start_us ??= lease.confirm_us;
}

/** Writes an attempt down after its lease ended. */
export function recordAttempt({ db, nowUs }: Context, lease: Lease, outcome: string, message = ''): void {
  const { task } = lease;
  sql(
    db,
    `INSERT INTO attempt (seq, revision, number, holder, start_us, end_us, outcome, message)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    task.seq,
    task.revision,
    Math.max(1, task.attempts),
    lease.holder,
    lease.grant_us,
    nowUs,
    outcome,
    message,
  );
}

/** Makes a task whose lease ended pending again, at once or when a retry is due. Its place is kept. */
export function requeue(context: Context, { task, rank }: Lease, delayMs = 0): void {
  const { memory, nowUs } = context;
  task.revision += 1;
  task.queue_us = nowUs;
  task.due_us = delayMs === 0 ? null : nowUs + delayMs * 1000;
  saveTask(context, task);
  countMove(context, 'processing', 'pending');
  context.effects.changed.push(task.id);
  if (delayMs !== 0) return;
  memory.order.reenter(task, rank);
  context.effects.pending.push(toPending(task));
}

/** Puts a task back after an attempt that counted, or fails it when that was the last one. */
export function retryOrFail(context: Context, lease: Lease, failure: TaskFailure, delayMs: number): void {
  if (lease.task.attempts >= lease.task.max_attempts) fail(context, lease.task, 'processing', failure);
  else requeue(context, lease, delayMs);
}

/** The delay before the next attempt of a task. */
export function retryDelayMs({ task }: Lease): number {
  return backoffMs(RETRY_BACKOFF, task.attempts, Math.random());
}

/** Returns a delivery that nobody confirmed; it does not count as an attempt. */
export function giveBack(context: Context, lease: Lease, cause: LeaseEnd): void {
  endLease(context, lease, cause);
  lease.task.deliveries += 1;
  if (lease.task.deliveries < MAX_DELIVERIES) {
    requeue(context, lease);
    return;
  }
  fail(context, lease.task, 'processing', {
    reason: 'DELIVERIES_EXHAUSTED',
    message: `the task was handed out ${MAX_DELIVERIES} times and nobody confirmed it`,
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
  lease: Lease,
  cause: 'expired' | 'run_time_exceeded' | 'given_back',
): void {
  const { task } = lease;
  endLease(context, lease, cause);
  recordAttempt(context, lease, LOSSES[cause]);
  const delayMs = task.lost_leases === 0 ? 0 : retryDelayMs(lease);
  task.lost_leases += 1;
  const message =
    cause === 'run_time_exceeded'
      ? `the last of ${task.max_attempts} attempts took longer than ${task.max_run_ms / 1000} s`
      : `the validator of the last of ${task.max_attempts} attempts was lost`;
  retryOrFail(context, lease, { reason: 'ATTEMPTS_EXHAUSTED', message }, delayMs);
}
