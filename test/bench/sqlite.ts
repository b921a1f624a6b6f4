import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { benchDisk } from './disk.js';
import { rounded, type Figures } from './figures.js';
import { textOf } from './task.js';

export const name = 'sqlite';

const GROUPS = [1, 8, 64, 512];
const MEASURE_MS = 2_000;

/** What the disk and SQLite allow at most: a life is inserted, leased and settled, each in a commit of a group. */
export function run(): Promise<Figures> {
  const directory = mkdtempSync(join(benchDisk().directory, 'audio-subnet-bench-'));
  try {
    const lives = Object.fromEntries(
      GROUPS.map((group) => [
        `group_of_${group}`,
        rounded(livesPerSecond(join(directory, `${group}.db`), group)),
      ]),
    );
    return Promise.resolve({
      lives_per_second: lives,
      fdatasync_per_second: rounded(syncsPerSecond(join(directory, 'sync'))),
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function livesPerSecond(file: string, group: number): number {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('wal_autocheckpoint = 4000');
  db.exec(
    'CREATE TABLE task (seq INTEGER PRIMARY KEY, state INTEGER NOT NULL, token BLOB, payload BLOB) STRICT',
  );
  const insert = db.prepare('INSERT INTO task (seq, state, payload) VALUES (?, 0, ?)');
  const lease = db.prepare('UPDATE task SET state = 1, token = ? WHERE seq = ? AND state = 0');
  const settle = db.prepare('UPDATE task SET state = 2, payload = NULL WHERE seq = ? AND token = ?');
  const [payload, token] = [Buffer.from(textOf(0)), Buffer.alloc(16, 1)];
  let first = 1;
  const each = (step: (seq: number) => void) =>
    db.transaction(() => {
      for (let seq = first; seq < first + group; seq++) step(seq);
    });
  const steps = [
    each((seq) => insert.run(seq, payload)),
    each((seq) => lease.run(token, seq)),
    each((seq) => settle.run(seq, token)),
  ];
  const rate = perSecond(() => {
    for (const step of steps) step.immediate();
    first += group;
  });
  db.close();
  return rate * group;
}

function syncsPerSecond(file: string): number {
  const descriptor = openSync(file, 'w');
  const block = Buffer.alloc(4096);
  const rate = perSecond(() => {
    writeSync(descriptor, block);
    fdatasyncSync(descriptor);
  });
  closeSync(descriptor);
  return rate;
}

function perSecond(work: () => void): number {
  const start = performance.now();
  let done = 0;
  for (; performance.now() - start < MEASURE_MS; done++) work();
  return (done * 1000) / (performance.now() - start);
}
