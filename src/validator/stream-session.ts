import { Refusal } from '../domain/errors.js';
import type { SessionId } from '../domain/ids.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { Heartbeat } from './heartbeat.js';
import type { FeedEvent, TaskFeed } from './ports/task-feed.js';
import type { Workbench } from './workbench.js';

/** A stream that does not stand after so long never will: what is between does not speak HTTP/2. */
const START_TIMEOUT_MS = 10_000;
/** Three keep-alives missed. */
const SILENCE_MS = 30_000;

export interface StreamDeps {
  readonly feed: TaskFeed;
  readonly workbench: Workbench;
  readonly heartbeat: Heartbeat;
  readonly clock: Clock;
  readonly log: Logger;
  readonly holder: string;
  readonly maxInFlight: number;
  /** Called when the stream stands. */
  readonly onStarted: () => void;
}

export interface StreamEnd {
  /** Whether it stood. */
  readonly started: boolean;
  readonly reason: Refusal;
}

/** The streams of one session, one after another: confirmed leases outlive each of them. */
export class StreamSession {
  private session: SessionId | undefined;

  constructor(private readonly deps: StreamDeps) {}

  /** Opens the stream and takes its tasks until it ends. Never rejects. @param patient see Subscription */
  async run(signal: AbortSignal, patient = false): Promise<StreamEnd> {
    const { heartbeat, feed, holder, maxInFlight } = this.deps;
    const watch = new Watch(this.deps.clock, signal);
    let started = false;
    try {
      const subscription = { holder, maxInFlight, patient, signal: watch.signal };
      const events = feed.subscribe({
        ...subscription,
        ...(this.session === undefined ? {} : { session: this.session }),
      });
      watch.expect(START_TIMEOUT_MS, 'the stream did not start');
      for await (const event of events) {
        started ||= event.kind === 'started';
        watch.expect(SILENCE_MS, 'the proxy was silent');
        this.handle(event, watch);
      }
      return { started, reason: new Refusal('UNAVAILABLE', 'the proxy ended the stream') };
    } catch (error) {
      return { started, reason: this.ended(error, watch) };
    } finally {
      watch.release();
      await heartbeat.closed();
    }
  }

  private handle(event: FeedEvent, watch: Watch): void {
    const { feed, workbench, heartbeat, log, onStarted } = this.deps;
    switch (event.kind) {
      case 'started':
        this.session = event.session;
        heartbeat.opened(event.session, event.heartbeatMs, () => {
          watch.end('the proxy asked to connect again');
        });
        onStarted();
        break;
      case 'assigned':
        workbench.accept(event.tasks, feed, true);
        break;
      case 'revoked':
        for (const { token, reason } of event.leases) workbench.lose(token, reason);
        break;
      case 'draining':
        log.info({ grace_ms: event.graceMs }, 'the proxy is shutting down');
        break;
      case 'keep_alive':
        break;
    }
    heartbeat.seen(event.sequence);
    // Confirms what was assigned; after a reconnection it also tells which leases are gone.
    if (event.kind === 'assigned' || event.kind === 'started') heartbeat.beat();
  }

  private ended(error: unknown, watch: Watch): Refusal {
    const cause: unknown = watch.signal.aborted ? watch.signal.reason : error;
    const refusal = cause instanceof Refusal ? cause : new Refusal('INTERNAL', 'the stream broke', { cause });
    if (refusal.reason === 'SESSION_SUPERSEDED' || refusal.reason === 'SESSION_UNKNOWN') {
      this.deps.log.warn("the session is another's now; a new one is opened");
      this.session = undefined;
    }
    return refusal;
  }
}

/** Ends a stream that shows no sign of life in time. */
class Watch {
  private readonly controller = new AbortController();
  private cancel: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly parent: AbortSignal,
  ) {
    if (parent.aborted) this.follow();
    parent.addEventListener('abort', this.follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  expect(withinMs: number, problem: string): void {
    this.cancel();
    this.cancel = this.clock.after(withinMs, () => {
      this.end(`${problem} within ${withinMs / 1000} s`);
    });
  }

  end(why: string): void {
    this.controller.abort(new Refusal('UNAVAILABLE', why));
  }

  release(): void {
    this.cancel();
    this.parent.removeEventListener('abort', this.follow);
  }

  private readonly follow = (): void => {
    this.controller.abort(this.parent.reason);
  };
}
