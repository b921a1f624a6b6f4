import type { Weigh } from '../domain/balance.js';
import { diskLow, type LowDisk } from '../domain/disk.js';
import { Refusal } from '../domain/errors.js';
import { uuidV7 } from '../domain/ids.js';
import type { Task } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';
import { drawBytes } from '../runtime/random.js';
import { Changes } from './changes.js';
import { Matcher } from './matcher.js';
import { Pace } from './pace.js';
import { ProgressBoard } from './progress.js';
import type {
  ClaimByCall,
  ClaimedByCall,
  ExtendBySession,
  ExtendedBySession,
  ObserverSink,
  OpenStream,
  Queue,
  SessionStream,
  Submitted,
  SubmitRequest,
  WatchRequest,
} from './queue.js';
import { draining, Sessions } from './sessions.js';
import { brokenRule, newTask, toSubmitted, type SubmitRules } from './submit.js';
import type {
  FinishedTask,
  GetQuery,
  LeasedTask,
  ListPage,
  ListQuery,
  NewTask,
  Settlement,
  StoreEffects,
  TaskStore,
} from './task-store.js';
import { watchTask } from './watch.js';

/** How often time is looked at: leases that ran out, retries that are due, deliveries left unconfirmed. */
const SWEEP_MS = 250;
/** The same while the store says that more is due: removing what is old must not stall what is new. */
const SWEEP_ON_MS = 10;

/** What happens to tasks, for metrics. Times in milliseconds. */
export interface QueueObserver {
  delivered(task: LeasedTask): void;
  finished(task: FinishedTask): void;
}

export interface TaskQueueOptions {
  readonly store: TaskStore;
  readonly clock: Clock;
  readonly rules: SubmitRules;
  /** Pending tasks above which submissions are refused. */
  readonly maxPending: number;
  /** By what tasks are shared among validators. */
  readonly weigh: Weigh;
  /** In [0, 1). */
  readonly random: () => number;
  /** While it gives a volume, submissions are refused. Absent: only a full disk refuses. */
  readonly lowDisk?: LowDisk;
  readonly observer?: QueueObserver;
  /** Removes content files to which nothing refers any more. */
  readonly onUnreferenced: (files: readonly string[]) => void;
  /** Webhooks became due. */
  readonly onAnnounced: () => void;
  /** Something failed that no caller waits for; the store said why. */
  readonly onError: (error: unknown) => void;
}

/** The queue: what the edge asks of it, brought together with a store. */
export class TaskQueue implements Queue {
  readonly #options: TaskQueueOptions;
  readonly #store: TaskStore;
  readonly #changes: Changes;
  readonly #sessions: Sessions;
  readonly #progress: ProgressBoard;
  readonly #observers = new Set<ObserverSink>();
  readonly #matcher: Matcher;
  readonly #pace = new Pace();
  #pending = 0;
  #draining = false;
  #ended = false;
  #closed = false;
  #stopSweep: () => void = () => undefined;

