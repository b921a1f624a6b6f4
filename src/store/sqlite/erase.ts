import type { Owner, TaskId } from '../../domain/ids.js';
import { isFinal } from '../../domain/task.js';
import { withdraw } from './cancel.js';
import { dropUnused } from './content.js';
import { countMove, sql, type Context } from './context.js';
import { findTaskRow, readTaskRow } from './read.js';
import { stateOf, type TaskRow } from './row.js';
import { forgetWebhook } from './webhook.js';

/**
 * Erases a task for good, with the content that only it refers to; false when there is none. Its end is not
 * announced any more: whoever erases it knows, and there is nothing left to fetch.
 */
export function erase(
  context: Context,
  { owner, id }: { readonly owner: Owner; readonly id: TaskId },
): boolean {
  const row = findTaskRow(context.db, id);
  if (row?.owner !== owner) return false;
  if (!isFinal(stateOf(row.state))) withdraw(context, row, 'deleted by its owner');
  remove(context, readTaskRow(context.db, row.seq));
  context.effects.changed.push(id);
  return true;
}

/** Removes a final task with all that belongs to it. */
export function remove(context: Context, row: TaskRow): void {
  for (const table of ['input', 'outcome', 'attempt', 'task'] as const)
    sql(context.db, `DELETE FROM ${table} WHERE seq = ?`).run(row.seq);
  forgetWebhook(context, row);
  countMove(context, stateOf(row.state), undefined);
  const { owner, input_sha: input, output_sha: output } = row;
  if (input !== null) dropUnused(context, { owner, sha256: input, sinceUs: row.create_us });
  if (output !== null) dropUnused(context, { owner, sha256: output, sinceUs: row.end_us ?? row.create_us });
}
