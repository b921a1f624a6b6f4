import { chmodSync, closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { ChangeOutcome, KeyStore, NewKey, Rotation, StoredKey } from '../../auth/key-store.js';
import { SCOPES, type Scope } from '../../domain/scope.js';
import { sql } from './context.js';
import { explained, migrate } from './database.js';

/** In order; a step that was released never changes. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE api_key (
    id        TEXT    PRIMARY KEY,
    name      TEXT    NOT NULL,
    -- With commas between.
    scopes    TEXT    NOT NULL,
    create_ms INTEGER NOT NULL,
    rotate_ms INTEGER,
    revoke_ms INTEGER
  ) STRICT;

  -- What proves a key: one row, and a second one for the grace time of a rotation.
  CREATE TABLE api_key_secret (
    hash      TEXT    PRIMARY KEY,
    key_id    TEXT    NOT NULL REFERENCES api_key (id),
    expire_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX secret_of_key ON api_key_secret (key_id);
  `,
];

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: string;
  readonly create_ms: number;
  readonly rotate_ms: number | null;
  readonly revoke_ms: number | null;
}

interface SecretRow {
  readonly hash: string;
  readonly expire_ms: number | null;
}

/**
 * Keys in a file of their own, readable by its owner alone. Not in the queue's database, which one process holds:
 * whoever may use the file may make keys, with or without a proxy beside.
 */
export class SqliteKeyStore implements KeyStore {
  readonly #db: Database.Database;

  private constructor(db: Database.Database) {
    this.#db = db;
  }

  /** Makes the file when there is none. @throws OpenError with one line that says what to do */
  static open(file: string): SqliteKeyStore {
    return explained(file, () => {
      // SQLite gives its side files the mode of the file.
      closeSync(openSync(file, 'a', 0o600));
      chmodSync(file, 0o600);
      const db = new Database(file);
      db.pragma('busy_timeout = 5000');
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = FULL');
      db.pragma('foreign_keys = 1');
      migrate(db, file, MIGRATIONS);
      return new SqliteKeyStore(db);
    });
  }

  create({ id, name, scopes, createMs, hash }: NewKey): Promise<void> {
    return this.#write(() => {
      sql(this.#db, 'INSERT INTO api_key (id, name, scopes, create_ms) VALUES (?, ?, ?, ?)').run(
        id,
        name,
        scopes.join(','),
        createMs,
      );
      sql(this.#db, 'INSERT INTO api_key_secret (hash, key_id) VALUES (?, ?)').run(hash, id);
    });
  }

  list(): Promise<readonly StoredKey[]> {
    return promised(() => {
      const keys = sql(this.#db, 'SELECT * FROM api_key ORDER BY create_ms, id').all() as KeyRow[];
      const secrets = sql(
        this.#db,
        'SELECT hash, expire_ms FROM api_key_secret WHERE key_id = ? ORDER BY expire_ms IS NOT NULL, expire_ms',
      );
      return this.#db.transaction(() =>
        keys.map((key) => storedKey(key, secrets.all(key.id) as SecretRow[])),
      )();
    });
  }

  revoke(id: string, nowMs: number): Promise<ChangeOutcome> {
    return this.#write(() => {
      const { changes } = sql(
        this.#db,
        'UPDATE api_key SET revoke_ms = ? WHERE id = ? AND revoke_ms IS NULL',
      ).run(nowMs, id);
      if (changes === 0) return this.#unchanged(id);
      sql(this.#db, 'DELETE FROM api_key_secret WHERE key_id = ?').run(id);
      return 'changed';
    });
  }

  rotate({ id, hash, nowMs, expireMs }: Rotation): Promise<ChangeOutcome> {
    return this.#write(() => {
      const { changes } = sql(
        this.#db,
        'UPDATE api_key SET rotate_ms = ? WHERE id = ? AND revoke_ms IS NULL',
      ).run(nowMs, id);
      if (changes === 0) return this.#unchanged(id);
      // A rotation never lengthens the grace of an earlier one.
      sql(
        this.#db,
        'UPDATE api_key_secret SET expire_ms = min(coalesce(expire_ms, @expireMs), @expireMs) WHERE key_id = @id',
      ).run({ id, expireMs });
      sql(this.#db, 'DELETE FROM api_key_secret WHERE key_id = ? AND expire_ms <= ?').run(id, nowMs);
      sql(this.#db, 'INSERT INTO api_key_secret (hash, key_id) VALUES (?, ?)').run(hash, id);
      return 'changed';
    });
  }

  /** Grows with each commit of another connection: 2 us. */
  version(): Promise<number> {
    return promised(() => this.#db.pragma('data_version', { simple: true }) as number);
  }

  close(): void {
    this.#db.close();
  }

  #unchanged(id: string): ChangeOutcome {
    return sql(this.#db, 'SELECT 1 FROM api_key WHERE id = ?').get(id) === undefined
      ? 'not_found'
      : 'revoked';
  }

  #write<T>(work: () => T): Promise<T> {
    return promised(() => this.#db.transaction(work).immediate());
  }
}

/** The port's promises: what another database does takes time. */
function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

function storedKey(row: KeyRow, secrets: readonly SecretRow[]): StoredKey {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes.split(',').filter(isScope),
    createMs: row.create_ms,
    ...(row.rotate_ms !== null && { rotateMs: row.rotate_ms }),
    ...(row.revoke_ms !== null && { revokeMs: row.revoke_ms }),
    secrets: secrets.map(({ hash, expire_ms: expireMs }) =>
      expireMs === null ? { hash } : { hash, expireMs },
    ),
  };
}

/** One that a newer version knows lets nobody in here. */
function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}
