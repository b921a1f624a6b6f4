import type { CancelOutcome, CancelRequest } from '../../queue/task-store.js';
import type { Context } from './context.js';
import { finish } from './finish.js';
import { endLease, recordAttempt } from './lease.js';
import { findTaskRow, readTask } from './read.js';
import { stateOf, type OutcomeDetail, type TaskRow } from './row.js';
import { takeOut } from './waiting.js';

export function cancel(context: Context, { owner, id, reason }: CancelRequest): CancelOutcome {
  const row = findTaskRow(context.db, id);
  if (row?.owner !== owner) return { kind: 'not_found' };
  const state = stateOf(row.state);
  if (state === 'completed' || state === 'failed') return { kind: 'terminal', state };
  if (state !== 'cancelled') withdraw(context, row, reason);
  const task = readTask(context.db, { id, owner, view: 'basic' });
  if (task === undefined) throw new Error(`task ${id} is gone in its own transaction`);
  return { kind: 'cancelled', task };
}

/** Takes a task that is not final from the queue or from its holder and makes it cancelled. */
export function withdraw(context: Context, row: TaskRow, reason: string): void {
  const lease = context.memory.leases.on(row.seq);
  const detail: OutcomeDetail = { kind: 'cancelled', reason };
  const ending = { state: 'cancelled', detail: JSON.stringify(detail) } as const;
  if (lease === undefined) {
    takeOut(context, row);
    finish(context, row, 'pending', ending);
  } else {
    endLease(context, lease, 'cancelled');
    recordAttempt(context, lease, 'CANCELLED', reason);
    finish(context, lease.task, 'processing', ending);
  }
}
