import { randomBytes } from 'node:crypto';
import { Refusal } from '../domain/errors.js';
import { uuidV7, type SessionId } from '../domain/ids.js';
import { HEARTBEAT_MS, LEASE_MS } from '../domain/limits.js';
import type { Task } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';
import { Changes } from './changes.js';
import { claimByCall } from './claim.js';
import { Matcher } from './matcher.js';
import type {
  ClaimByCall,
  ClaimedByCall,
  ExtendBySession,
  ExtendedBySession,
  ObserverSink,
  OpenStream,
  Queue,
  Revocation,
  SessionStream,
  Submitted,
  SubmitRequest,
  WatchRequest,
} from './queue.js';
import { Session } from './session.js';
import { brokenRule, newTask, toSubmitted, type SubmitRules } from './submit.js';
import type {
  EndedLease,
  FinishedTask,
  GetQuery,
  LeasedTask,
  LeaseEnd,
  ListQuery,
  Settlement,
  StoreEffects,
  TaskStore,
} from './task-store.js';
import { watchTask } from './watch.js';

/** Tasks that one claim takes at most for a stream; several claims share the backlog among streams. */
const CLAIM_LIMIT = 16;
/** How often time is looked at: leases that ran out, retries that are due. */
const SWEEP_MS = 250;

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
  readonly observer?: QueueObserver;
  /** Removes content files to which nothing refers any more. */
  readonly onUnreferenced: (files: readonly string[]) => void;
  /** Something failed that no caller waits for; the store said why. */
  readonly onError: (error: unknown) => void;
}

/** The queue: what the edge asks of it, brought together with a store. */
export class TaskQueue implements Queue {
  readonly #options: TaskQueueOptions;
  readonly #store: TaskStore;
  readonly #changes = new Changes();
  readonly #sessions = new Map<SessionId, Session>();
  readonly #observers = new Set<ObserverSink>();
  readonly #matcher: Matcher;
  #pending = 0;
  #draining = false;
  #ended = false;
  #closed = false;
  #stopSweep: () => void = () => undefined;

  private constructor(options: TaskQueueOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#matcher = new Matcher(options.store, options.onError);
  }

  /** Takes up what the store holds: its leases keep their sessions alive. */
  static async open(options: TaskQueueOptions): Promise<TaskQueue> {
    const queue = new TaskQueue(options);
    options.store.listen((effects) => {
      queue.#apply(effects);
    });
    for (const lease of await options.store.leases()) {
      const session = queue.#session(lease.session);
      session.holder = lease.holder;
      session.grant([lease], 0);
    }
    queue.#pending = (await options.store.stats()).counts.pending;
    queue.#sweepLater();
    return queue;
  }

