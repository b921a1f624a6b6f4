import { Refusal } from '../domain/errors.js';
import type { LeaseToken } from '../domain/ids.js';
import { payloadBytes, type TaskProgress } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { FeedOutcome, FedTask, FeedSettlement, HeldLease, TaskDesk } from './ports/task-feed.js';
import { retrying } from './retry.js';
import type { Work, Worked } from './round.js';

/** How long outcomes of tasks whose lease cannot be renewed are still offered after it. */
const LATE_SETTLE_MS = 20_000;

export interface WorkbenchDeps {
  readonly work: (work: Work) => Promise<Worked>;
  readonly maxInFlight: number;
  /** Called when the last place is taken. */
  readonly onFull: () => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

interface Held {
  readonly task: FedTask;
  readonly desk: TaskDesk;
  /** Whether the lease lives by heartbeats. */
  readonly renewable: boolean;
  readonly controller: AbortController;
  progress?: TaskProgress;
  /** Why the lease is gone. */
  lost?: string;
}

type Settleable = Pick<FeedSettlement, 'outcome' | 'responses'>;

/** The tasks this validator holds: works on each, and settles it where it came from. */
export class Workbench {
  private readonly held = new Map<LeaseToken, Held>();
  private readonly done = new Map<LeaseToken, Promise<void>>();
  /** Ends everything at the end of the grace time. */
  private readonly hard = new AbortController();
  private readonly stragglers = new Set<AbortController>();
  private stopping = false;

  constructor(private readonly deps: WorkbenchDeps) {}

  /** Tasks that may still be taken. */
  get room(): number {
    return this.stopping ? 0 : Math.max(0, this.deps.maxInFlight - this.held.size);
  }

  /** Resolves when there is room. */
  async untilRoom(): Promise<void> {
    while (this.room === 0 && this.held.size > 0) await Promise.race(this.done.values());
  }

  /** Begins to work on tasks; one whose lease is held already is passed over. */
  accept(tasks: readonly FedTask[], desk: TaskDesk, renewable: boolean): void {
    if (this.stopping) return;
    const fresh = tasks.filter(({ token }) => !this.held.has(token));
    if (fresh.length === 0) return;
    const { log } = this.deps;
    log.info(`📋 Found ${fresh.length} pending tasks in proxy server`);
    log.info(`🔄 Processing ${fresh.length} tasks from proxy server...`);
    for (const task of fresh) {
      const entry: Held = { task, desk, renewable, controller: new AbortController() };
      this.held.set(task.token, entry);
      const done = this.process(entry).finally(() => {
        this.held.delete(task.token);
        this.done.delete(task.token);
      });
      this.done.set(task.token, done);
    }
    if (this.room === 0) this.deps.onFull();
  }

  /** The leases to renew. */
  leases(): readonly HeldLease[] {
    return [...this.held.values()]
      .filter(({ renewable, lost }) => renewable && lost === undefined)
      .map(({ task, progress }) => ({ token: task.token, ...(progress === undefined ? {} : { progress }) }));
  }

  /** A lease is gone: its work ends and nothing is settled. */
  lose(token: LeaseToken, reason: string): void {
    const entry = this.held.get(token);
    if (entry === undefined || entry.lost !== undefined) return;
    entry.lost = reason;
    this.deps.log.warn({ task_id: entry.task.id, reason }, 'lease lost, the work ends');
    entry.controller.abort(new Refusal('LEASE_LOST', reason));
  }

  /** Gives back what is being worked on, settles what is ready, and is done after `graceMs` at the latest. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    for (const { controller } of this.held.values()) controller.abort(stopReason());
    for (const controller of this.stragglers) controller.abort(stopReason());
    const cancel = this.deps.clock.after(graceMs, () => {
      this.hard.abort(stopReason());
    });
    await Promise.all(this.done.values());
    cancel();
    this.hard.abort(stopReason());
  }

  /** Never rejects. */
  private async process(entry: Held): Promise<void> {
    const { task } = entry;
    const log = this.deps.log.child({ task_id: task.id });
    const start = this.deps.clock.now();
    log.info(`🎯 Processing proxy task: ${task.kind} in ${task.language}`);
    try {
      const settlement = await this.workOn(entry, start, log);
      if (settlement !== undefined && entry.lost === undefined)
        await this.settle(entry, settlement, start, log);
    } catch (error) {
      if (entry.lost === undefined) log.error({ err: error }, 'the task could not be settled');
    }
  }

  /** What to settle; absent when the lease is gone. */
  private async workOn(entry: Held, start: number, log: Logger): Promise<Settleable | undefined> {
    const { task, controller } = entry;
    const { signal } = controller;
    try {
      const input = await this.input(entry);
      const worked = await this.deps.work({
        task,
        input,
        signal,
        log,
        onProgress: (progress) => {
          entry.progress = progress;
        },
      });
      this.follow(controller, worked.stragglers);
      return { outcome: await this.stored(entry, worked.outcome, start), responses: worked.responses };
    } catch (error) {
      if (entry.lost !== undefined) return undefined;
      if (this.stopping)
        return { outcome: { kind: 'released', reason: 'the validator is shutting down' }, responses: [] };
      return { outcome: brokenOff(error), responses: [] };
    }
  }

