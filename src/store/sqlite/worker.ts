import { parentPort, workerData } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { LEASE_MS } from '../../domain/limits.js';
import { noEffects, sql, toStoreEffects, type Context } from './context.js';
import { OpenError, openReader, openWriter } from './database.js';
import { isFatal, toWireError } from './sqlite-error.js';
import { read, runTogether } from './transaction.js';
import type { Call, Reply, Request, Result, WorkerOptions } from './wire.js';

/** The thread that owns a connection: better-sqlite3 is synchronous and an fsync would stall every stream. */

const options = workerData as WorkerOptions;
const port = parentPort;
if (port === null) throw new Error('store/sqlite/worker runs as a worker thread alone');

let { clockOffsetMs } = options;

/** Unix microseconds that never jump with the wall clock while the process lives. */
function storeNow(): number {
  return Math.round((performance.timeOrigin + performance.now() + clockOffsetMs) * 1000);
}

function reply(message: Reply): void {
  port?.postMessage(message);
}

function open(): { db: Database.Database; lock?: Database.Database | undefined } | undefined {
  try {
    return options.role === 'reader' ? { db: openReader(options.file) } : openWriter(options.file);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (error instanceof OpenError) reply({ kind: 'refused', message: error.message, explained: true });
    else reply({ kind: 'refused', message, explained: false });
    return undefined;
  }
}

const opened = open();
if (opened !== undefined) {
  const { db, lock } = opened;
  const context: Context = {
    db,
    boosts: options.boosts,
    nowUs: storeNow(),
    effects: noEffects(),
    nextOrphansUs: 0,
  };
  if (options.role === 'writer') renewLeases(context);
  port.on('message', (request: Request) => {
    switch (request.kind) {
      case 'run':
        context.nowUs = storeNow();
        run(context, request.calls);
        return;
      case 'move_clock':
        clockOffsetMs += request.byMs;
        reply({ kind: 'moved' });
        return;
      case 'close':
        db.close();
        lock?.close();
        reply({ kind: 'closed' });
        port.close();
    }
  });
  reply({ kind: 'ready' });
}

function run(context: Context, calls: readonly Call[]): void {
  if (options.role === 'reader') {
    reply({
      kind: 'ran',
      results: calls.map((call) => readOne(context, call)),
      effects: toStoreEffects(noEffects()),
    });
    return;
  }
  const { results, effects } = runTogether(context, calls);
  const fatal = results.find((result) => !result.ok && 'code' in result.error && isFatal(result.error.code));
  if (fatal?.ok === false) reply({ kind: 'fatal', error: fatal.error });
  else reply({ kind: 'ran', results, effects: toStoreEffects(effects) });
}

function readOne(context: Context, call: Call): Result {
  try {
    return { ok: true, value: read(context, call) };
  } catch (error) {
    return { ok: false, error: toWireError(error) };
  }
}

/** Holders could not renew while the proxy was down: every live lease gets its full time again. */
function renewLeases({ db, nowUs }: Context): void {
  sql(db, 'UPDATE lease SET expire_us = max(expire_us, min(?, run_until_us)) WHERE hand_out = 0').run(
    nowUs + LEASE_MS * 1000,
  );
}
