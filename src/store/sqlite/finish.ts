import type { Payload } from '../../domain/task.js';
import { countMove, sql, type Context } from './context.js';
import { kindOf, stateOf, statePlace, type OutcomeDetail, type TaskRow } from './row.js';

/** An outcome that ends a task. */
export type FinalOutcome = Exclude<OutcomeDetail, { kind: 'open' }>;

/** Moves a task to its final state, with its outcome and its announcement, in this transaction. */
export function finish(context: Context, task: TaskRow, outcome: FinalOutcome, output?: Payload): void {
  const { db, nowUs } = context;
  const from = stateOf(task.state);
  sql(db, 'UPDATE task SET state = ?, revision = revision + 1, end_us = ?, output_sha = ? WHERE seq = ?').run(
    statePlace(outcome.kind),
    nowUs,
    output?.kind === 'content' ? output.sha256 : null,
    task.seq,
  );
  sql(db, 'INSERT OR REPLACE INTO outcome (seq, detail, output) VALUES (?, ?, ?)').run(
    task.seq,
    JSON.stringify(outcome),
    output?.kind === 'inline' ? output.bytes : null,
  );
  announce(context, task, outcome);
  countMove(context, from, outcome.kind);
  context.effects.changed.push(task.id);
  context.effects.finished.push({
    id: task.id,
    kind: kindOf(task.kind),
    state: outcome.kind,
    createUs: task.create_us,
    ...(task.start_us !== null && { startUs: task.start_us }),
    endUs: nowUs,
  });
}

function announce({ db, nowUs }: Context, task: TaskRow, outcome: FinalOutcome): void {
  if (task.callback_url === null) return;
  sql(
    db,
    `INSERT INTO webhook_outbox (seq, task_id, url, state, revision, create_us)
     SELECT seq, id, callback_url, ?, revision, ? FROM task WHERE seq = ?`,
  ).run(statePlace(outcome.kind), nowUs, task.seq);
}
