import type Database from 'better-sqlite3';
import type { LeaseToken, Owner } from '../../domain/ids.js';
import type { ContentQuery, ContentRecord, NewContent } from '../../queue/task-store.js';
import { sql, type Context } from './context.js';

/** Records content; the file of an earlier upload of the same bytes stays the one. */
export function addContent({ db, nowUs }: Context, content: NewContent): ContentRecord {
  const row = sql(
    db,
    `INSERT INTO content (owner, sha256, size, file, use_us) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (owner, sha256) DO UPDATE SET use_us = excluded.use_us RETURNING file, size`,
  ).get(content.owner, content.sha256, content.sizeBytes, content.file, nowUs) as {
    file: string;
    size: number;
  };
  return { sha256: content.sha256, sizeBytes: row.size, file: row.file };
}

export function touchContent({ db, nowUs }: Context, { owner, sha256, file }: NewContent): boolean {
  return (
    sql(db, 'UPDATE content SET use_us = ? WHERE owner = ? AND sha256 = ? AND file = ?').run(
      nowUs,
      owner,
      sha256,
      file,
    ).changes === 1
  );
}

/** Finds an owner's content, or the input of the task that a lease is for. */
export function findContent(db: Database.Database, query: ContentQuery): ContentRecord | undefined {
  const row = (
    'owner' in query
      ? sql(db, 'SELECT size, file FROM content WHERE owner = ? AND sha256 = ?').get(
          query.owner,
          query.sha256,
        )
      : sql(
          db,
          `SELECT c.size, c.file FROM lease l JOIN task t USING (seq)
             JOIN content c ON c.owner = t.owner AND c.sha256 = t.input_sha
           WHERE l.token = ? AND t.input_sha = ?`,
        ).get(query.token, query.sha256)
  ) as { size: number; file: string } | undefined;
  return row && { sha256: query.sha256, sizeBytes: row.size, file: row.file };
}

export function leaseOwner(db: Database.Database, token: LeaseToken): Owner | undefined {
  const row = sql(db, 'SELECT t.owner FROM lease l JOIN task t USING (seq) WHERE l.token = ?').get(token) as
    { owner: Owner } | undefined;
  return row?.owner;
}

export function isContentFile(db: Database.Database, file: string): boolean {
  return sql(db, 'SELECT 1 FROM content WHERE file = ?').get(file) !== undefined;
}
