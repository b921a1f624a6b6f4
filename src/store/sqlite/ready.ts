import { RANKED_PER_LINE } from '../../domain/limits.js';
import { rank } from '../../domain/rank.js';
import { sql, type Context } from './context.js';
import { priorityOf, toPending, type TaskRow } from './row.js';

type Entering = Pick<
  TaskRow,
  'seq' | 'id' | 'owner' | 'kind' | 'language' | 'priority' | 'create_us' | 'payload_bytes'
>;

/**
 * Puts a new task into the queue. Only the first of each owner and priority are ranked, so that one
 * owner's flood stands at most that many places ahead of another owner's task.
 */
export function enter(context: Context, row: Entering): void {
  const ranked = rankedInLine(context, row.owner, row.priority) < RANKED_PER_LINE;
  insert(context, row, ranked ? newRank(context, row.priority) : null);
  if (ranked) count(context, row.owner, row.priority, 1);
}

/** Puts a task back whose place is kept: it is ranked whatever the line holds. */
export function reenter(context: Context, row: Entering & Pick<TaskRow, 'rank'>): void {
  insert(context, row, row.rank);
  count(context, row.owner, row.priority, 1);
}

/** Takes a task out of the queue and lets the next of its line move up; false when it is not in it. */
function leave(context: Context, seq: number): boolean {
  const row = sql(context.db, 'DELETE FROM ready WHERE seq = ? RETURNING rank, owner, priority').get(seq) as
    { rank: number | null; owner: string; priority: number } | undefined;
  if (row === undefined) return false;
  if (row.rank !== null) moveUp(context, row.owner, row.priority);
  return true;
}

/** Takes a pending task out of the queue, or out of its wait for a retry. */
export function takeOut(context: Context, seq: number): void {
  if (!leave(context, seq)) sql(context.db, 'DELETE FROM retry WHERE seq = ?').run(seq);
}

/** A ranked one left: the first of the line takes its place with the rank of this moment. */
function moveUp(context: Context, owner: string, priority: number): void {
  const { db } = context;
  const next = sql(
    db,
    'SELECT seq FROM ready WHERE owner = ? AND priority = ? AND rank IS NULL ORDER BY seq LIMIT 1',
  ).get(owner, priority) as { seq: number } | undefined;
  if (next === undefined || rankedInLine(context, owner, priority) > RANKED_PER_LINE) {
    count(context, owner, priority, -1);
    return;
  }
  const place = newRank(context, priority);
  sql(db, 'UPDATE ready SET rank = ? WHERE seq = ?').run(place, next.seq);
  sql(db, 'UPDATE task SET rank = ? WHERE seq = ?').run(place, next.seq);
}

function insert(context: Context, row: Entering, place: number | null): void {
  sql(context.db, 'INSERT INTO ready (seq, rank, kind, owner, priority) VALUES (?, ?, ?, ?, ?)').run(
    row.seq,
    place,
    row.kind,
    row.owner,
    row.priority,
  );
  context.effects.pending.push(toPending(row));
}

function newRank(context: Context, priority: number): number {
  return Math.round(rank(context.nowUs, priorityOf(priority), context.boosts));
}

function rankedInLine({ db }: Context, owner: string, priority: number): number {
  const row = sql(db, 'SELECT ranked FROM line WHERE owner = ? AND priority = ?').get(owner, priority) as
    { ranked: number } | undefined;
  return row?.ranked ?? 0;
}

function count({ db }: Context, owner: string, priority: number, by: number): void {
  sql(
    db,
    `INSERT INTO line (owner, priority, ranked) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET ranked = ranked + excluded.ranked`,
  ).run(owner, priority, by);
}
