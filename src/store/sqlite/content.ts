import type Database from 'better-sqlite3';
import type { LeaseToken, Owner, Sha256 } from '../../domain/ids.js';
import type { ContentQuery, ContentRecord, NewContent } from '../../queue/task-store.js';
import { sql, type Context } from './context.js';

interface Content {
  readonly owner: Owner;
  readonly sha256: Sha256;
}

/**
 * Records content; the file of an earlier upload of the same bytes stays the one. It counts as used after
 * the tasks of its own transaction, so that erasing one of those does not take it away.
 */
export function addContent({ db, nowUs }: Context, content: NewContent): ContentRecord {
  const row = sql(
    db,
    `INSERT INTO content (owner, sha256, size, file, use_us) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (owner, sha256) DO UPDATE SET use_us = excluded.use_us RETURNING file, size`,
  ).get(content.owner, content.sha256, content.sizeBytes, content.file, nowUs + 1) as {
    file: string;
    size: number;
  };
  return { sha256: content.sha256, sizeBytes: row.size, file: row.file };
}

export function touchContent({ db, nowUs }: Context, { owner, sha256, file }: NewContent): boolean {
  return (
    sql(db, 'UPDATE content SET use_us = ? WHERE owner = ? AND sha256 = ? AND file = ?').run(
      nowUs + 1,
      owner,
      sha256,
      file,
    ).changes === 1
  );
}

/** Finds an owner's content, or the input of the task that a lease is for. */
export function findContent({ db, memory }: Context, query: ContentQuery): ContentRecord | undefined {
  const { sha256 } = query;
  if ('owner' in query) return readContent(db, query);
  const task = memory.leases.withToken(query.token)?.task;
  return task?.input_sha === sha256 ? readContent(db, { owner: task.owner, sha256 }) : undefined;
}

export function readContent(db: Database.Database, { owner, sha256 }: Content): ContentRecord | undefined {
  const row = sql(db, 'SELECT size, file FROM content WHERE owner = ? AND sha256 = ?').get(owner, sha256) as
    { size: number; file: string } | undefined;
  return row && { sha256, sizeBytes: row.size, file: row.file };
}

export function leaseOwner({ memory }: Context, token: LeaseToken): Owner | undefined {
  return memory.leases.withToken(token)?.task.owner;
}

export function isContentFile(db: Database.Database, file: string): boolean {
  return sql(db, 'SELECT 1 FROM content WHERE file = ?').get(file) !== undefined;
}

/** Forgets content to which no task refers, unless it was uploaded again since: somebody will refer to it. */
export function dropUnused(
  context: Context,
  { owner, sha256, sinceUs }: Content & { readonly sinceUs: number },
): void {
  const used = sql(
    context.db,
    `SELECT 1 FROM task WHERE owner = :owner AND input_sha = :sha256
     UNION ALL SELECT 1 FROM task WHERE owner = :owner AND output_sha = :sha256 LIMIT 1`,
  ).get({ owner, sha256 });
  if (used !== undefined) return;
  const useUs = sql(context.db, 'SELECT use_us FROM content WHERE owner = ? AND sha256 = ?')
    .pluck()
    .get(owner, sha256) as number | undefined;
  if ((useUs ?? 0) <= sinceUs) drop(context, { owner, sha256 });
}

/** Forgets a few contents that were not used since an instant and to which no task refers. */
export function dropOrphans(context: Context, beforeUs: number): void {
  const rows = sql(
    context.db,
    `SELECT owner, sha256 FROM content c WHERE use_us < ?
       AND NOT EXISTS (SELECT 1 FROM task t WHERE t.owner = c.owner AND t.input_sha = c.sha256)
       AND NOT EXISTS (SELECT 1 FROM task t WHERE t.owner = c.owner AND t.output_sha = c.sha256)
     LIMIT 100`,
  ).all(beforeUs) as Content[];
  for (const content of rows) drop(context, content);
}

/** Its file is removed after the commit. */
function drop({ db, effects }: Context, { owner, sha256 }: Content): void {
  const file = sql(db, 'DELETE FROM content WHERE owner = ? AND sha256 = ? RETURNING file')
    .pluck()
    .get(owner, sha256) as string | undefined;
  if (file !== undefined) effects.unreferenced.push(file);
}
