import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { Log } from './log.js';
import { MIGRATIONS } from './migrations.js';
import { OpenError } from './open-error.js';
import { sqliteCode } from './sqlite-error.js';
import { messageOf } from '../../runtime/message-of.js';

export const IN_MEMORY = ':memory:';

/**
 * Opens the database for writing: one writer a file, WAL, every commit on the disk before it is
 * acknowledged.
 *
 * @throws OpenError
 */
export function openWriter(
  file: string,
  maxPages?: number,
): { db: Database.Database; lock: Database.Database | undefined; log: Log | undefined } {
  if (file === IN_MEMORY) {
    const db = new Database(IN_MEMORY);
    migrate(db, file, MIGRATIONS);
    return { db, lock: undefined, log: undefined };
  }
  return explained(file, () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const lock = holdLock(file);
    const db = new Database(file);
    db.pragma('journal_mode = WAL');
    setDurable(db, true);
    db.pragma('wal_autocheckpoint = 4000');
    db.pragma('busy_timeout = 5000');
    migrate(db, file, MIGRATIONS);
    checkIntegrity(db, file);
    if (maxPages !== undefined) db.pragma(`max_page_count = ${maxPages}`);
    return { db, lock, log: new Log(file) };
  });
}

const durable = new WeakMap<Database.Database, boolean>();

/**
 * Whether commits wait for the disk from now on. SQLite reads the pragma when it compiles it, so it cannot
 * be a prepared statement.
 */
export function setDurable(db: Database.Database, isDurable: boolean): void {
  if (durable.get(db) === isDurable) return;
  db.pragma(isDurable ? 'synchronous = FULL' : 'synchronous = NORMAL');
  durable.set(db, isDurable);
}

/** Opens the database for reading alone; never checkpoints. */
export function openReader(file: string): Database.Database {
  const db = new Database(file);
  db.pragma('query_only = 1');
  db.pragma('wal_autocheckpoint = 0');
  db.pragma('busy_timeout = 5000');
  return db;
}

/**
 * Opens the database for moving the log into the file. Beside the writer, because the writing and syncing
 * of 16 MiB stalls every commit for 20 ms; the writer's own checkpoint, at 4,000 pages, then finds little to
 * do. Two connections may checkpoint since SQLite 3.51.3.
 */
export function openCheckpointer(file: string): Database.Database {
  const db = new Database(file);
  db.pragma('wal_autocheckpoint = 0');
  db.pragma('busy_timeout = 0');
  return db;
}

/** Held for the life of the process and free again right after a crash, unlike a file with a process id. */
function holdLock(file: string): Database.Database {
  const lock = new Database(`${file}.lock`);
  lock.pragma('busy_timeout = 0');
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (sqliteCode(error) !== 'SQLITE_BUSY') throw error;
    throw new OpenError(`${file} is in use by another process: stop it, or give this one another --data_dir`);
  }
  return lock;
}

/**
 * What the queue works with is whole before it works; damage in payloads and results is found where they
 * are read. 0.7 s for 1,000,000 tasks, where the whole file would take 2.4 s from memory and more from disk.
 */
function checkIntegrity(db: Database.Database, file: string): void {
  for (const table of ['task', 'lease', 'state_count']) {
    const rows = db.pragma(`quick_check(${table})`) as { quick_check: string }[];
    const finding = rows[0]?.quick_check ?? 'no answer';
    if (finding !== 'ok') throw damaged(file, finding.replaceAll('\n', ' '));
  }
}

function damaged(file: string, finding: string): OpenError {
  return new OpenError(
    `${file} is damaged (${finding}): restore it from a backup, or move it away to start with an empty queue`,
  );
}

/** Brings a file up to the newest step. @throws OpenError for one of a newer version */
export function migrate(db: Database.Database, file: string, migrations: readonly string[]): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length)
    throw new OpenError(
      `${file} was written by a newer version (schema ${version}, this one knows ${migrations.length}): upgrade audio-subnet`,
    );
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(step);
      db.pragma(`user_version = ${index + 1}`);
    })();
  }
}

/** @throws OpenError */
export function explained<T>(file: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof OpenError) throw error;
    const code = sqliteCode(error);
    const message = messageOf(error);
    if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) throw damaged(file, message);
    if (code === 'SQLITE_FULL')
      throw new OpenError(`the disk of ${file} is full: make room and start again`, { cause: error });
    throw new OpenError(
      `cannot open ${file} (${message}): check that its directory exists, is writable and has room`,
      { cause: error },
    );
  }
}
