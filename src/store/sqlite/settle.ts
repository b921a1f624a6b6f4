import { createHash, randomBytes } from 'node:crypto';
import type { SessionId } from '../../domain/ids.js';
import { payloadBytes, type Payload } from '../../domain/task.js';
import type { Settlement, SettleOutcome } from '../../queue/task-store.js';
import { grant } from './claim.js';
import { sql, type Context } from './context.js';
import { finish } from './finish.js';
import {
  confirm,
  endLease,
  findHeld,
  findTask,
  recordAttempt,
  recordSettlement,
  requeue,
  retryDelayMs,
  retryOrFail,
  type Held,
} from './lease.js';
import { stateOf, statePlace, type TaskRow } from './row.js';

/** Ends one lease, or a hand-out without its token. Changes nothing unless the caller may. */
export function settle(context: Context, settlement: Settlement): SettleOutcome {
  const task = findTask(context, settlement.id);
  if (task === undefined) return { kind: 'not_found' };
  const state = stateOf(task.state);
  const digest = digestOf(settlement);
  const held = findHeld(context, 'seq', task.seq);
  const repeated = repetition(task, held, settlement, digest);
  if (repeated !== undefined) return { kind: repeated, state };
  if (!mayAct(task, held, settlement)) return { kind: 'lease_lost', state };
  if (!contentIsThere(context, task, settlement)) return { kind: 'content_missing', state };
  return apply(context, held ?? adopt(context, task), settlement, digest);
}

/** The lease is compared by its random token; only a hand-out may be settled without it. */
function mayAct(task: TaskRow, held: Held | undefined, { token }: Settlement): boolean {
  if (held !== undefined) return token === undefined ? held.lease.hand_out === 1 : held.lease.token === token;
  return token === undefined && task.handed_out === 1 && stateOf(task.state) === 'pending';
}

function repetition(
  task: TaskRow,
  held: Held | undefined,
  { token }: Settlement,
  digest: string,
): 'settled' | 'settled_differently' | undefined {
  if (task.settled_digest === null) return undefined;
  if (token === undefined)
    return task.settled_digest === digest && held === undefined ? 'settled' : undefined;
  if (task.settled_token !== token) return undefined;
  return task.settled_digest === digest ? 'settled' : 'settled_differently';
}

/** Leases a task that is pending after a hand-out once more, for the outcome that comes late. */
function adopt(context: Context, task: TaskRow): Held {
  grant(context, task, { session: randomBytes(16).toString('hex') as SessionId, holder: '', handOut: true });
  const held = findHeld(context, 'seq', task.seq);
  if (held === undefined) throw new Error(`task ${task.id} lost its lease in its own transaction`);
  return held;
}

function apply(context: Context, unconfirmed: Held, settlement: Settlement, digest: string): SettleOutcome {
  const { outcome, responses } = settlement;
  if (outcome.kind === 'released') return release(context, unconfirmed, outcome.reason, digest);
  const held = confirm(context, unconfirmed);
  endLease(context, held, 'settled');
  if (outcome.kind === 'completed') {
    const { output, ...result } = outcome.result;
    recordAttempt(context, held, 'COMPLETED');
    finish(
      context,
      held.task,
      {
        kind: 'completed',
        result,
        outputBytes: payloadBytes(output),
        validator: held.lease.holder,
        responses,
      },
      output,
    );
  } else {
    const { failure } = outcome;
    recordAttempt(context, held, failure.reason, failure.message);
    if (outcome.retryable) retryOrFail(context, held.task, { ...failure, delayMs: retryDelayMs(held.task) });
    else finish(context, held.task, { kind: 'failed', failure, responses });
    keepResponses(context, held.task, settlement);
  }
  recordSettlement(context, held.task.seq, settlement.token ?? held.lease.token, digest);
  return { kind: 'settled', state: stateNow(context, held.task) };
}

/** The holder gives the task back untouched: a counted attempt is taken off again. */
function release(context: Context, held: Held, reason: string, digest: string): SettleOutcome {
  endLease(context, held, 'settled');
  if (held.lease.confirmed === 1) {
    recordAttempt(context, held, 'RELEASED', reason);
    sql(context.db, 'UPDATE task SET attempts = attempts - 1 WHERE seq = ?').run(held.task.seq);
  }
  requeue(context, held.task);
  recordSettlement(context, held.task.seq, held.lease.token, digest);
  return { kind: 'settled', state: 'pending' };
}

/** What the miners answered stays readable while the task waits for its next attempt, or failed. */
function keepResponses({ db }: Context, task: TaskRow, { responses }: Settlement): void {
  if (responses.length === 0) return;
  sql(
    db,
    `INSERT INTO outcome (seq, detail) VALUES (:seq, json_object('kind', 'open', 'responses', json(:responses)))
     ON CONFLICT DO UPDATE SET detail = json_set(detail, '$.responses', json(:responses))`,
  ).run({ seq: task.seq, responses: JSON.stringify(responses) });
}

function stateNow({ db }: Context, task: TaskRow): ReturnType<typeof stateOf> {
  const row = sql(db, 'SELECT state FROM task WHERE seq = ?').get(task.seq) as { state: number } | undefined;
  return stateOf(row?.state ?? statePlace('failed'));
}

function contentIsThere({ db }: Context, task: TaskRow, { outcome }: Settlement): boolean {
  if (outcome.kind !== 'completed' || outcome.result.output.kind === 'inline') return true;
  return (
    sql(db, 'SELECT 1 FROM content WHERE owner = ? AND sha256 = ?').get(
      task.owner,
      outcome.result.output.sha256,
    ) !== undefined
  );
}

/** Two settlements are the same when their outcomes are, byte for byte. */
function digestOf({ outcome }: Settlement): string {
  const hash = createHash('sha256');
  if (outcome.kind !== 'completed') return hash.update(JSON.stringify(outcome)).digest('hex');
  const { output, ...result } = outcome.result;
  return hash.update(JSON.stringify(result)).update(payloadDigest(output)).digest('hex');
}

function payloadDigest(output: Payload): Uint8Array | string {
  return output.kind === 'content' ? output.sha256 : output.bytes;
}
