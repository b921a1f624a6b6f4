import type Database from 'better-sqlite3';
import type { Boosts } from '../../domain/rank.js';
import { TASK_STATES, type TaskState } from '../../domain/task.js';
import type { StoreEffects } from '../../queue/task-store.js';

/** What every operation works with. */
export interface Context {
  readonly db: Database.Database;
  readonly boosts: Boosts;
  /** The store's clock at the start of the transaction, Unix microseconds. */
  nowUs: number;
  /** When content to which nothing refers is looked for the next time. */
  nextOrphansUs: number;
  /** What the running operation has done so far. */
  effects: Effects;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

/** The effects of an operation and what it does to the counts by state. */
export interface Effects extends Mutable<Omit<StoreEffects, 'pendingDelta'>> {
  readonly counts: number[];
}

export function noEffects(): Effects {
  return {
    changed: [],
    pending: [],
    ended: [],
    finished: [],
    unreferenced: [],
    counts: TASK_STATES.map(() => 0),
  };
}

export function addEffects(to: Effects, from: Effects): void {
  to.changed.push(...from.changed);
  to.pending.push(...from.pending);
  to.ended.push(...from.ended);
  to.finished.push(...from.finished);
  to.unreferenced.push(...from.unreferenced);
  from.counts.forEach((count, state) => {
    to.counts[state] = (to.counts[state] ?? 0) + count;
  });
}

/** What the store tells of it. */
export function toStoreEffects({ counts, ...effects }: Effects): StoreEffects {
  return { ...effects, pendingDelta: counts[TASK_STATES.indexOf('pending')] ?? 0 };
}

/** Counts a task that moved; absent on either side when it came or went. */
export function countMove(context: Context, from: TaskState | undefined, to: TaskState | undefined): void {
  const { counts } = context.effects;
  const add = (state: TaskState | undefined, by: number) => {
    if (state === undefined) return;
    const place = TASK_STATES.indexOf(state);
    counts[place] = (counts[place] ?? 0) + by;
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
