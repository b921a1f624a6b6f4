import type { CancelOutcome, CancelRequest } from '../../queue/task-store.js';
import type { Context } from './context.js';
import { finish } from './finish.js';
import { endLease, findHeld, findTask, recordAttempt } from './lease.js';
import { readTask } from './read.js';
import { takeOut } from './ready.js';
import { stateOf, type TaskRow } from './row.js';

export function cancel(context: Context, { owner, id, reason }: CancelRequest): CancelOutcome {
  const row = findTask(context, id);
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
  const held = findHeld(context, 'seq', row.seq);
  if (held !== undefined) {
    endLease(context, held, 'cancelled');
    recordAttempt(context, held, 'CANCELLED', reason);
  } else {
    takeOut(context, row.seq);
  }
  finish(context, row, { kind: 'cancelled', reason, responses: [] });
}
