import { existsSync, readFileSync } from 'node:fs';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { armFailpoints } from '../../src/runtime/failpoint.js';

/**
 * Preloaded with `node --import` into a proxy and, because they inherit that flag, into its workers.
 * From the environment of the test alone:
 *
 * - CHAOS_KILL_AT=<failpoint>:<n> kills the process at the n-th pass of the failpoint, counted from 1.
 * - CHAOS_CLOCK=<file> shifts the clocks of the process by what `ClockShift` in the file says; SIGUSR2
 *   reads it again.
 * - CHAOS_GO=<file> holds the database back until the file is there: the proxy that will follow one that
 *   is killed loads its modules (1.5 s) meanwhile.
 */

export interface ClockShift {
  /** Time that passed for the process alone, on every clock. */
  readonly passedMs: number;
  /** How far the wall clock was set forward; what runs sees it in Date.now() alone, what starts in all. */
  readonly wallMs: number;
}

const { CHAOS_KILL_AT, CHAOS_CLOCK, CHAOS_GO } = process.env;
const POLL_MS = 5;
const SLOW_COMMIT_MS = 50;
const ORPHAN_MS = 1_000;

if (CHAOS_KILL_AT !== undefined) {
  const [name, pass] = CHAOS_KILL_AT.split(':');
  let left = Number(pass);
  armFailpoints((passed) => {
    if (passed !== name) return;
    left -= 1;
    if (left !== 0) return;
    // The answers leave the process in the turns after the one that resolved their promises.
    if (name === 'after_reply') setImmediate(() => setImmediate(die));
    else {
      // The disk is slow: who was answered too early has time to hear it.
      if (name === 'before_commit') wait(SLOW_COMMIT_MS);
      die();
    }
  });
}

if (CHAOS_GO !== undefined && !isMainThread) while (!existsSync(CHAOS_GO)) wait(POLL_MS);

if (CHAOS_CLOCK !== undefined) shiftClocks(CHAOS_CLOCK);

if (isMainThread) {
  // A run that is killed leaves no proxy behind.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) die();
  }, ORPHAN_MS).unref();
}

/** Holds this thread up. */
function wait(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, forMs);
}

/** No handler can soften it, and nothing after it is run. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

/**
 * The shift is in memory that the main thread shares with its workers, so that they jump together. The
 * process counts as started when its first worker is let go.
 */
function shiftClocks(file: string): void {
  const key = 'chaos.clock';
  const memory = isMainThread
    ? new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT)
    : (getEnvironmentData(key) as SharedArrayBuffer);
  const [MONOTONIC, WALL, START_WALL] = [0, 1, 2];
  const shift = new Float64Array(memory);
  const read = () => {
    const { passedMs, wallMs } = JSON.parse(readFileSync(file, 'utf8')) as ClockShift;
    if (Number.isNaN(shift[START_WALL])) shift[START_WALL] = wallMs;
    shift[MONOTONIC] = passedMs + (shift[START_WALL] ?? 0);
    shift[WALL] = passedMs + wallMs;
  };
  if (isMainThread) {
    shift[START_WALL] = NaN;
    setEnvironmentData(key, memory);
    process.on('SIGUSR2', read);
  } else read();
  const now = performance.now.bind(performance);
  const dateNow = Date.now.bind(Date);
  performance.now = () => now() + (shift[MONOTONIC] ?? 0);
  Date.now = () => dateNow() + (shift[WALL] ?? 0);
}
