import type { Owner, Sha256, TaskId } from '../../domain/ids.js';
import { isFinal } from '../../domain/task.js';
import { withdraw } from './cancel.js';
import { countMove, sql, type Context } from './context.js';
import { findTask } from './lease.js';
import { stateOf, type TaskRow } from './row.js';

/** Erases a task for good, with the content that only it refers to; false when there is none. */
export function erase(
  context: Context,
  { owner, id }: { readonly owner: Owner; readonly id: TaskId },
): boolean {
  const row = findTask(context, id);
  if (row?.owner !== owner) return false;
  if (!isFinal(stateOf(row.state))) withdraw(context, row, 'deleted by its owner');
  const last = findTask(context, id) ?? row;
  for (const table of ['input', 'outcome', 'attempt', 'request_key', 'webhook_outbox', 'task'] as const)
    sql(context.db, `DELETE FROM ${table} WHERE seq = ?`).run(row.seq);
  countMove(context, stateOf(last.state), undefined);
  context.effects.changed.push(id);
  forgetContent(context, last);
  return true;
}

function forgetContent(context: Context, row: TaskRow): void {
  const uses = [
    { sha: row.input_sha, sinceUs: row.create_us },
    { sha: row.output_sha, sinceUs: row.end_us ?? row.create_us },
  ];
  for (const { sha, sinceUs } of uses) {
    if (sha === null || isReferenced(context, row.owner, sha)) continue;
    // Uploaded again since: somebody is about to refer to it.
    if (lastUse(context, row.owner, sha) <= sinceUs) dropContent(context, row.owner, sha);
  }
}

function isReferenced({ db }: Context, owner: Owner, sha: Sha256): boolean {
  return (
    sql(
      db,
      `SELECT 1 FROM task WHERE owner = :owner AND input_sha = :sha
       UNION ALL SELECT 1 FROM task WHERE owner = :owner AND output_sha = :sha LIMIT 1`,
    ).get({ owner, sha }) !== undefined
  );
}

function lastUse({ db }: Context, owner: Owner, sha: Sha256): number {
  const row = sql(db, 'SELECT use_us FROM content WHERE owner = ? AND sha256 = ?').get(owner, sha) as
    { use_us: number } | undefined;
  return row?.use_us ?? 0;
}

/** Forgets content; its file is removed after the commit. */
function dropContent(context: Context, owner: Owner, sha: Sha256): void {
  const row = sql(context.db, 'DELETE FROM content WHERE owner = ? AND sha256 = ? RETURNING file').get(
    owner,
    sha,
  ) as { file: string } | undefined;
  if (row !== undefined) context.effects.unreferenced.push(row.file);
}

/** Forgets a few contents that were not used since an instant and to which no task refers. */
export function dropOrphans(context: Context, beforeUs: number): void {
  const rows = sql(
    context.db,
    `SELECT owner, sha256 FROM content c WHERE use_us < ?
       AND NOT EXISTS (SELECT 1 FROM task t WHERE t.owner = c.owner AND t.input_sha = c.sha256)
       AND NOT EXISTS (SELECT 1 FROM task t WHERE t.owner = c.owner AND t.output_sha = c.sha256)
     LIMIT 100`,
  ).all(beforeUs) as { owner: Owner; sha256: Sha256 }[];
  for (const { owner, sha256 } of rows) dropContent(context, owner, sha256);
}
