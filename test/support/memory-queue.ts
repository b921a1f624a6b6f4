import { randomBytes } from 'node:crypto';
import { Refusal } from '../../src/domain/errors.js';
import { uuidV7, type LeaseToken, type SessionId, type TaskId } from '../../src/domain/ids.js';
import { HEARTBEAT_MS, LEASE_MS } from '../../src/domain/limits.js';
import { isFinal, type Task, type TaskStatus } from '../../src/domain/task.js';
import type {
  ClaimByCall,
  ExtendBySession,
  ObserverSink,
  OpenStream,
  Queue,
  RevokedLease,
  SessionStream,
  SubmitRequest,
  WatchRequest,
} from '../../src/queue/queue.js';
import type {
  CancelRequest,
  GetQuery,
  LeasedTask,
  ListQuery,
  Settlement,
  SettlementOutcome,
  SettleOutcome,
} from '../../src/queue/task-store.js';

interface Open extends OpenStream {
  readonly id: SessionId;
  inFlight: number;
}

/** The port of the queue with the plainest behaviour that keeps its promises: no time, no order of priorities. */
export class MemoryQueue implements Queue {
  readonly tasks = new Map<TaskId, Task>();
  readonly leases = new Map<TaskId, LeaseToken>();
  readonly submissions: SubmitRequest[] = [];
  readonly claims: ClaimByCall[] = [];
  readonly extensions: ExtendBySession[] = [];
  readonly settlements: Settlement[] = [];
  /** What `SessionStream.sent` was told. */
  readonly sent: { readonly tasks: readonly TaskId[]; readonly sequence: number }[] = [];
  closed = 0;
  resumed = 0;
  private readonly requests = new Map<string, { body: string; id: TaskId }>();
  private readonly streams = new Set<Open>();
  private readonly observers = new Set<ObserverSink>();
  private readonly watchers = new Set<() => void>();

  submit(requests: readonly SubmitRequest[]) {
    return Promise.resolve(requests.map((request) => this.submitOne(request)));
  }

  private submitOne(request: SubmitRequest) {
    this.submissions.push(request);
    const { requestId, ...body } = request;
    const text = requestId === undefined ? '' : JSON.stringify(body);
    const before = requestId === undefined ? undefined : this.requests.get(requestId);
    if (before !== undefined) {
      if (before.body !== text) return new Refusal('REQUEST_ID_REUSED', 'other body');
      return { task: this.known(before.id), deduplicated: true };
    }
    const task = newTask(request);
    this.tasks.set(task.id, task);
    if (requestId !== undefined) this.requests.set(requestId, { body: text, id: task.id });
    this.assign();
    for (const observer of this.observers) observer.task({ ...task, payloadBytes: task.input.payloadBytes });
    return { task, deduplicated: false };
  }

  get({ id, view }: GetQuery): Promise<Task> {
    const task = this.tasks.get(id);
    if (task === undefined) return Promise.reject(notFound(id));
    return Promise.resolve(view === 'full' ? task : basic(task));
  }

  list({ limit, after = 0, state, kind }: ListQuery) {
    const all = [...this.tasks.values()]
      .reverse()
      .filter(
        (task) => (state ?? task.status.state) === task.status.state && (kind ?? task.kind) === task.kind,
      );
    const tasks = all.slice(after, after + limit).map(basic);
    return Promise.resolve(after + limit < all.length ? { tasks, next: after + limit } : { tasks });
  }

  cancel({ id, reason }: CancelRequest): Promise<Task> {
    const task = this.tasks.get(id);
    if (task === undefined) return Promise.reject(notFound(id));
    if (task.status.state === 'completed') return Promise.reject(new Refusal('TASK_TERMINAL', 'it is final'));
    return Promise.resolve(this.change(id, { state: 'cancelled', reason }));
  }

  erase({ id }: { id: TaskId }): Promise<void> {
    return this.tasks.delete(id) ? Promise.resolve() : Promise.reject(notFound(id));
  }

