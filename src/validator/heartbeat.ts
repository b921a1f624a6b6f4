import { Refusal } from '../domain/errors.js';
import type { SessionId } from '../domain/ids.js';
import { HEARTBEAT_MS } from '../domain/limits.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { TaskFeed } from './ports/task-feed.js';
import { timedSignal } from '../runtime/wait.js';
import type { Workbench } from './workbench.js';

/** A beat without an answer for so long is given up. */
const BEAT_TIMEOUT_MS = 5_000;

export interface HeartbeatDeps {
  readonly feed: TaskFeed;
  readonly workbench: Workbench;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Renews the leases of a session every few seconds, one call at a time, also while its stream is being reopened. */
export class Heartbeat {
  private session: SessionId | undefined;
  private lastSequence = 0;
  private intervalMs = HEARTBEAT_MS;
  private onReconnect: () => void = () => undefined;
  private beating: Promise<void> | undefined;
  private again = false;
  private cancelTimer: () => void = () => undefined;

  constructor(private readonly deps: HeartbeatDeps) {
    deps.signal.addEventListener('abort', () => {
      this.cancelTimer();
    });
  }

  /** The stream stands: `onReconnect` is called when the proxy says that it has none. */
  opened(session: SessionId, intervalMs: number, onReconnect: () => void): void {
    this.session = session;
    this.intervalMs = intervalMs;
    this.onReconnect = onReconnect;
  }

  /**
   * The stream is gone. Sequence numbers of the next one begin anew, so no beat that speaks of this one may be on
   * its way any more: resolves when none is.
   */
  async closed(): Promise<void> {
    this.lastSequence = 0;
    this.onReconnect = () => undefined;
    this.again = false;
    await this.beating;
  }

  /** An event was seen and what it delivered is held. */
  seen(sequence: number): void {
    this.lastSequence = sequence;
  }

  /** Renews now. */
  beat(): void {
    if (this.session === undefined || this.deps.signal.aborted) return;
    this.cancelTimer();
    if (this.beating !== undefined) {
      this.again = true;
      return;
    }
    this.again = false;
    this.beating = this.renew(this.session).finally(() => {
      this.beating = undefined;
      if (this.again) this.beat();
      else this.later();
    });
  }

  private later(): void {
    if (this.deps.signal.aborted) return;
    this.cancelTimer = this.deps.clock.after(this.intervalMs, () => {
      this.beat();
    });
  }

  /** Never rejects. */
  private async renew(session: SessionId): Promise<void> {
    const { feed, workbench, clock, log, signal } = this.deps;
    const { lastSequence, onReconnect } = this;
    const timed = timedSignal(
      clock,
      BEAT_TIMEOUT_MS,
      signal,
      () => new Refusal('DEADLINE_EXCEEDED', 'no answer'),
    );
    try {
      const held = workbench.leases();
      const { revoked, action } = await feed.extend({ session, held, lastSequence }, timed.signal);
      for (const { token, reason } of revoked) workbench.lose(token, reason);
      if (action === 'reconnect') onReconnect();
    } catch (error) {
      log.debug({ err: error }, 'leases could not be renewed');
      if (error instanceof Refusal && error.reason === 'SESSION_UNKNOWN') onReconnect();
    } finally {
      timed.release();
    }
  }
}
