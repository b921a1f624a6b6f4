import type { Sha256 } from '../../domain/ids.js';
import type { TaskFailure, TaskState } from '../../domain/task.js';
import { countMove, sql, type Context } from './context.js';
import { kindOf, statePlace, type OutcomeDetail, type TaskRow } from './row.js';
import { announce } from './webhook.js';

/** What a task ends with. */
export interface Ending {
  readonly state: OutcomeDetail['kind'];
  /** JSON of an OutcomeDetail of that state. */
  readonly detail: string;
  readonly validator?: string;
  /** JSON of the miners' responses; absent keeps those of an earlier attempt. */
  readonly responses?: string;
  readonly outputSha?: Sha256;
  readonly output?: Uint8Array;
  /** When the lease that it came under was granted. */
  readonly grantUs?: number;
}

/** Moves a task to its final state, with its outcome and its announcement, in this transaction. */
export function finish(
  context: Context,
  task: TaskRow,
  from: TaskState,
  { state, detail, validator = '', responses, outputSha, output, grantUs }: Ending,
): void {
  const { db, nowUs } = context;
  task.state = statePlace(state);
  task.revision += 1;
  task.end_us = nowUs;
  task.due_us = null;
  task.output_sha = outputSha ?? null;
  saveTask(context, task);
  sql(
    db,
    `INSERT INTO outcome (seq, validator, detail, responses, output) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET validator = excluded.validator, detail = excluded.detail,
       responses = coalesce(excluded.responses, responses), output = excluded.output`,
  ).run(task.seq, validator, detail, responses ?? null, output ?? null);
  announce(context, task);
  countMove(context, from, state);
  context.effects.changed.push(task.id);
  context.effects.finished.push({
    id: task.id,
    kind: kindOf(task.kind),
    state,
    createUs: task.create_us,
    ...(task.start_us !== null && { startUs: task.start_us }),
    ...(grantUs !== undefined && { grantUs }),
    endUs: nowUs,
  });
}

/** Moves a task to the state of a failure. */
export function fail(context: Context, task: TaskRow, from: TaskState, failure: TaskFailure): void {
  const detail: OutcomeDetail = { kind: 'failed', failure };
  finish(context, task, from, { state: 'failed', detail: JSON.stringify(detail) });
}

/** Keeps what the miners answered readable while the task waits for its next attempt. */
export function keepResponses({ db }: Context, seq: number, responses: string): void {
  sql(
    db,
    `INSERT INTO outcome (seq, validator, responses) VALUES (?, '', ?)
     ON CONFLICT DO UPDATE SET responses = excluded.responses`,
  ).run(seq, responses);
}

/** Writes everything of a task that changes; nothing else does. */
export function saveTask({ db }: Context, task: TaskRow): void {
  sql(
    db,
    `UPDATE task SET state = ?, revision = ?, rank = ?, queue_us = ?, start_us = ?, end_us = ?, due_us = ?,
       attempts = ?, lost_leases = ?, deliveries = ?, handed_out = ?, output_sha = ?, settled_token = ?,
       settled_digest = ? WHERE seq = ?`,
  ).run(
    task.state,
    task.revision,
    task.rank,
    task.queue_us,
    task.start_us,
    task.end_us,
    task.due_us,
    task.attempts,
    task.lost_leases,
    task.deliveries,
    task.handed_out,
    task.output_sha,
    task.settled_token,
    task.settled_digest,
    task.seq,
  );
}
