import type Database from 'better-sqlite3';
import type { Boosts } from '../../domain/rank.js';
import { TASK_STATES, type TaskState } from '../../domain/task.js';
import type { StoreEffects } from '../../queue/task-store.js';
import type { Leases } from './leases.js';
import type { Order } from './order.js';

/** What the writer keeps in memory of the database. */
export interface Memory {
  readonly order: Order;
  readonly leases: Leases;
  /** Tasks by state, in the order of TASK_STATES. */
  readonly counts: number[];
}

/** What every operation works with. */
export interface Context {
  readonly db: Database.Database;
  readonly boosts: Boosts;
  /** How long finished tasks are kept. */
  readonly retentionMs: number;
  /** The store's clock at the start of the transaction, Unix microseconds. */
  nowUs: number;
  memory: Memory;
  /** A transaction failed: the memory is built again before the next one. */
  isStale: boolean;
  /** What the running transaction has done so far. */
  effects: Effects;
  /** Where the sweep goes on. */
  readonly sweeping: Sweeping;
}

/** What the sweep remembers from one time to the next. */
export interface Sweeping {
  /** When content to which nothing refers is looked for the next time. */
  nextOrphansUs: number;
  /** When finished tasks that are too old are looked for the next time. */
  nextRetentionUs: number;
  /** The last task that was looked at for its age. */
  retainedSeq: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

/** The effects of a transaction, but for new tasks: the side that submitted them knows those. */
export type Effects = Mutable<Omit<StoreEffects, 'pendingDelta'>> & { pendingDelta: number };

export function noEffects(): Effects {
  return {
    pendingDelta: 0,
    announced: 0,
    changed: [],
    pending: [],
    ended: [],
    finished: [],
    unreferenced: [],
  };
}

export function addEffects(to: Effects, from: StoreEffects): void {
  to.pendingDelta += from.pendingDelta;
  to.announced += from.announced;
  to.changed.push(...from.changed);
  to.pending.push(...from.pending);
  to.ended.push(...from.ended);
  to.finished.push(...from.finished);
  to.unreferenced.push(...from.unreferenced);
}

const PENDING = TASK_STATES.indexOf('pending');

/** Counts a task that moved; absent on either side when it came or went. */
export function countMove(
  { effects, memory: { counts } }: Context,
  from: TaskState | undefined,
  to: TaskState | undefined,
): void {
  const add = (state: TaskState | undefined, by: number) => {
    if (state === undefined) return;
    const place = TASK_STATES.indexOf(state);
    counts[place] = (counts[place] ?? 0) + by;
    if (place === PENDING) effects.pendingDelta += by;
  };
  add(from, -1);
  add(to, 1);
}

const prepared = new WeakMap<Database.Database, Map<string, Database.Statement>>();

/** The statement of a text, prepared once a connection. */
export function sql(db: Database.Database, text: string): Database.Statement {
  let statements = prepared.get(db);
  if (statements === undefined) {
    statements = new Map();
    prepared.set(db, statements);
  }
  let statement = statements.get(text);
  if (statement === undefined) {
    statement = db.prepare(text);
    statements.set(text, statement);
  }
  return statement;
}
