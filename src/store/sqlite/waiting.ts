import { sql, type Context } from './context.js';
import { toPending, type TaskRow } from './row.js';

/** Takes a pending task out of the order, or out of its wait for a retry, in memory: the caller saves it. */
export function takeOut({ memory, nowUs }: Context, task: TaskRow): void {
  if (task.due_us === null) memory.order.remove(task, nowUs);
  task.due_us = null;
}

/** Puts tasks whose wait for a retry is over back in their places. */
export function startDueRetries({ db, memory, nowUs, effects }: Context, limit: number): void {
  const rows = sql(
    db,
    `UPDATE task SET due_us = NULL WHERE seq IN
       (SELECT seq FROM task WHERE due_us <= ? ORDER BY due_us LIMIT ?) RETURNING *`,
  ).all(nowUs, limit) as TaskRow[];
  for (const row of rows) {
    memory.order.reenter(row, row.rank ?? memory.order.rankAt(row.queue_us, row.priority));
    effects.pending.push(toPending(row));
  }
}
