import { parentPort, workerData } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { noEffects, type Context, type Memory } from './context.js';
import { explained, openCheckpointer, OpenError, openReader, openWriter } from './database.js';
import type { ClaimAnswer } from './leased.js';
import { readMemory } from './memory.js';
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

function reply(message: Reply, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

/** What the worker works with; memory is the writer's alone. */
interface Opened {
  readonly db: Database.Database;
  readonly lock?: Database.Database | undefined;
  readonly memory?: Memory;
}

function open(): Opened | undefined {
  const { file, role, boosts, maxPages } = options;
  try {
    if (role === 'reader') return { db: openReader(file) };
    if (role === 'checkpointer') return { db: openCheckpointer(file) };
    const opened = openWriter(file, maxPages);
    const memory = explained(file, () => readMemory({ db: opened.db, boosts, nowUs: storeNow() }));
    return { ...opened, memory };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (error instanceof OpenError) reply({ kind: 'refused', message: error.message, explained: true });
    else reply({ kind: 'refused', message, explained: false });
    return undefined;
  }
}

const opened = open();
if (opened !== undefined) {
  const { db, lock, memory } = opened;
  const { boosts, retentionMs } = options;
  const context: Context | undefined = memory && {
    db,
    boosts,
    retentionMs,
    nowUs: storeNow(),
    memory,
    isStale: false,
    effects: noEffects(),
    sweeping: { nextOrphansUs: 0, nextRetentionUs: 0, retainedSeq: -1 },
  };
  port.on('message', (request: Request) => {
    switch (request.kind) {
      case 'run':
        if (context === undefined) readAll(db, request.calls);
        else run(context, request.calls);
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
  context.nowUs = storeNow();
  const { results, effects } = runTogether(context, calls);
  answer({ kind: 'ran', results, effects }, payloadsOf(calls, results));
}

function readAll(db: Database.Database, calls: readonly Call[]): void {
  answer({ kind: 'ran', results: calls.map((call) => readOne(db, call)), effects: noEffects() });
}

/** Nothing is answered once the file cannot be trusted any more. */
function answer(ran: Extract<Reply, { kind: 'ran' }>, transfer: ArrayBuffer[] = []): void {
  const fatal = ran.results.find(
    (result) => !result.ok && 'code' in result.error && isFatal(result.error.code),
  );
  if (fatal?.ok === false) reply({ kind: 'fatal', error: fatal.error });
  else reply(ran, transfer);
}

function readOne(db: Database.Database, call: Call): Result {
  try {
    return { ok: true, value: read({ db }, call) };
  } catch (error) {
    return { ok: false, error: toWireError(error) };
  }
}

/** The payloads of claims are handed over. */
function payloadsOf(calls: readonly Call[], results: readonly Result[]): ArrayBuffer[] {
  return calls.flatMap(({ name }, place) => {
    const result = results[place];
    if (name !== 'claim' || result?.ok !== true) return [];
    return [(result.value as ClaimAnswer).payloads.buffer as ArrayBuffer];
  });
}
