import { TASK_STATES, type TaskState } from '../../domain/task.js';
import type { PendingTask, QueueStats } from '../../queue/task-store.js';
import type { TaskId } from '../../domain/ids.js';
import { MAX_PLACE } from '../../domain/limits.js';
import { sql, type Context } from './context.js';
import { findTaskRow, readTaskRow } from './read.js';
import { stateOf, toPending } from './row.js';

/** Counts from memory; reads no more than one or two rows. */
export function readStats({ db, nowUs, memory }: Context): QueueStats {
  const counts = Object.fromEntries(
    TASK_STATES.map((state, place) => [state, memory.counts[place] ?? 0]),
  ) as Record<TaskState, number>;
  // Tasks are numbered in the order of their submission.
  const retrying = sql(db, 'SELECT min(seq) FROM task WHERE due_us IS NOT NULL').pluck().get() as
    number | null;
  const oldest = Math.min(memory.order.oldest() ?? Infinity, retrying ?? Infinity);
  return {
    counts,
    leases: memory.leases.size,
    nowUs,
    ...(oldest !== Infinity && { oldestPendingUs: readTaskRow(db, oldest).create_us }),
  };
}

export function peekPending({ db, memory }: Context, limit: number): PendingTask[] {
  return memory.order.peek(limit).map((seq) => toPending(readTaskRow(db, seq)));
}

/** How many tasks stand before one; undefined unless it waits in the order, and far behind in it. */
export function readPlace({ db, memory, nowUs }: Context, id: TaskId): number | undefined {
  const task = findTaskRow(db, id);
  if (task === undefined || stateOf(task.state) !== 'pending' || task.due_us !== null) return undefined;
  if (memory.leases.on(task.seq) !== undefined) return undefined;
  return memory.order.place(task, nowUs, MAX_PLACE);
}
