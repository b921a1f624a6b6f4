import { failpoint } from '../../runtime/failpoint.js';
import { addEffects, noEffects, sql, type Context, type Effects } from './context.js';
import { setDurable } from './database.js';
import { readMemory, saveCounts } from './memory.js';
import { READS, VOLATILE, WRITES } from './operations.js';
import { isFatal, sqliteCode, toWireError } from './sqlite-error.js';
import type { Call, Result } from './wire.js';

/** What a transaction gave: a result a call, and what it did. */
export interface Ran {
  readonly results: readonly Result[];
  readonly effects: Effects;
  /** It is committed and not on the disk: only what its claims were granted may be told before it is. */
  readonly isAhead: boolean;
}

/**
 * Runs calls in one transaction. One that fails is rare, so first there is no savepoint around each (they
 * cost a third of the time of a group); when one fails everything runs again with them and it fails alone.
 * When the whole transaction fails nothing of it is answered: each call runs again by itself, settles
 * first, because they free room and their work is already paid for.
 */
export function runTogether(context: Context, calls: readonly Call[]): Ran {
  try {
    return inTransaction(context, calls, (call) => ({ ok: true, value: execute(context, call) }));
  } catch (error) {
    if (calls.length === 1 || isFatal(sqliteCode(error))) return failed(calls, error);
  }
  try {
    return inTransaction(context, calls, (call) => runBehindSavepoint(context, call));
  } catch (error) {
    // A repetition after a failed fsync would succeed without the pages that it lost.
    if (isFatal(sqliteCode(error))) return failed(calls, error);
  }
  return runOneByOne(context, calls);
}

function runOneByOne(context: Context, calls: readonly Call[]): Ran {
  const results: Result[] = [];
  const effects = noEffects();
  const order = calls.map((call, place) => ({ call, place }));
  order.sort((a, b) => Number(b.call.name === 'settle') - Number(a.call.name === 'settle'));
  let full: { readonly result: Result; readonly bytes: number } | undefined;
  for (const { call, place } of order) {
    const bytes = call.bytes?.byteLength ?? 0;
    // One that is no smaller finds no room either, and each try costs a rebuilding of the memory.
    if (full !== undefined && call.name === 'submit' && bytes >= full.bytes) {
      results[place] = full.result;
      continue;
    }
    const alone = runTogether(context, [call]);
    const result = alone.results[0] as Result;
    if (call.name === 'submit' && !result.ok && result.error.kind === 'disk_low') full = { result, bytes };
    results[place] = result;
    addEffects(effects, alone.effects);
  }
  return { results, effects, isAhead: false };
}

function failed(calls: readonly Call[], error: unknown): Ran {
  return {
    results: calls.map(() => ({ ok: false, error: toWireError(error) })),
    effects: noEffects(),
    isAhead: false,
  };
}

function inTransaction(context: Context, calls: readonly Call[], run: (call: Call) => Result): Ran {
  const { db } = context;
  const isVolatile = calls.every(({ name }) => VOLATILE.has(name));
  const isAhead = isHandedOut(calls);
  const effects = noEffects();
  context.effects = effects;
  refresh(context);
  const counts = context.memory.counts.join();
  setDurable(db, !isVolatile && !isAhead);
  sql(db, 'BEGIN IMMEDIATE').run();
  let results: readonly Result[];
  try {
    results = calls.map(run);
    if (context.memory.counts.join() !== counts) saveCounts(context);
    failpoint('before_commit');
    sql(db, 'COMMIT').run();
    failpoint('after_commit');
  } catch (error) {
    if (db.inTransaction) sql(db, 'ROLLBACK').run();
    context.isStale = true;
    throw error;
  }
  // What ended for good, or lost its files, must not come back after a power failure.
  if (isVolatile && effects.finished.length + effects.unreferenced.length > 0) seal(context);
  return { results, effects, isAhead };
}

/**
 * New tasks and who takes them, and nothing that a caller was promised before: what a claim is granted of such a group
 * may go out before the group is on the disk. A power failure takes task and lease together.
 */
function isHandedOut(calls: readonly Call[]): boolean {
  const has = (wanted: string) => calls.some(({ name }) => name === wanted);
  return has('claim') && has('submit') && calls.every(({ name }) => name === 'submit' || VOLATILE.has(name));
}

/** Only once it is needed: on a full disk one transaction after another fails. */
function refresh(context: Context): void {
  if (!context.isStale) return;
  context.memory = readMemory(context, context.memory.leases);
  context.isStale = false;
}

/** One durable commit makes every one before it durable. */
function seal(context: Context): void {
  try {
    setDurable(context.db, true);
    sql(context.db, 'UPDATE state_count SET sealed = sealed + 1').run();
  } catch (error) {
    // Without room it waits for the next durable commit; what was done stays done.
    if (isFatal(sqliteCode(error))) throw error;
  }
}

function runBehindSavepoint(context: Context, call: Call): Result {
  const { db, effects } = context;
  const counts = [...context.memory.counts];
  sql(db, 'SAVEPOINT item').run();
  context.effects = noEffects();
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
    context.memory = { ...readMemory(context, context.memory.leases), counts };
    return { ok: false, error: wire };
  } finally {
    context.effects = effects;
  }
}

function execute(context: Context, { name, argument, bytes }: Call): unknown {
  if (name in WRITES) return WRITES[name as keyof typeof WRITES](context, argument as never, bytes);
  return read(context, { name, argument });
}

/** Runs one read, on the reader's connection or inside the writer's transaction. */
export function read({ db }: Pick<Context, 'db'>, { name, argument }: Call): unknown {
  return READS[name as keyof typeof READS](db, argument as never);
}
