import type { Weigh } from '../domain/balance.js';
import { Refusal } from '../domain/errors.js';
import type { Owner, SessionId, TaskId } from '../domain/ids.js';
import { HEARTBEAT_MS, LEASE_MS } from '../domain/limits.js';
import type { TaskProgress } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';
import { randomToken } from '../runtime/random.js';
import { claimByCall } from './claim.js';
import type { Demand, Matcher } from './matcher.js';
import type {
  ClaimByCall,
  ClaimedByCall,
  ExtendBySession,
  ExtendedBySession,
  OpenStream,
  Revocation,
  SessionStream,
} from './queue.js';
import { reclaims } from './reclaim.js';
import { Session } from './session.js';
import type { EndedLease, LeasedTask, LeaseEnd, LeaseRecord, TaskStore } from './task-store.js';

/**
 * A task that was taken back from a session is not taken back from the next one before its lease there
 * runs out, so that sessions that never confirm do not pass it to and fro for ever.
 */
const RECLAIM_AGAIN_MS = 2 * LEASE_MS;

export interface SessionsOptions {
  readonly store: TaskStore;
  readonly clock: Clock;
  readonly matcher: Matcher;
  readonly weigh: Weigh;
  readonly onDelivered: (tasks: readonly LeasedTask[]) => void;
  /** A holder says how far a task is. */
  readonly onProgress: (id: TaskId, progress: TaskProgress) => void;
  readonly onError: (error: unknown) => void;
}