  async *watch({ id, afterRevision, signal }: WatchRequest): AsyncIterable<Task> {
    let seen = afterRevision;
    for (;;) {
      const task = this.known(id);
      if (task.revision > seen || isFinal(task.status.state)) {
        seen = task.revision;
        yield task;
        if (isFinal(task.status.state)) return;
      }
      await new Promise<void>((resolve, reject) => {
        this.watchers.add(resolve);
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    }
  }

  /** What every task is expected to take. */
  expectedMs: number | undefined;

  endsInMs() {
    return this.expectedMs;
  }

  stats() {
    const counts = { pending: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 };
    for (const { status } of this.tasks.values()) counts[status.state] += 1;
    return Promise.resolve({ counts, leases: this.leases.size, nowUs: 2_000_000 });
  }

  peek(limit: number) {
    const pending = this.pending().slice(0, limit);
    return Promise.resolve(pending.map((task) => ({ ...task, payloadBytes: task.input.payloadBytes })));
  }

  openStream(request: OpenStream): SessionStream {
    const session = request.session ?? (randomBytes(16).toString('hex') as SessionId);
    const stream: Open = { ...request, id: session, inFlight: 0 };
    for (const other of this.streams) {
      if (other.id === session) other.sink.end(new Refusal('SESSION_SUPERSEDED', 'another stream took it'));
    }
    this.streams.add(stream);
    return {
      session,
      held: [],
      leaseMs: LEASE_MS,
      heartbeatMs: HEARTBEAT_MS,
      resume: () => {
        this.resumed += 1;
        this.assign();
      },
      close: () => {
        this.closed += 1;
        this.streams.delete(stream);
      },
      sent: (tasks, sequence) => this.sent.push({ tasks: tasks.map(({ id }) => id), sequence }),
    };
  }

  observe(sink: ObserverSink): () => void {
    this.observers.add(sink);
    return () => this.observers.delete(sink);
  }

  get observing(): number {
    return this.observers.size;
  }

  claim(request: ClaimByCall) {
    this.claims.push(request);
    const session = request.session ?? (randomBytes(16).toString('hex') as SessionId);
    let bytes = 0;
    const wanted = this.pending()
      .slice(0, request.limit)
      .filter(
        ({ input }, index) =>
          index === 0 || (bytes += input.payloadBytes) <= (request.maxInputBytes ?? Infinity),
      );
    const tasks = wanted.map((task) => this.lease(task));
    return Promise.resolve(request.handOut ? { tasks } : { session, tasks });
  }

  extend(request: ExtendBySession) {
    this.extensions.push(request);
    if (![...this.streams].some(({ id }) => id === request.session)) {
      return Promise.reject(new Refusal('SESSION_UNKNOWN', 'open a new one'));
    }
    const lost = request.held.filter(({ token }) => ![...this.leases.values()].includes(token));
    const revoked = lost.map(({ token }) => ({ token, reason: 'unknown' as const }));
    return Promise.resolve({ revoked, action: 'continue' as const, leaseMs: LEASE_MS });
  }

  settle(settlements: readonly Settlement[]) {
    return Promise.resolve(settlements.map((settlement) => this.settleOne(settlement)));
  }

  private settleOne(settlement: Settlement): SettleOutcome {
    const { id, token, outcome } = settlement;
    this.settlements.push(settlement);
    const task = this.tasks.get(id);
    if (task === undefined) return { kind: 'not_found' };
    if (this.leases.get(id) !== token) return { kind: 'lease_lost', state: task.status.state };
    this.leases.delete(id);
    return { kind: 'settled', state: this.change(id, statusAfter(outcome)).status.state };
  }

  revoke(leases: readonly RevokedLease[]): void {
    for (const { sink } of this.streams) sink.send({ kind: 'leases_revoked', leases });
  }

  /** Tells every stream, as a shutdown does. */
  drain(graceMs: number): void {
    for (const { sink } of this.streams) sink.send({ kind: 'draining', graceMs });
  }

  endStreams(): void {
    const draining = new Refusal('SERVER_DRAINING', 'the server is shutting down');
    for (const { sink } of this.streams) sink.end(draining);
    for (const observer of this.observers) observer.end(draining);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  change(id: TaskId, status: TaskStatus): Task {
    const task = this.known(id);
    const changed = { ...task, status, revision: task.revision + 1 };
    this.tasks.set(id, changed);
    for (const watcher of [...this.watchers]) {
      this.watchers.delete(watcher);
      watcher();
    }
    return changed;
  }

  private known(id: TaskId): Task {
    const task = this.tasks.get(id);
    if (task === undefined) throw notFound(id);
    return task;
  }

  private pending(): Task[] {
    return [...this.tasks.values()].filter(({ status }) => status.state === 'pending');
  }

  private lease(task: Task): LeasedTask {
    const token = randomBytes(16).toString('hex') as LeaseToken;
    this.leases.set(task.id, token);
    this.change(task.id, { state: 'processing' });
    const { id, kind, language, priority, input, createUs } = task;
    const given = { id, token, attempt: 1, kind, language, priority, input, createUs };
    return { ...given, grantUs: createUs, leaseMs: LEASE_MS, maxRunMs: 3_600_000 };
  }

  private assign(): void {
    for (const stream of this.streams) {
      if (!stream.sink.writable) continue;
      const tasks = this.pending()
        .slice(0, stream.maxInFlight - stream.inFlight)
        .map((task) => this.lease(task));
      stream.inFlight += tasks.length;
      if (tasks.length > 0) stream.sink.send({ kind: 'tasks_assigned', tasks });
    }
  }
}

function statusAfter(outcome: SettlementOutcome): TaskStatus {
  switch (outcome.kind) {
    case 'completed':
      return { state: 'completed', result: outcome.result, validator: 'a validator' };
    case 'failed':
      return { state: 'failed', failure: outcome.failure };
    case 'released':
      return { state: 'pending' };
  }
}

function newTask(request: SubmitRequest): Task {
  const { owner, kind, language, priority, input, callbackUrl } = request;
  return {
    id: uuidV7(1_700_000_000_000, randomBytes(10)),
    owner,
    kind,
    language,
    priority,
    status: { state: 'pending' },
    revision: 1,
    createUs: 1_000_000,
    queueUs: 1_000_000,
    attemptCount: 0,
    maxAttempts: request.maxAttempts ?? 3,
    input,
    attempts: [],
    responses: [],
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
  };
}

function basic(task: Task): Task {
  const { payload: _, ...input } = task.input;
  return { ...task, input, attempts: [], responses: [] };
}

function notFound(id: TaskId): Refusal {
  return new Refusal('TASK_NOT_FOUND', `there is no task ${id}`, { metadata: { task_id: id } });
}
