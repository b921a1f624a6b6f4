import { TASK_STATES, type TaskState } from '../../domain/task.js';
import type { PendingTask, QueueStats } from '../../queue/task-store.js';
import { sql, type Context } from './context.js';
import { readTaskRow } from './read.js';
import { toPending } from './row.js';

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