  private async input({ task, desk, controller }: Held): Promise<Uint8Array> {
    if (task.payload.kind === 'inline') return task.payload.bytes;
    const bytes = await this.retrying(controller.signal, task.maxRunMs, () =>
      desk.downloadInput(task, controller.signal),
    );
    if (bytes.byteLength === payloadBytes(task.payload)) return bytes;
    throw new Refusal(
      'SIZE_MISMATCH',
      `the input has ${bytes.byteLength} bytes where ${payloadBytes(task.payload)} were announced`,
    );
  }

  /** Uploads an output that is too large to be settled inline. */
  private async stored({ task, desk }: Held, outcome: FeedOutcome, start: number): Promise<FeedOutcome> {
    if (outcome.kind !== 'completed') return outcome;
    const { output } = outcome.result;
    if (output.kind !== 'inline' || output.bytes.byteLength <= desk.maxInlineOutputBytes) return outcome;
    const stored = await this.retrying(this.hard.signal, this.left(task, start), () =>
      desk.uploadOutput(task, output.bytes, this.hard.signal),
    );
    return { ...outcome, result: { ...outcome.result, output: { kind: 'content', ...stored } } };
  }

  /** Repeats while the lease can still be alive: a proxy that comes back gives every live lease a fresh time. */
  private async settle(
    entry: Held,
    { outcome, responses }: Settleable,
    start: number,
    log: Logger,
  ): Promise<void> {
    const { task, desk, renewable } = entry;
    const maxMs = this.left(task, start) + (renewable ? 0 : LATE_SETTLE_MS);
    const settled = await this.retrying(this.hard.signal, maxMs, async () => {
      if (entry.lost !== undefined) return { kind: 'lost', message: entry.lost } as const;
      return desk.settle(
        { id: task.id, kind: task.kind, token: task.token, outcome, responses },
        this.hard.signal,
      );
    });
    const fields = { ...summary(outcome), ms: Math.round(this.deps.clock.now() - start) };
    switch (settled.kind) {
      case 'settled':
        log.info(fields, `task ${outcome.kind}`);
        return;
      case 'lost':
        log.warn({ ...fields, reason: settled.message }, 'lease lost, the outcome came too late');
        return;
      case 'content_missing': {
        if (outcome.kind !== 'completed') throw new Error('content is missing for an outcome without any');
        const failure = {
          reason: 'CONTENT_MISSING',
          message: 'The stored result was gone before the task was settled.',
        };
        return this.settle(
          entry,
          { outcome: { kind: 'failed', failure, retryable: true }, responses },
          start,
          log,
        );
      }
      case 'refused':
        log.error({ ...fields, reason: settled.message }, 'the proxy refused the outcome');
        if (outcome.kind !== 'completed') return;
        return this.settle(
          entry,
          {
            outcome: {
              kind: 'failed',
              failure: {
                reason: 'INTERNAL',
                message: `The proxy refused the result: ${settled.message}`.slice(0, 1_000),
              },
              retryable: true,
            },
            responses: [],
          },
          start,
          log,
        );
    }
  }

  private left(task: FedTask, start: number): number {
    return Math.max(0, task.maxRunMs - (this.deps.clock.now() - start));
  }

  private retrying<Result>(
    signal: AbortSignal,
    maxMs: number,
    action: () => Promise<Result>,
  ): Promise<Result> {
    return retrying({ clock: this.deps.clock, random: this.deps.random, signal }, maxMs, action);
  }

  /** Miners that are still working when the task is settled go on until they are judged or the validator stops. */
  private follow(controller: AbortController, stragglers: Promise<void>): void {
    this.stragglers.add(controller);
    if (this.stopping) controller.abort(stopReason());
    void stragglers.finally(() => this.stragglers.delete(controller));
  }
}

/** Passing causes and unknown ones deserve another attempt; an input that is not there does not. */
function brokenOff(error: unknown): FeedOutcome {
  const refusal =
    error instanceof Refusal
      ? error
      : new Refusal('INTERNAL', 'the validator failed on the task', { cause: error });
  return {
    kind: 'failed',
    failure: { reason: refusal.reason, message: refusal.message.slice(0, 1000) },
    retryable: refusal.reason !== 'CONTENT_NOT_FOUND',
  };
}

function summary(outcome: FeedOutcome): Readonly<Record<string, unknown>> {
  switch (outcome.kind) {
    case 'completed': {
      const { minerUid, score } = outcome.result;
      const { accuracy, speed } = score ?? {};
      return { miner_uid: minerUid, score: score?.combined, accuracy, speed };
    }
    case 'failed':
      return { reason: outcome.failure.reason, message: outcome.failure.message };
    case 'released':
      return { reason: outcome.reason };
  }
}

function stopReason(): Refusal {
  return new Refusal('CANCELLED', 'the validator is shutting down');
}
