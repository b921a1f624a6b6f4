import { addEffects, noEffects, sql, type Context, type Effects } from './context.js';
import { READS, WRITES } from './operations.js';
import { isFatal, sqliteCode, toWireError } from './sqlite-error.js';
import type { Call, Result } from './wire.js';

/** What a transaction gave: a result a call, and what it did. */
export interface Ran {
  readonly results: readonly Result[];
  readonly effects: Effects;
}

/**
 * Runs calls in one transaction; each that fails does so alone, behind its savepoint. When the whole
 * transaction fails nothing of it is answered: each call runs again by itself, settles first, because
 * they free room and their work is already paid for.
 */
export function runTogether(context: Context, calls: readonly Call[]): Ran {
  try {
    return inTransaction(context, calls);
  } catch (error) {
    // A repetition after a failed fsync would succeed without the pages that it lost.
    if (calls.length === 1 || isFatal(sqliteCode(error)))
      return { results: calls.map(() => ({ ok: false, error: toWireError(error) })), effects: noEffects() };
  }
  const results: Result[] = [];
  const effects = noEffects();
  const order = calls.map((call, place) => ({ call, place }));
  order.sort((a, b) => Number(b.call.name === 'settle') - Number(a.call.name === 'settle'));
  for (const { call, place } of order) {
    const alone = runTogether(context, [call]);
    results[place] = alone.results[0] as Result;
    addEffects(effects, alone.effects);
  }
  return { results, effects };
}

function inTransaction(context: Context, calls: readonly Call[]): Ran {
  const { db } = context;
  const effects = noEffects();
  sql(db, 'BEGIN IMMEDIATE').run();
  try {
    const results = calls.map((call) => runOne(context, call, effects));
    storeCounts(context, effects);
    sql(db, 'COMMIT').run();
    return { results, effects };
  } catch (error) {
    if (db.inTransaction) sql(db, 'ROLLBACK').run();
    throw error;
  }
}

function runOne(context: Context, call: Call, effects: Effects): Result {
  const { db } = context;
  context.effects = noEffects();
  sql(db, 'SAVEPOINT item').run();
  try {
    const value = execute(context, call);
    sql(db, 'RELEASE item').run();
    addEffects(effects, context.effects);
    return { ok: true, value };
  } catch (error) {
    // FULL, IOERR, NOMEM and their like roll the whole transaction back by themselves.
    if (!db.inTransaction) throw error;
    const wire = toWireError(error);
    if (wire.kind !== 'broken') throw error;
    sql(db, 'ROLLBACK TO item').run();
    sql(db, 'RELEASE item').run();
    return { ok: false, error: wire };
  }
}

function execute(context: Context, { name, argument }: Call): unknown {
  if (name in WRITES) return WRITES[name as keyof typeof WRITES](context, argument as never);
  return read(context, { name, argument });
}

/** Runs one read, on a reader's connection or inside the writer's transaction. */
export function read({ db, nowUs }: Pick<Context, 'db' | 'nowUs'>, { name, argument }: Call): unknown {
  if (name === 'stats') return READS.stats(db, nowUs);
  return READS[name as keyof typeof READS](db, argument as never);
}

function storeCounts({ db }: Context, { counts }: Effects): void {
  counts.forEach((by, state) => {
    if (by !== 0) sql(db, 'UPDATE state_count SET count = count + ? WHERE state = ?').run(by, state);
  });
}