/** The validators' sessions: who holds which lease, and where tasks and revocations go. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<SessionId, Session>();
  /** When each task was taken back the last time, oldest first. */
  readonly #reclaimed = new Map<TaskId, number>();
  #draining = false;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Leases that the store holds from before keep their sessions alive. */
  restore(leases: readonly LeaseRecord[]): void {
    for (const lease of leases) {
      const session = this.#session(lease.session);
      session.holder = lease.holder;
      session.grant([lease]);
    }
  }

  open(request: OpenStream): SessionStream {
    if (this.#draining) throw draining();
    const { matcher } = this.#options;
    const session = this.#sessionOf(request.session ?? newSessionId(), request.owner);
    const { unconfirmed } = session;
    session.sink?.end(new Refusal('SESSION_SUPERSEDED', 'another stream took the session over'));
    session.holder = request.holder;
    session.maxInFlight = request.maxInFlight;
    session.kinds = request.kinds;
    session.sink = request.sink;
    // What the older stream brought may never have been seen.
    this.#takeBack(session.id, unconfirmed);
    const demand = this.#demand(session, request);
    const held = session.tokens;
    // The stream announces itself before its first tasks.
    queueMicrotask(() => {
      if (session.sink === request.sink) matcher.add(demand);
    });
    return {
      session: session.id,
      held,
      leaseMs: LEASE_MS,
      heartbeatMs: HEARTBEAT_MS,
      resume: () => {
        matcher.wake();
      },
      sent: (tasks, sequence) => {
        session.sent(tasks, sequence);
      },
      close: () => {
        void matcher.remove(demand);
        if (session.sink !== request.sink) return;
        session.sink = undefined;
        this.#giveBackAll(session);
      },
    };
  }

  async claim(request: ClaimByCall): Promise<ClaimedByCall> {
    if (this.#draining) throw draining();
    const { matcher, clock, onDelivered } = this.#options;
    const id = request.session ?? newSessionId();
    if (this.#sessions.has(id)) this.#sessionOf(id, request.owner);
    const tasks = await claimByCall(
      {
        matcher,
        clock,
        granted: (granted) => {
          if (request.handOut || granted.length === 0) return;
          const session = this.#sessionOf(id, request.owner);
          session.holder = request.holder;
          session.grant(granted);
        },
        unwanted: (unwanted) => {
          this.#takeBack(id, unwanted);
        },
      },
      { ...request, session: id },
    );
    onDelivered(tasks);
    return request.handOut ? { tasks } : { session: id, tasks };
  }

  /** @throws Refusal SESSION_UNKNOWN */
  async extend(request: ExtendBySession): Promise<ExtendedBySession> {
    const { clock, matcher, store, onProgress } = this.#options;
    if (!this.#sessions.has(request.session)) throw unknownSession(request.session);
    const session = this.#sessionOf(request.session, request.owner);
    const named = new Set(request.held.map(({ token }) => token));
    const delivered = session.forsaken(named, request.lastSequence);
    const { lost } = await store.extend({ session: session.id, held: [...named], delivered });
    const before = session.standing(clock.now());
    session.confirm(named);
    if (before !== 'prompt') matcher.wake();
    for (const token of lost) session.end(token);
    for (const { token, progress } of request.held) {
      // One that ended meanwhile is the session's no more.
      const id = session.taskOf(token);
      if (id !== undefined && progress !== undefined) onProgress(id, progress);
    }
    this.#forget(session);
    return {
      revoked: lost.map((token) => ({ token, reason: 'unknown' })),
      action: this.#draining ? 'drain' : session.lostStream ? 'reconnect' : 'continue',
      leaseMs: LEASE_MS,
    };
  }

  /** A lease ended by a commit: its holder is told unless it ended the lease itself. */
  ended({ id, token, session: sessionId, cause }: EndedLease): void {
    const session = this.#sessions.get(sessionId);
    if (session?.end(token, cause) !== true) {
      this.#options.matcher.ended(token);
      return;
    }
    const reason = revocationOf(cause);
    if (reason !== undefined) session.revoke({ id, token, reason });
    this.#forget(session);
  }

  /** Gives streams that found nothing some of what other sessions leave unconfirmed. */
  reclaim(): void {
    const { clock, matcher } = this.#options;
    const nowMs = clock.now();
    for (const [id, atMs] of this.#reclaimed) {
      if (nowMs - atMs < RECLAIM_AGAIN_MS) break;
      this.#reclaimed.delete(id);
    }
    if (this.#draining || matcher.isBusy) return;
    const sessions = [...this.#sessions.values()];
    const idlers = sessions
      .filter((session) => session.credit > 0 && session.standing(nowMs) !== 'sitting')
      .map(({ credit, kinds }) => ({ room: credit, kinds }));
    if (idlers.length === 0) return;
    const heaps = sessions.map((session) => ({
      session: session.id,
      deliveries: session.due(nowMs).filter(({ id }) => !this.#reclaimed.has(id)),
    }));
    for (const { session, deliveries } of reclaims(heaps, idlers)) {
      this.#session(session).doubt();
      for (const { id } of deliveries) this.#reclaimed.set(id, nowMs);
      this.#takeBack(session, deliveries);
    }
  }

  /** Stops handing out and tells every stream. */
  drain(graceMs: number): void {
    this.#draining = true;
    for (const { sink } of this.#sessions.values()) sink?.send({ kind: 'draining', graceMs });
  }

  endStreams(): void {
    this.#draining = true;
    for (const { sink } of this.#sessions.values()) sink?.end(draining());
  }

  #demand(session: Session, { holder, kinds, maxInFlight, sink }: OpenStream): Demand {
    const { clock, weigh } = this.#options;
    return {
      session: session.id,
      holder,
      kinds,
      handOut: false,
      maxInFlight,
      wanted: () => (session.sink === sink ? session.credit : 0),
      load: () => session.outstanding / weigh({ holder, maxInFlight }),
      standing: () => session.standing(clock.now()),
      take: (tasks) => {
        this.#deliver(session, tasks);
      },
      fail: () => undefined,
    };
  }

  #deliver(session: Session, tasks: readonly LeasedTask[]): void {
    if (tasks.length === 0) return;
    if (session.sink === undefined || this.#draining) {
      this.#takeBack(session.id, tasks);
      return;
    }
    session.deliver(tasks, this.#options.clock.now());
    this.#options.onDelivered(tasks);
    session.sink.send({ kind: 'tasks_assigned', tasks });
  }

  /** Returns leases that their holder did not confirm; it does not count against their tasks. */
  #takeBack(session: SessionId, leases: readonly Pick<LeasedTask, 'token'>[]): void {
    if (leases.length === 0) return;
    const tokens = leases.map(({ token }) => token);
    this.#options.store.giveBack({ session, tokens }).catch(this.#options.onError);
  }

  /** Its stream closed: nobody will confirm what it brought. */
  #giveBackAll(session: Session): void {
    this.#options.store.giveBack({ session: session.id }).then(() => {
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

  /** @throws Refusal SESSION_UNKNOWN for one of another owner */
  #sessionOf(id: SessionId, owner: Owner): Session {
    const session = this.#session(id);
    session.owner ??= owner;
    if (session.owner !== owner) throw unknownSession(id);
    return session;
  }

  /** A session without stream and leases is gone. */
  #forget(session: Session): void {
    if (session.sink === undefined && session.outstanding === 0) this.#sessions.delete(session.id);
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

function unknownSession(id: SessionId): Refusal {
  return new Refusal('SESSION_UNKNOWN', 'the session is not known; open a new one', {
    metadata: { session_id: id },
  });
}

function newSessionId(): SessionId {
  return randomToken() as SessionId;
}

export function draining(): Refusal {
  return new Refusal('SERVER_DRAINING', 'the server is shutting down; connect again', {
    retryAfterMs: 1_000,
  });
}
