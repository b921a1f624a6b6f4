import { TASK_STATES } from '../../domain/task.js';
import { sql, type Context } from './context.js';
import { remove } from './erase.js';
import type { TaskRow } from './row.js';
import { isAnnouncing } from './webhook.js';

/** Tasks looked at a sweep: removing one takes about 35 us, and nothing else is written meanwhile. */
const BATCH = 100;

/** How often the tasks from the beginning on are looked at again. */
const AGAIN_MS = 60_000;

const FINAL = TASK_STATES.indexOf('completed');

/**
 * Removes finished tasks whose time is over. Tasks are numbered as they come, and none ended before it
 * came: walking along the numbers up to the first that came too late meets all of them without an index.
 *
 * @returns whether the walk goes on
 */
export function removeOld(context: Context): boolean {
  const { db, nowUs, sweeping, retentionMs } = context;
  if (nowUs < sweeping.nextRetentionUs) return false;
  const untilUs = nowUs - retentionMs * 1000;
  const rows = sql(db, `SELECT * FROM task WHERE seq > ? ORDER BY seq LIMIT ${BATCH}`).all(
    sweeping.retainedSeq,
  ) as TaskRow[];
  for (const row of rows) {
    if (row.create_us > untilUs) return wait(context);
    sweeping.retainedSeq = row.seq;
    if (row.state < FINAL || row.end_us === null || row.end_us > untilUs) continue;
    // Its receiver is yet to fetch what it is told of.
    if (!isAnnouncing(context, row)) remove(context, row);
  }
  return rows.length === BATCH || wait(context);
}

function wait({ nowUs, sweeping }: Context): false {
  sweeping.retainedSeq = -1;
  sweeping.nextRetentionUs = nowUs + AGAIN_MS * 1000;
  return false;
}
