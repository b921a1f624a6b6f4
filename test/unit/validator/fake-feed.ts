import { Refusal } from '../../../src/domain/errors.js';
import type { LeaseToken, SessionId, Sha256, TaskId } from '../../../src/domain/ids.js';
import type { TaskKind } from '../../../src/domain/task.js';
import type {
  Extended,
  Extension,
  FedTask,
  FeedEvent,
  FeedSettled,
  FeedSettlement,
  MinerReport,
  PolledFeed,
  Subscription,
  TaskFeed,
} from '../../../src/validator/ports/task-feed.js';

type Unnumbered<Event> = Event extends unknown ? Omit<Event, 'sequence'> : never;

/** A proxy in memory: the test says what it sends and what it answers. */
export class FakeFeed implements TaskFeed, PolledFeed {
  maxInlineOutputBytes = 64;
  readonly subscriptions: Subscription[] = [];
  readonly extensions: Extension[] = [];
  readonly settlements: FeedSettlement[] = [];
  readonly uploads: { task: FedTask; bytes: Uint8Array }[] = [];
  readonly reports: MinerReport[] = [];
  closed = false;
  /** Why a subscription is refused; absent lets it stand. */
  refuses: Refusal | undefined;
  answerExtend: (extension: Extension) => Extended = () => ({ revoked: [], action: 'continue' });
  /** May throw. */
  answerSettle: (settlement: FeedSettlement) => FeedSettled = () => ({ kind: 'settled' });
  /** May throw; the health of the polled proxy. */
  health: () => void = () => {
    throw new Refusal('UNAVAILABLE', 'nothing listens there', { metadata: { cause: 'ECONNREFUSED' } });
  };
  readonly waiting: FedTask[] = [];
  readonly limits: number[] = [];
  private stream: Stream | undefined;

  /** Sends an event on the current stream. */
  send(event: Unnumbered<FeedEvent>): void {
    if (this.stream === undefined) throw new Error('no stream stands');
    this.stream.push(event);
  }

  end(reason: Refusal): void {
    this.stream?.fail(reason);
  }

  async *subscribe(subscription: Subscription): AsyncIterable<FeedEvent> {
    this.subscriptions.push(subscription);
    if (this.refuses !== undefined) throw this.refuses;
    const stream = new Stream(subscription.signal);
    this.stream = stream;
    stream.push({ kind: 'started', session: 'a'.repeat(32) as SessionId, heartbeatMs: 5000 });
    yield* stream.events();
  }

  extend(extension: Extension): Promise<Extended> {
    this.extensions.push(extension);
    return Promise.resolve().then(() => this.answerExtend(extension));
  }

  settle(settlement: FeedSettlement): Promise<FeedSettled> {
    this.settlements.push(settlement);
    return Promise.resolve().then(() => this.answerSettle(settlement));
  }

  downloadInput(task: FedTask): Promise<Uint8Array> {
    return Promise.resolve(Buffer.alloc(task.payload.kind === 'content' ? task.payload.sizeBytes : 0, 'x'));
  }

  uploadOutput(task: FedTask, bytes: Uint8Array): Promise<{ sha256: Sha256; sizeBytes: number }> {
    this.uploads.push({ task, bytes });
    return Promise.resolve({ sha256: 'f'.repeat(64) as Sha256, sizeBytes: bytes.byteLength });
  }

  report(report: MinerReport): Promise<void> {
    this.reports.push(report);
    return Promise.resolve();
  }

  check(): Promise<void> {
    return Promise.resolve().then(() => {
      this.health();
    });
  }

  pending(): Promise<number> {
    return Promise.resolve(this.waiting.length);
  }

  take(limit: number): Promise<readonly FedTask[]> {
    this.limits.push(limit);
    return Promise.resolve(this.waiting.splice(0, limit));
  }

  close(): void {
    this.closed = true;
  }
}

class Stream {
  private readonly queue: FeedEvent[] = [];
  private failure: Error | undefined;
  private sequence = 0;
  private wake: () => void = () => undefined;

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', () => {
      this.fail(signal.reason as Error);
    });
  }

  push(event: Unnumbered<FeedEvent>): void {
    this.sequence += 1;
    this.queue.push({ ...event, sequence: this.sequence });
    this.wake();
  }

  fail(reason: Error): void {
    this.failure ??= reason;
    this.wake();
  }

  async *events(): AsyncIterable<FeedEvent> {
    for (;;) {
      const event = this.queue.shift();
      if (event !== undefined) yield event;
      else if (this.failure !== undefined) throw this.failure;
      else
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
    }
  }
}

let made = 0;

/** A task as a proxy hands it out. */
export function fedTask(kind: TaskKind = 'summarization', overrides: Partial<FedTask> = {}): FedTask {
  made += 1;
  return {
    id: `task-${made}` as TaskId,
    token: made.toString(16).padStart(32, '0') as LeaseToken,
    kind,
    language: 'en',
    priority: 'normal',
    payload: { kind: 'inline', bytes: Buffer.from('Long text to summarize...') },
    leaseMs: 20_000,
    maxRunMs: 3_600_000,
    ...overrides,
  };
}
