import { backoffMs, CONNECT_BACKOFF } from '../domain/backoff.js';
import { isRefusedEntry, Refusal } from '../domain/errors.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { OutageLog } from './outage-log.js';
import type { PolledFeed } from './ports/task-feed.js';
import type { StreamSession } from './stream-session.js';
import { atMost, timedSignal, wait } from '../runtime/wait.js';
import type { Workbench } from './workbench.js';

/** Streams that must fail to start, one after another, before tasks are polled for. */
const FAILURES_BEFORE_POLLING = 2;
/** Longest that one request of a poll may take; it may carry 50 MiB of audio. */
const POLL_TIMEOUT_MS = 60_000;
const CHECK_TIMEOUT_MS = 5_000;
/** Most tasks of one poll. */
const MAX_POLLED = 100;

export interface ProxyLinkDeps {
  readonly polled: PolledFeed;
  readonly workbench: Workbench;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly address: string;
  readonly checkIntervalMs: number;
}

/**
 * Keeps tasks coming:
 *
 *     streaming ──ends──► reconnecting ──starts──► streaming
 *                          │    ▲
 *        does not start,   │    │ each check interval
 *        HTTP answers      ▼    │
 *                         polling
 */
export class ProxyLink {
  private readonly outage: OutageLog;
  private polling = false;
  /** The last stream did not start: the next one is announced when it stands, not at each try. */
  private quiet = false;

  constructor(private readonly deps: ProxyLinkDeps) {
    this.outage = new OutageLog(deps.clock, deps.log, deps.address);
  }

  /** The stream stands. */
  started(): void {
    if (this.quiet) this.announce();
    this.quiet = false;
    this.outage.up();
    if (this.polling) this.deps.log.info('tasks are streamed again');
    this.polling = false;
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(stream: StreamSession, signal: AbortSignal): Promise<void> {
    const { clock, random, checkIntervalMs, log } = this.deps;
    let patient = false;
    for (let failures = 0; !signal.aborted;) {
      if (!this.quiet) this.announce();
      const { started, reason } = await stream.run(signal, patient);
      if (isAborted(signal)) return;
      failures = started ? 1 : failures + 1;
      this.quiet = !started;
      log.debug({ err: reason, started }, 'the stream ended');
      // One who is not let in is not let in over HTTP either.
      if (isRefusedEntry(reason.reason)) this.outage.down(reason);
      else if (!started && failures >= FAILURES_BEFORE_POLLING) {
        const problem = await this.problem(signal);
        if (isAborted(signal)) return;
        // A proxy that has just come back answers here while gRPC still waits out its last failure:
        // only a stream that was given the time to connect may send the tasks to a poll each interval.
        if (problem === undefined && !patient && !this.polling) {
          patient = true;
          continue;
        }
        const polled = problem === undefined ? await this.poll(reason, signal) : problem;
        if (isAborted(signal)) return;
        if (!(polled instanceof Refusal)) {
          this.outage.up();
          await wait(clock, checkIntervalMs, signal);
          continue;
        }
        this.outage.down(polled);
      }
      patient = false;
      await wait(clock, backoffMs(CONNECT_BACKOFF, failures, random()), signal);
    }
  }

  /** Why the proxy does not answer over HTTP either. Never rejects. */
  private async problem(signal: AbortSignal): Promise<Refusal | undefined> {
    const { polled } = this.deps;
    try {
      await this.within(CHECK_TIMEOUT_MS, signal, (timed) => polled.check(timed));
      return undefined;
    } catch (error) {
      return refusalOf(error);
    }
  }

  /** One poll over HTTP; what went wrong is the answer. Never rejects. */
  private async poll(streamProblem: Refusal, signal: AbortSignal): Promise<Refusal | undefined> {
    const { log } = this.deps;
    try {
      if (!this.polling)
        log.warn({ err: streamProblem }, 'tasks cannot be streamed; the proxy is polled over HTTP');
      this.polling = true;
      this.announce();
      await this.takeAll(signal);
      return undefined;
    } catch (error) {
      return refusalOf(error);
    }
  }

  /** Takes batches while tasks wait and there is room for them, until the stream is to be tried again. */
  private async takeAll(signal: AbortSignal): Promise<void> {
    const { polled, workbench, clock, checkIntervalMs } = this.deps;
    const end = clock.now() + checkIntervalMs;
    do {
      if ((await this.within(CHECK_TIMEOUT_MS, signal, (timed) => polled.pending(timed))) === 0) return;
      await atMost(clock, end - clock.now(), workbench.untilRoom(), signal);
      const limit = Math.min(workbench.room, MAX_POLLED);
      if (limit === 0 || signal.aborted) return;
      const tasks = await this.within(POLL_TIMEOUT_MS, signal, (timed) => polled.take(limit, timed));
      workbench.accept(tasks, polled, false);
      if (tasks.length === 0) return;
    } while (clock.now() < end);
  }

  private async within<Result>(
    ms: number,
    parent: AbortSignal,
    action: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const timed = timedSignal(
      this.deps.clock,
      ms,
      parent,
      () => new Refusal('UNAVAILABLE', `no answer within ${ms / 1000} s`, { metadata: { cause: 'TIMEOUT' } }),
    );
    try {
      return await action(timed.signal);
    } finally {
      timed.release();
    }
  }

  private announce(): void {
    this.deps.log.info('🔍 Checking proxy server for pending tasks...');
  }
}

function refusalOf(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal('INTERNAL', 'polling failed', { cause: error });
}

/** Asked anew, since time passed. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
