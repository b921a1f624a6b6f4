import { ORPHAN_CONTENT_MS } from '../../domain/limits.js';
import { sql, type Context } from './context.js';
import { dropOrphans } from './erase.js';
import { finish } from './finish.js';
import { giveBack, loseLease, findHeld } from './lease.js';
import { reenter, takeOut } from './ready.js';
import type { LeaseRow, TaskRow } from './row.js';

/** Rows that one sweep moves of each sort; the next one goes on. */
const BATCH = 500;

/** Looking for them reads every old content: 34 ms for 50,000 of them. */
const ORPHANS_EVERY_MS = 60_000;

/** Does what time demands. Cheap when nothing is due: four index look-ups and no write. */
export function sweep(context: Context): void {
  endExpiredLeases(context);
  startDueRetries(context);
  expireTasks(context);
  sql(
    context.db,
    `DELETE FROM request_key WHERE (owner, request_id) IN
       (SELECT owner, request_id FROM request_key WHERE expire_us <= ? LIMIT ${BATCH})`,
  ).run(context.nowUs);
  if (context.nowUs < context.nextOrphansUs) return;
  context.nextOrphansUs = context.nowUs + ORPHANS_EVERY_MS * 1000;
  dropOrphans(context, context.nowUs - ORPHAN_CONTENT_MS * 1000);
}

function endExpiredLeases(context: Context): void {
  const rows = sql(context.db, `SELECT * FROM lease WHERE expire_us <= ? LIMIT ${BATCH}`).all(
    context.nowUs,
  ) as LeaseRow[];
  for (const { seq } of rows) {
    const held = findHeld(context, 'seq', seq);
    if (held === undefined) continue;
    if (held.lease.confirmed === 0) giveBack(context, held, 'expired');
    else loseLease(context, held, context.nowUs >= held.lease.run_until_us ? 'run_time_exceeded' : 'expired');
  }
}

function startDueRetries(context: Context): void {
  const rows = sql(
    context.db,
    `DELETE FROM retry WHERE seq IN (SELECT seq FROM retry WHERE due_us <= ? ORDER BY due_us LIMIT ${BATCH})
     RETURNING seq`,
  ).all(context.nowUs) as { seq: number }[];
  for (const { seq } of rows)
    reenter(context, sql(context.db, 'SELECT * FROM task WHERE seq = ?').get(seq) as TaskRow);
}

function expireTasks(context: Context): void {
  const rows = sql(
    context.db,
    `SELECT * FROM task WHERE state = 0 AND expire_us IS NOT NULL AND expire_us <= ? LIMIT ${BATCH}`,
  ).all(context.nowUs) as TaskRow[];
  for (const row of rows) {
    takeOut(context, row.seq);
    finish(context, row, {
      kind: 'failed',
      failure: { reason: 'TASK_EXPIRED', message: 'the task waited longer than it was allowed to' },
      responses: [],
    });
  }
}
