import { hash } from 'node:crypto';
import type { SessionId } from '../../domain/ids.js';
import type { SettleOutcome } from '../../queue/task-store.js';
import { grant } from './claim.js';
import { sql, type Context } from './context.js';
import { finish, keepResponses } from './finish.js';
import { endLease, recordAttempt, requeue, retryDelayMs, retryOrFail } from './lease.js';
import type { Lease } from './leases.js';
import { randomToken } from '../../runtime/random.js';
import { findTaskRow } from './read.js';
import { stateOf, type OutcomeDetail, type TaskRow } from './row.js';
import type { SettleArgument } from './settlement.js';
import { takeOut } from './waiting.js';

/** Ends one lease, or a hand-out without its token. Changes nothing unless the caller may. */
export function settle(
  context: Context,
  argument: SettleArgument,
  output: Uint8Array | undefined,
): SettleOutcome {
  const [id, token] = argument;
  const named = token === null ? undefined : context.memory.leases.withToken(token);
  // The row of a task whose lease is named is known; any other one is read.
  const task = named?.task.id === id ? named.task : findTaskRow(context.db, id);
  if (task === undefined) return { kind: 'not_found' };
  const lease = context.memory.leases.on(task.seq);
  const state = lease === undefined ? stateOf(task.state) : 'processing';
  const digest = digestOf(argument, output);
  const repeated = repetition(task, lease, argument, digest);
  if (repeated !== undefined) return { kind: repeated, state };
  if (!mayAct(task, lease, argument)) return { kind: 'lease_lost', state };
  if (!contentIsThere(context, task, argument)) return { kind: 'content_missing', state };
  return apply(context, lease ?? adopt(context, task), argument, { digest, output });
}

/** The lease is compared by its random token; only a hand-out may be settled without it. */
function mayAct(task: TaskRow, lease: Lease | undefined, [, token]: SettleArgument): boolean {
  if (lease !== undefined) return token === null ? lease.hand_out === 1 : lease.token === token;
  return token === null && task.handed_out === 1 && stateOf(task.state) === 'pending';
}

function repetition(
  task: TaskRow,
  lease: Lease | undefined,
  [, token]: SettleArgument,
  digest: string,
): 'settled' | 'settled_differently' | undefined {
  if (task.settled_digest === null) return undefined;
  if (token === null) return task.settled_digest === digest && lease === undefined ? 'settled' : undefined;
  if (task.settled_token !== token) return undefined;
  return task.settled_digest === digest ? 'settled' : 'settled_differently';
}

/** Leases a task that is pending after a hand-out once more, for the outcome that comes late. */
function adopt(context: Context, task: TaskRow): Lease {
  takeOut(context, task);
  const session = randomToken() as SessionId;
  return grant(context, task, task.rank ?? task.queue_us, { session, holder: '', handOut: true });
}

function apply(
  context: Context,
  lease: Lease,
  [, , kind, detail, outputSha, retryable, responses]: SettleArgument,
  { digest, output }: { readonly digest: string; readonly output: Uint8Array | undefined },
): SettleOutcome {
  const { task } = lease;
  if (kind === 'released') return release(context, lease, { reason: detail, digest });
  lease.confirm_us ??= context.nowUs;
  endLease(context, lease, 'settled');
  remember(lease, digest);
  if (kind === 'completed') {
    recordAttempt(context, lease, 'COMPLETED');
    finish(context, task, 'processing', {
      state: 'completed',
      detail,
      grantUs: lease.grant_us,
      validator: lease.holder,
      ...(responses !== null && { responses }),
      ...(outputSha !== null && { outputSha }),
      ...(output !== undefined && { output }),
    });
    return { kind: 'settled', state: 'completed' };
  }
  const { failure } = JSON.parse(detail) as Extract<OutcomeDetail, { kind: 'failed' }>;
  recordAttempt(context, lease, failure.reason, failure.message);
  if (responses !== null) keepResponses(context, task.seq, responses);
  if (retryable) retryOrFail(context, lease, failure, retryDelayMs(lease));
  else finish(context, task, 'processing', { state: 'failed', detail });
  return { kind: 'settled', state: stateOf(task.state) };
}

/** The holder gives the task back untouched: a counted attempt is taken off again. */
function release(
  context: Context,
  lease: Lease,
  { reason, digest }: { readonly reason: string; readonly digest: string },
): SettleOutcome {
  endLease(context, lease, 'settled');
  remember(lease, digest);
  if (lease.confirm_us !== null) {
    recordAttempt(context, lease, 'RELEASED', reason);
    lease.task.attempts -= 1;
  }
  requeue(context, lease);
  return { kind: 'settled', state: 'pending' };
}

/** So that the same settlement again gets the same answer. */
function remember({ task, token }: Lease, digest: string): void {
  task.settled_token = token;
  task.settled_digest = digest;
}

function contentIsThere({ db }: Context, { owner }: TaskRow, [, , , , outputSha]: SettleArgument): boolean {
  if (outputSha === null) return true;
  return sql(db, 'SELECT 1 FROM content WHERE owner = ? AND sha256 = ?').get(owner, outputSha) !== undefined;
}

/** Two settlements are the same when their outcomes are, byte for byte. */
function digestOf(argument: SettleArgument, output: Uint8Array | undefined): string {
  const [, , kind, detail, outputSha, retryable] = argument;
  const head = `${kind} ${retryable} ${outputSha ?? ''} ${detail}`;
  if (output === undefined) return hash('sha256', head);
  return hash('sha256', `${hash('sha256', output)} ${head}`);
}
