import type Database from 'better-sqlite3';
import { TASK_STATES } from '../../domain/task.js';
import { sql, type Context, type Memory } from './context.js';
import { Leases, liveLease } from './leases.js';
import { READ_AHEAD, type Ahead, type Line } from './line.js';
import { Order } from './order.js';
import { readTaskRow } from './read.js';
import type { LeaseRow, TaskRow } from './row.js';

/**
 * Builds what the writer keeps in memory: at start, and after a transaction that failed. Leases that were
 * known before keep their time.
 */
export function readMemory(
  { db, boosts, nowUs }: Pick<Context, 'db' | 'boosts' | 'nowUs'>,
  before?: Leases,
): Memory {
  const leases = readLeases(db, nowUs, before);
  const isOut = (seq: number): boolean => leases.on(seq) !== undefined || order.isRanked(seq);
  const order: Order = new Order(boosts, (line, kind, after) => readLine(db, line, { kind, after, isOut }));
  for (let line = firstLine(db); line !== undefined; line = nextLine(db, line))
    order.restore(line.owner, line.priority, (seq, { priority }) => {
      const row = sql(db, 'SELECT rank, create_us FROM task WHERE seq = ?').get(seq) as Pick<
        TaskRow,
        'rank' | 'create_us'
      >;
      return row.rank ?? order.rankAt(row.create_us, priority);
    });
  return { order, leases, counts: readCounts(db) };
}

function readLeases(db: Database.Database, nowUs: number, before?: Leases): Leases {
  const leases = new Leases();
  for (const row of sql(db, 'SELECT * FROM lease').all() as LeaseRow[]) {
    const lease = liveLease(row, readTaskRow(db, row.seq), nowUs);
    lease.expire_us = before?.withToken(row.token)?.expire_us ?? lease.expire_us;
    leases.add(lease);
  }
  return leases;
}

function readLine(
  db: Database.Database,
  { owner, priority }: Line,
  {
    kind,
    after,
    isOut,
  }: { readonly kind: number; readonly after: number; readonly isOut: (seq: number) => boolean },
): Ahead {
  const seqs = sql(
    db,
    `SELECT seq FROM task WHERE owner = ? AND priority = ? AND kind = ? AND seq > ?
       AND state = 0 AND due_us IS NULL ORDER BY seq LIMIT ${READ_AHEAD}`,
  )
    .pluck()
    .all(owner, priority, kind, after) as number[];
  return {
    seqs: seqs.filter((seq) => !isOut(seq)),
    last: seqs.at(-1) ?? after,
    more: seqs.length === READ_AHEAD,
  };
}

type LineKey = Pick<TaskRow, 'owner' | 'priority'>;

function firstLine(db: Database.Database): LineKey | undefined {
  return sql(
    db,
    `SELECT owner, priority FROM task INDEXED BY task_waiting
     WHERE state = 0 AND due_us IS NULL ORDER BY owner, priority LIMIT 1`,
  ).get() as LineKey | undefined;
}

/** Jumps from line to line, however long they are. */
function nextLine(db: Database.Database, { owner, priority }: LineKey): LineKey | undefined {
  return sql(
    db,
    `SELECT owner, priority FROM task INDEXED BY task_waiting
     WHERE state = 0 AND due_us IS NULL AND (owner, priority) > (?, ?) ORDER BY owner, priority LIMIT 1`,
  ).get(owner, priority) as LineKey | undefined;
}

function readCounts(db: Database.Database): number[] {
  const row = sql(db, 'SELECT * FROM state_count').get() as Record<string, number>;
  return TASK_STATES.map((state) => row[state] ?? 0);
}

/** Writes the counts back; the one row that every transaction changes. */
export function saveCounts({ db, memory }: Context): void {
  sql(db, 'UPDATE state_count SET pending = ?, processing = ?, completed = ?, failed = ?, cancelled = ?').run(
    ...memory.counts,
  );
}