  async submit(requests: readonly SubmitRequest[]): Promise<readonly (Submitted | Refusal)[]> {
    const { rules } = this.#options;
    const refusals = requests.map((request) => brokenRule(request, rules) ?? this.#noRoom());
    const accepted = requests.filter((_, place) => refusals[place] === undefined);
    const stored = this.#store.submit(accepted.map((request) => newTask(this.#newId(), request, rules)));
    this.#matcher.wake();
    const outcomes = await stored;
    let next = 0;
    return requests.map((request, place) => {
      const refusal = refusals[place];
      if (refusal !== undefined) return refusal;
      const outcome = outcomes[next++];
      if (outcome === undefined) throw new Error('the store gave fewer outcomes than tasks');
      return toSubmitted(outcome, request);
    });
  }

  async get(query: GetQuery): Promise<Task> {
    const task = await this.#store.get(query);
    if (task === undefined) throw taskNotFound(query.id);
    return task;
  }

  list(query: ListQuery) {
    return this.#store.list(query);
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
    return watchTask({ store: this.#store, changes: this.#changes, isEnded }, request);
  }

  stats() {
    return this.#store.stats();
  }

  peek(limit: number) {
    return this.#store.peek(limit);
  }

  openStream(request: OpenStream): SessionStream {
    if (this.#draining) throw draining();
    const session = this.#session(request.session ?? newSessionId());
    session.sink?.end(new Refusal('SESSION_SUPERSEDED', 'another stream took the session over'));
    session.holder = request.holder;
    session.maxInFlight = request.maxInFlight;
    session.kinds = request.kinds;
    session.sink = request.sink;
    const demand = {
      session: session.id,
      holder: request.holder,
      kinds: request.kinds,
      handOut: false,
      maxInFlight: request.maxInFlight,
      wanted: () => (session.sink === request.sink ? Math.min(CLAIM_LIMIT, session.credit) : 0),
      load: () => session.outstanding / session.maxInFlight,
      take: (tasks: readonly LeasedTask[]) => {
        this.#deliver(session, tasks);
      },
      fail: () => undefined,
    };
    const held = session.tokens;
    // The stream announces itself before its first tasks.
    queueMicrotask(() => {
      if (session.sink === request.sink) this.#matcher.add(demand);
    });
    return {
      session: session.id,
      held,
      leaseMs: LEASE_MS,
      heartbeatMs: HEARTBEAT_MS,
      resume: () => {
        this.#matcher.wake();
      },
      sent: (tasks, sequence) => {
        session.sent(tasks, sequence);
      },
      close: () => {
        void this.#matcher.remove(demand);
        if (session.sink !== request.sink) return;
        session.sink = undefined;
        this.#giveBack(session);
      },
    };
  }

  observe(sink: ObserverSink): () => void {
    if (this.#draining) throw draining();
    this.#observers.add(sink);
    return () => {
      this.#observers.delete(sink);
    };
  }

  async claim(request: ClaimByCall): Promise<ClaimedByCall> {
    if (this.#draining) throw draining();
    const session = request.session ?? newSessionId();
    const tasks = await claimByCall(this.#matcher, this.#options.clock, { ...request, session });
    this.#countDelivered(tasks);
    if (request.handOut) return { tasks };
    const holder = this.#session(session);
    holder.holder = request.holder;
    holder.grant(tasks, 0);
    this.#forget(holder);
    return { session, tasks };
  }

  async extend(request: ExtendBySession): Promise<ExtendedBySession> {
    const session = this.#sessions.get(request.session);
    if (session === undefined)
      throw new Refusal('SESSION_UNKNOWN', 'the session is not known; open a new one', {
        metadata: { session_id: request.session },
      });
    const named = new Set(request.held.map(({ token }) => token));
    const delivered = session.forsaken(named, request.lastSequence);
    const { lost } = await this.#store.extend({ session: session.id, held: request.held, delivered });
    for (const token of lost) session.end(token);
    this.#forget(session);
    return {
      revoked: lost.map((token) => ({ token, reason: 'unknown' })),
      action: this.#draining ? 'drain' : session.lostStream ? 'reconnect' : 'continue',
      leaseMs: LEASE_MS,
    };
  }

  settle(settlements: readonly Settlement[]) {
    return this.#store.settle(settlements);
  }

  drain(graceMs: number): void {
    this.#draining = true;
    this.#matcher.stop();
    for (const { sink } of this.#sessions.values()) sink?.send({ kind: 'draining', graceMs });
  }

  endStreams(): void {
    this.#draining = true;
    this.#ended = true;
    this.#matcher.stop();
    this.#changes.tellAll();
    for (const { sink } of this.#sessions.values()) sink?.end(draining());
    for (const sink of this.#observers) sink.end(draining());
  }

  async close(): Promise<void> {
    this.endStreams();
    this.#closed = true;
    this.#stopSweep();
    await this.#store.close();
  }

  /** The one way in for everything that a commit did. */
  #apply(effects: StoreEffects): void {
    this.#pending += effects.pendingDelta;
    for (const lease of effects.ended) this.#endLease(lease);
    for (const task of effects.finished) this.#options.observer?.finished(task);
    this.#changes.tell(effects.changed);
    for (const task of effects.pending) for (const sink of this.#observers) sink.task(task);
    if (effects.unreferenced.length > 0) this.#options.onUnreferenced(effects.unreferenced);
    if (effects.pending.length > 0 || effects.ended.length > 0) this.#matcher.wake();
  }

  #endLease({ id, token, session: sessionId, cause }: EndedLease): void {
    const session = this.#sessions.get(sessionId);
    if (session?.end(token) !== true) {
      this.#matcher.ended(token);
      return;
    }
    const reason = revocationOf(cause);
    if (reason !== undefined) session.revoke({ id, token, reason });
    this.#forget(session);
  }

  #deliver(session: Session, tasks: readonly LeasedTask[]): void {
    if (tasks.length === 0) return;
    session.grant(tasks);
    this.#countDelivered(tasks);
    if (session.sink === undefined) this.#giveBack(session);
    else session.sink.send({ kind: 'tasks_assigned', tasks });
  }

  #countDelivered(tasks: readonly LeasedTask[]): void {
    for (const task of tasks) this.#options.observer?.delivered(task);
  }

  #giveBack(session: Session): void {
    this.#store.giveBack(session.id).then(() => {
      this.#forget(session);
    }, this.#options.onError);
  }

  #session(id: SessionId): Session {
    let session = this.#sessions.get(id);
    if (session === undefined) {
      session = new Session(id);
      this.#sessions.set(id, session);
    }
    return session;
  }

  /** A session without stream and leases is gone. */
  #forget(session: Session): void {
    if (session.sink === undefined && session.outstanding === 0) this.#sessions.delete(session.id);
  }

  #noRoom(): Refusal | undefined {
    const { maxPending } = this.#options;
    if (this.#pending < maxPending) return undefined;
    return new Refusal('QUEUE_FULL', `the queue holds ${maxPending} pending tasks; try again later`, {
      metadata: { max_pending: String(maxPending) },
      retryAfterMs: 5_000,
    });
  }

  #newId() {
    return uuidV7(this.#options.clock.wall(), randomBytes(10));
  }

  #sweepLater(): void {
    this.#stopSweep = this.#options.clock.after(SWEEP_MS, () => {
      this.#store
        .sweep()
        .catch(this.#options.onError)
        .finally(() => {
          if (this.#closed) return;
          this.#matcher.retry();
          this.#sweepLater();
        });
    });
  }
}

/** What a holder is told of a lease that ended without it; nothing of one that it ended itself. */
function revocationOf(cause: LeaseEnd): Revocation | undefined {
  switch (cause) {
    case 'settled':
      return undefined;
    case 'given_back':
      return 'reclaimed';
    case 'cancelled':
    case 'expired':
    case 'run_time_exceeded':
      return cause;
  }
}

function newSessionId(): SessionId {
  return randomBytes(16).toString('hex') as SessionId;
}

function taskNotFound(id: string): Refusal {
  return new Refusal('TASK_NOT_FOUND', `there is no task ${id}`, { metadata: { id } });
}

function draining(): Refusal {
  return new Refusal('SERVER_DRAINING', 'the server is shutting down; connect again', {
    retryAfterMs: 1_000,
  });
}
