import { ORPHAN_CONTENT_MS } from '../../domain/limits.js';
import { dropOrphans } from './content.js';
import { sql, type Context } from './context.js';
import { fail } from './finish.js';
import { giveBack, loseLease } from './lease.js';
import { removeOld } from './retention.js';
import type { TaskRow } from './row.js';
import { startDueRetries, takeOut } from './waiting.js';

/** Rows that one sweep moves of each sort; the next one goes on. */
const BATCH = 500;

/** Looking for them reads every old content: 34 ms for 50,000 of them. */
const ORPHANS_EVERY_MS = 60_000;

/** Does what time demands; true when there is more of it already. Two index look-ups when nothing is due. */
export function sweep(context: Context): boolean {
  endExpiredLeases(context);
  startDueRetries(context, BATCH);
  expireTasks(context);
  if (context.nowUs >= context.sweeping.nextOrphansUs) {
    context.sweeping.nextOrphansUs = context.nowUs + ORPHANS_EVERY_MS * 1000;
    dropOrphans(context, context.nowUs - ORPHAN_CONTENT_MS * 1000);
  }
  return removeOld(context);
}

function endExpiredLeases(context: Context): void {
  for (const lease of context.memory.leases.expired(context.nowUs, BATCH)) {
    if (lease.confirm_us === null) giveBack(context, lease, 'expired');
    else loseLease(context, lease, context.nowUs >= lease.run_until_us ? 'run_time_exceeded' : 'expired');
  }
}

/** Only waiting tasks expire; one that is leased does when it waits again. */
function expireTasks(context: Context): void {
  const rows = sql(
    context.db,
    `SELECT * FROM task t WHERE state = 0 AND expire_us IS NOT NULL AND expire_us <= ?
       AND NOT EXISTS (SELECT 1 FROM lease WHERE lease.seq = t.seq) LIMIT ${BATCH}`,
  ).all(context.nowUs) as TaskRow[];
  for (const row of rows) {
    takeOut(context, row);
    fail(context, row, 'pending', {
      reason: 'TASK_EXPIRED',
      message: 'the task waited longer than it was allowed to',
    });
  }
}
