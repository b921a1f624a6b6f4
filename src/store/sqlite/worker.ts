import { parentPort, workerData } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { failpoint } from '../../runtime/failpoint.js';
import { noEffects, type Context, type Memory } from './context.js';
import { explained, openCheckpointer, openReader, openWriter } from './database.js';
import { OpenError } from './open-error.js';
import type { ClaimAnswer } from './leased.js';
import { readMemory } from './memory.js';
import { unpack } from './pack.js';
import { isFatal, toWireError, type WireError } from './sqlite-error.js';
import type { Log } from './log.js';
import { read, runTogether, type Ran } from './transaction.js';
import { dropClaims } from './webhook-claim.js';
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
  readonly log?: Log | undefined;
  readonly memory?: Memory;
}

function open(): Opened | undefined {
  const { file, role, boosts, maxPages } = options;
  try {
    if (role === 'reader') return { db: openReader(file) };
    if (role === 'checkpointer') return { db: openCheckpointer(file) };
    const opened = openWriter(file, maxPages);
    explained(file, () => {
      dropClaims(opened.db);
    });
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
const log = opened?.log;
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
        run(unpack(request.calls), context ?? { db });
        return;
      case 'move_clock':
        clockOffsetMs += request.byMs;
        reply({ kind: 'moved' });
        return;
      case 'close':
        db.close();
        log?.close();
        lock?.close();
        reply({ kind: 'closed' });
        port.close();
    }
  });
  reply({ kind: 'ready' });
}

function run(calls: readonly Call[], on: Context | Pick<Context, 'db'>): void {
  const ran = 'memory' in on ? write(on, calls) : readAll(on.db, calls);
  const { values, errors } = split(ran.results);
  // Nothing is answered once the file cannot be trusted any more.
  for (const error of errors.values())
    if ('code' in error && isFatal(error.code)) {
      reply({ kind: 'fatal', error });
      return;
    }
  if (!ran.isAhead) {
    reply({ kind: 'ran', values, errors, effects: ran.effects }, payloadsOf(calls, values));
    return;
  }
  const granted = calls.map(({ name }, place) => (name === 'claim' ? values[place] : undefined));
  reply({ kind: 'granted', values: granted }, payloadsOf(calls, values));
  failpoint('before_sync');
  const others = values.map((value, place) => (granted[place] === undefined ? value : undefined));
  const failure = sync();
  if (failure === undefined) reply({ kind: 'ran', values: others, errors, effects: ran.effects });
  else reply({ kind: 'fatal', error: failure });
}

/** Puts every commit so far on the disk. */
function sync(): WireError | undefined {
  try {
    log?.sync();
    return undefined;
  } catch (error) {
    return toWireError(error);
  }
}

function write(context: Context, calls: readonly Call[]): Ran {
  context.nowUs = storeNow();
  return runTogether(context, calls);
}

function readAll(db: Database.Database, calls: readonly Call[]): Ran {
  return { results: calls.map((call) => readOne(db, call)), effects: noEffects(), isAhead: false };
}

function split(results: readonly Result[]): { values: unknown[]; errors: Map<number, WireError> } {
  const errors = new Map<number, WireError>();
  const values = results.map((result, place) => {
    if (result.ok) return result.value;
    errors.set(place, result.error);
    return undefined;
  });
  return { values, errors };
}

function readOne(db: Database.Database, call: Call): Result {
  try {
    return { ok: true, value: read({ db }, call) };
  } catch (error) {
    return { ok: false, error: toWireError(error) };
  }
}

/** The payloads of claims are handed over. */
function payloadsOf(calls: readonly Call[], values: readonly unknown[]): ArrayBuffer[] {
  return calls.flatMap(({ name }, place) => {
    const value = values[place];
    return name === 'claim' && value !== undefined
      ? [(value as ClaimAnswer).payloads.buffer as ArrayBuffer]
      : [];
  });
}