  private constructor(options: TaskQueueOptions) {
    this.#options = options;
    this.#store = options.store;
    const { store, clock, random, weigh, observer } = options;
    const onError = (error: unknown) => {
      this.#fail(error);
    };
    this.#changes = new Changes(store);
    this.#progress = new ProgressBoard(clock, (id) => {
      this.#changes.ring(id);
    });
    this.#matcher = new Matcher({ store, pending: () => this.#pending, random, onError });
    this.#sessions = new Sessions({
      store,
      clock,
      matcher: this.#matcher,
      weigh,
      onDelivered: (tasks) => {
        for (const task of tasks) observer?.delivered(task);
      },
      onProgress: (id, progress) => {
        this.#progress.note(id, progress);
      },
      onError,
    });
  }

  /** Takes up what the store holds: its leases keep their sessions alive. */
  static async open(options: TaskQueueOptions): Promise<TaskQueue> {
    const queue = new TaskQueue(options);
    options.store.listen((effects) => {
      queue.#apply(effects);
    });
    queue.#sessions.restore(await options.store.leases());
    queue.#pending = (await options.store.stats()).counts.pending;
    queue.#sweepLater();
    return queue;
  }

  async submit(requests: readonly SubmitRequest[]): Promise<readonly (Submitted | Refusal)[]> {
    const { rules } = this.#options;
    const noRoom = this.#noRoom();
    const refusals: (Refusal | undefined)[] = [];
    const accepted: NewTask[] = [];
    for (const request of requests) {
      // A repeated submission is answered also when there is no room for a new one.
      const refusal = brokenRule(request, rules) ?? (request.requestId === undefined ? noRoom : undefined);
      refusals.push(refusal);
      if (refusal === undefined) accepted.push(newTask(this.#newId(), request, rules, noRoom !== undefined));
    }
    const stored = this.#store.submit(accepted);
    this.#matcher.wake();
    const outcomes = await stored;
    let next = 0;
    return requests.map((request, place) => {
      const refusal = refusals[place];
      if (refusal !== undefined) return refusal;
      const outcome = outcomes[next++];
      if (outcome === undefined) throw new Error('the store gave fewer outcomes than tasks');
      return toSubmitted(outcome, request, noRoom);
    });
  }

  async get(query: GetQuery): Promise<Task> {
    const task = await this.#store.get(query);
    if (task === undefined) throw taskNotFound(query.id);
    return this.#progress.shown(task);
  }

  async list(query: ListQuery): Promise<ListPage> {
    const page = await this.#store.list(query);
    return { ...page, tasks: page.tasks.map((task) => this.#progress.shown(task)) };
  }

  async cancel(request: Parameters<Queue['cancel']>[0]): Promise<Task> {
    const outcome = await this.#store.cancel(request);
    switch (outcome.kind) {
      case 'cancelled':
        return outcome.task;
      case 'terminal':
        throw new Refusal('TASK_TERMINAL', `the task is ${outcome.state} already`, {
          metadata: { id: request.id, state: outcome.state },
        });
      case 'not_found':
        throw taskNotFound(request.id);
    }
  }

  async erase(request: Parameters<Queue['erase']>[0]): Promise<void> {
    if (!(await this.#store.erase(request))) throw taskNotFound(request.id);
  }

  watch(request: WatchRequest): AsyncIterable<Task> {
    const isEnded = () => this.#ended;
    return watchTask({ changes: this.#changes, progress: this.#progress, isEnded }, request);
  }

  endsInMs(task: Task): number | undefined {
    return this.#pace.endsInMs(task, { nowMs: this.#options.clock.wall(), pending: this.#pending });
  }

  stats() {
    return this.#store.stats();
  }

  peek(limit: number) {
    return this.#store.peek(limit);
  }

  openStream(request: OpenStream): SessionStream {
    return this.#sessions.open(request);
  }

  observe(sink: ObserverSink): () => void {
    if (this.#draining) throw draining();
    this.#observers.add(sink);
    return () => {
      this.#observers.delete(sink);
    };
  }

  claim(request: ClaimByCall): Promise<ClaimedByCall> {
    return this.#sessions.claim(request);
  }

  extend(request: ExtendBySession): Promise<ExtendedBySession> {
    return this.#sessions.extend(request);
  }

  settle(settlements: readonly Settlement[]) {
    return this.#store.settle(settlements);
  }

  drain(graceMs: number): void {
    this.#draining = true;
    this.#matcher.stop();
    this.#sessions.drain(graceMs);
  }

  endStreams(): void {
    this.#draining = true;
    this.#ended = true;
    this.#matcher.stop();
    this.#changes.tellAll();
    this.#sessions.endStreams();
    for (const sink of this.#observers) sink.end(draining());
  }

  async close(): Promise<void> {
    this.endStreams();
    this.#closed = true;
    this.#stopSweep();
    this.#progress.close();
    await this.#store.close();
  }

  /** The one way in for everything that a commit did. */
  #apply(effects: StoreEffects): void {
    this.#pending += effects.pendingDelta;
    for (const lease of effects.ended) {
      this.#sessions.ended(lease);
      this.#progress.end(lease.id);
    }
    for (const task of effects.finished) {
      this.#pace.finished(task);
      this.#options.observer?.finished(task);
    }
    this.#changes.tell(effects.changed);
    for (const task of effects.pending) for (const sink of this.#observers) sink.task(task);
    if (effects.unreferenced.length > 0) this.#options.onUnreferenced(effects.unreferenced);
    if (effects.announced > 0) this.#options.onAnnounced();
    if (effects.pending.length > 0 || effects.ended.length > 0) this.#matcher.wake();
  }

  #noRoom(): Refusal | undefined {
    const { maxPending, lowDisk } = this.#options;
    const low = lowDisk?.();
    if (low !== undefined) return diskLow(low);
    if (this.#pending < maxPending) return undefined;
    return new Refusal('QUEUE_FULL', `the queue holds ${maxPending} pending tasks; try again later`, {
      metadata: { max_pending: String(maxPending) },
      retryAfterMs: 5_000,
    });
  }

  /** What is refused because the store closes under it need not be told. */
  #fail(error: unknown): void {
    const isClosing = this.#closed && error instanceof Refusal && error.reason === 'SERVER_DRAINING';
    if (!isClosing) this.#options.onError(error);
  }

  #newId() {
    return uuidV7(this.#options.clock.wall(), drawBytes(10));
  }

  #sweepLater(isMore = false): void {
    this.#stopSweep = this.#options.clock.after(isMore ? SWEEP_ON_MS : SWEEP_MS, () => {
      void this.#sweep();
    });
  }

  async #sweep(): Promise<void> {
    let isMore = false;
    try {
      isMore = await this.#store.sweep();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#closed) return;
    this.#matcher.retry();
    this.#sessions.reclaim();
    this.#sweepLater(isMore);
  }
}

function taskNotFound(id: string): Refusal {
  return new Refusal('TASK_NOT_FOUND', `there is no task ${id}`, { metadata: { id } });
}
