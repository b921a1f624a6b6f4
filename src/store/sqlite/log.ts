import { closeSync, fdatasyncSync, openSync } from 'node:fs';

/**
 * The write-ahead log of an open database, as a file. SQLite syncs it inside the COMMIT, before the readers see the
 * commit and before we learn of it; what may be told earlier is committed without and synced here. The file stays the
 * same one as long as a connection is open: SQLite starts it over in place.
 */
export class Log {
  readonly #file: string;
  #descriptor: number | undefined;

  /** @param database path of the database */
  constructor(database: string) {
    this.#file = `${database}-wal`;
  }

  /** Puts every commit so far on the disk. @throws Error of the system; what was committed may then be lost */
  sync(): void {
    fdatasyncSync((this.#descriptor ??= openSync(this.#file, 'r')));
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}
