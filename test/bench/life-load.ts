import { setTimeout as pause } from 'node:timers/promises';
import type {
  LeasedTask,
  WatchPendingTasksResponse,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { Channel } from '../../src/rpc/clients/channel.js';
import {
  createTaskServiceClient,
  createValidatorIntegrationClient,
  type TaskServiceClient,
} from '../../src/rpc/clients/task-clients.js';
import { nowMs } from '../chaos/history.js';
import { BenchViolation } from './bench-violation.js';
import { createLifeLog, deliveryTimes, type LifeLog, type LoggedLease } from './life-log.js';
import { ownConnection } from './own-connection.js';
import { paced } from './paced.js';
import { settlement, submission } from './task.js';

/** How whole lives are asked for. */
export interface LifeSettings {
  /** Tasks a BatchSubmitTasks; 1 calls SubmitTask. */
  readonly submitBatch: number;
  readonly submitCalls: number;
  /** Most outcomes a SettleTasks. */
  readonly settleBatch: number;
  /** How often is settled; absent means at once. */
  readonly settleEveryMs?: number;
  readonly settleCalls: number;
  readonly maxInFlight: number;
  /** Lives begun and not ended above which no more are begun. */
  readonly open: number;
}

/** How long the last lives may take to end, a lost lease included. */
const DRAIN_MS = 60_000;

/** What the producer calls. */
export type Producer = Pick<TaskServiceClient, 'submitTask' | 'batchSubmitTasks' | 'close'>;

/** One producer and one worker, a connection each, in this process. */
export class LifeLoad {
  readonly log: LifeLog = createLifeLog();
  /** Lives ended so far. */
  settled = 0;
  readonly #settings: LifeSettings;
  readonly #tasks: Producer;
  readonly #validators;
  readonly #stop = new AbortController();
  #session = '';
  #begun = 0;
  #producing = false;
  #submitting = 0;
  #settling = 0;
  #held: LoggedLease[] = [];
  #failure: Error | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    channel: Channel,
    settings: LifeSettings,
    producer = createTaskServiceClient(channel) as Producer,
  ) {
    this.#settings = settings;
    this.#tasks = producer;
    this.#validators = createValidatorIntegrationClient(ownConnection(channel));
  }

  get maxInFlight(): number {
    return this.#settings.maxInFlight;
  }

  /** Resolves when the worker's stream stands. */
  open(): Promise<void> {
    const { settleEveryMs } = this.#settings;
    if (settleEveryMs !== undefined) this.#timer = setInterval(() => this.#settleMore(), settleEveryMs);
    return new Promise<void>((resolve, reject) => {
      this.#work(resolve).catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        this.#fail(error);
        reject(this.#failure ?? new Error('the stream failed'));
      });
    });
  }

  /** Begins lives as fast as they end for that time. @returns lives ended a second */
  async saturate(ms: number): Promise<number> {
    this.#producing = true;
    this.#produce();
    const [startMs, before] = [nowMs(), this.settled];
    await pause(ms);
    this.#throwFailure();
    return ((this.settled - before) * 1000) / (nowMs() - startMs);
  }

  /** Begins lives at that rate, however long they take, for that time. @returns when it began */
  async begin(perSecond: number, ms: number): Promise<number> {
    const { submitBatch } = this.#settings;
    const startMs = nowMs();
    await paced(perSecond / submitBatch, ms, () => {
      this.#submit(submitBatch).catch((error: unknown) => this.#fail(error));
    });
    return startMs;
  }

  /**
   * Begins lives at that rate for that time, and waits for their end.
   *
   * @returns milliseconds from each SubmitTask call to the event that brought its task
   */
  async pace(perSecond: number, ms: number): Promise<readonly number[]> {
    const startMs = await this.begin(perSecond, ms);
    await this.drain();
    return deliveryTimes(this.log, startMs);
  }

  /** Begins no more lives and waits for the end of those begun. */
  async drain(): Promise<void> {
    this.#producing = false;
    const limitMs = nowMs() + DRAIN_MS;
    while (this.settled < this.#begun && this.#failure === undefined) {
      if (nowMs() > limitMs) throw new BenchViolation(`${this.#begun - this.settled} lives did not end`);
      await pause(1);
    }
    this.#throwFailure();
  }

  close(): void {
    this.#producing = false;
    this.#stop.abort();
    clearInterval(this.#timer);
    this.#tasks.close();
    this.#validators.close();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
    this.#producing = false;
  }

  #produce(): void {
    const { submitBatch, submitCalls, open } = this.#settings;
    while (
      this.#producing &&
      this.#submitting < submitCalls &&
      this.#begun - this.settled + submitBatch <= open
    )
      this.#submit(submitBatch).catch((error: unknown) => this.#fail(error));
  }

  async #submit(count: number): Promise<void> {
    this.#submitting++;
    const firstSerial = this.#begun;
    this.#begun += count;
    const startMs = nowMs();
    const ids =
      count === 1 ? [await this.#submitOne(firstSerial)] : await this.#submitMany(firstSerial, count);
    this.log.submits.push({ startMs, endMs: nowMs(), firstSerial, ids });
    this.#submitting--;
    this.#produce();
  }

  async #submitOne(serial: number): Promise<string> {
    const { task } = await this.#tasks.submitTask(submission(serial));
    return task?.id ?? '';
  }

  async #submitMany(firstSerial: number, count: number): Promise<readonly string[]> {
    const { results } = await this.#tasks.batchSubmitTasks({
      requests: Array.from({ length: count }, (_, place) => submission(firstSerial + place)),
    });
    return results.map(({ outcome }) => {
      if (outcome?.$case !== 'submitted') throw new Error(`a task was refused: ${outcome?.value.message}`);
      return outcome.value.task?.id ?? '';
    });
  }

  async #work(opened: () => void): Promise<void> {
    const request = {
      sessionId: '',
      validatorHotkey: 'bench',
      maxInFlight: this.#settings.maxInFlight,
      kinds: [],
    };
    for await (const { event } of this.#validators.watchPendingTasks(request, { signal: this.#stop.signal }))
      this.#hear(event, opened);
  }

  #hear(event: WatchPendingTasksResponse['event'], opened: () => void): void {
    if (event?.$case === 'sessionStarted') {
      this.#session = event.value.sessionId;
      opened();
    }
    if (event?.$case === 'leasesRevoked') throw new Error('a lease was revoked under load');
    if (event?.$case !== 'tasksAssigned') return;
    const tasks = event.value.tasks.map(leaseOf);
    this.log.deliveries.push({ atMs: nowMs(), session: this.#session, tasks });
    this.#held.push(...tasks);
    if (this.#settings.settleEveryMs === undefined) this.#settleMore();
  }

  /** What arrives while the calls are out goes into the next one. */
  #settleMore(): void {
    const { settleBatch, settleCalls } = this.#settings;
    while (this.#settling < settleCalls && this.#held.length > 0)
      this.#settle(this.#held.splice(0, settleBatch)).catch((error: unknown) => this.#fail(error));
  }

  async #settle(leases: readonly LoggedLease[]): Promise<void> {
    this.#settling++;
    const startMs = nowMs();
    const { results } = await this.#validators.settleTasks({
      settlements: leases.map(({ id, token }) => settlement(id, token)),
    });
    const refused = results.find(({ error }) => error !== undefined);
    if (refused !== undefined) throw new Error(`a settlement was refused: ${refused.error?.message}`);
    this.log.settles.push({ startMs, endMs: nowMs(), session: this.#session, leases });
    this.settled += leases.length;
    this.#settling--;
    this.#settleMore();
    this.#produce();
  }
}

function leaseOf({ taskId, leaseToken, attempt }: LeasedTask): LoggedLease {
  return { id: taskId, token: leaseToken, attempt };
}
