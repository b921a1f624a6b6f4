import type { LeaseToken, Owner, SessionId, TaskId } from '../domain/ids.js';
import type { TaskKind } from '../domain/task.js';
import type { RevokedLease, SessionSink } from './queue.js';
import type { LeasedTask, LeaseEnd } from './task-store.js';

/** A lease as its session sees it. */
interface HeldLease {
  readonly id: TaskId;
  /** Sequence number of the event that brought it; absent until it is sent, 0 for one by call or from before. */
  sequence: number | undefined;
  /** Heartbeats in a row that did not name it although its event was seen. */
  misses: number;
}

/** A lease that went out by the stream and was not named since. */
export interface Delivery {
  readonly id: TaskId;
  readonly token: LeaseToken;
  readonly kind: TaskKind;
  /** Milliseconds of the queue's clock. */
  readonly deliverMs: number;
}

/** How long a holder may leave a delivery unconfirmed while others are without work. */
const CONFIRM_MS = 500;
/** Heartbeats that may leave a lease out before it is taken back: one may have been on its way. */
const MAX_MISSES = 2;

/** Whether to expect that a session works on what it gets. */
export type Standing =
  /** It is heard of. */
  | 'prompt'
  /** It was never heard of: it may be a reader that never reads. */
  | 'unproven'
  /** It leaves deliveries unconfirmed, or lost some so and was not heard of since. */
  | 'sitting';

/** A validator's session: its leases, and its stream while it has one. */
export class Session {
  readonly id: SessionId;
  /** Absent after a restart, until somebody names it. */
  owner: Owner | undefined;
  holder = '';
  maxInFlight = 0;
  kinds: readonly TaskKind[] = [];
  sink: SessionSink | undefined;
  readonly #held = new Map<LeaseToken, HeldLease>();
  /** Oldest first. */
  readonly #unconfirmed = new Map<LeaseToken, Delivery>();
  #doubted = false;
  /** It was heard of. */
  #proven = false;

  constructor(id: SessionId) {
    this.id = id;
  }

  get outstanding(): number {
    return this.#held.size;
  }

  /** Without those that its stream brought and that it did not confirm: they end with the stream. */
  get tokens(): readonly LeaseToken[] {
    return [...this.#held.keys()].filter((token) => !this.#unconfirmed.has(token));
  }

  /** The task of a lease that it holds. */
  taskOf(token: LeaseToken): TaskId | undefined {
    return this.#held.get(token)?.id;
  }

  /** What its stream brought and it did not confirm. */
  get unconfirmed(): readonly Delivery[] {
    return [...this.#unconfirmed.values()];
  }

  /** Room for more leases; none while the stream's reader is behind, or has not begun to read. */
  get credit(): number {
    if (this.sink?.writable !== true) return 0;
    if (!this.#proven && !this.sink.isRead) return 0;
    return Math.max(0, this.maxInFlight - this.#held.size);
  }

  /** It had a stream and has none now. */
  get lostStream(): boolean {
    return this.maxInFlight > 0 && this.sink === undefined;
  }

  standing(nowMs: number): Standing {
    const [oldest] = this.#unconfirmed.values();
    if (this.#doubted || (oldest !== undefined && (!this.#proven || isDue(oldest, nowMs)))) return 'sitting';
    return this.#proven ? 'prompt' : 'unproven';
  }

  /** Deliveries that should be confirmed by now, oldest first. */
  due(nowMs: number): readonly Delivery[] {
    return this.unconfirmed.filter((delivery) => isDue(delivery, nowMs));
  }

  /** Holds leases that its holder knows of: by call, or from before. */
  grant(tasks: readonly Pick<LeasedTask, 'id' | 'token'>[]): void {
    for (const { id, token } of tasks) this.#held.set(token, { id, sequence: 0, misses: 0 });
  }

  /** Holds leases that go out by the stream now. */
  deliver(tasks: readonly LeasedTask[], nowMs: number): void {
    for (const { id, token, kind } of tasks) {
      this.#held.set(token, { id, sequence: undefined, misses: 0 });
      this.#unconfirmed.set(token, { id, token, kind, deliverMs: nowMs });
    }
  }

  sent(tasks: readonly Pick<LeasedTask, 'token'>[], sequence: number): void {
    for (const { token } of tasks) {
      const lease = this.#held.get(token);
      if (lease !== undefined) lease.sequence = sequence;
    }
  }

  /** The holder was heard of and named these leases. */
  confirm(tokens: Iterable<LeaseToken>): void {
    this.#trust();
    for (const token of tokens) this.#unconfirmed.delete(token);
  }

  /** Deliveries are lost to it because it did not confirm them: others are served first until it is heard of. */
  doubt(): void {
    this.#doubted = true;
  }

  /** False when it does not hold the lease. */
  end(token: LeaseToken, cause?: LeaseEnd): boolean {
    if (this.#unconfirmed.delete(token) && cause === 'expired') this.doubt();
    if (cause === 'settled') this.#trust();
    return this.#held.delete(token);
  }

  /** Leases that the holder was told of up to an event and left out of two heartbeats in a row. */
  forsaken(named: ReadonlySet<LeaseToken>, lastSequence: number): readonly LeaseToken[] {
    const tokens: LeaseToken[] = [];
    for (const [token, lease] of this.#held) {
      if (named.has(token) || lease.sequence === undefined || lease.sequence > lastSequence) {
        lease.misses = 0;
        continue;
      }
      lease.misses += 1;
      if (lease.misses >= MAX_MISSES) tokens.push(token);
    }
    return tokens;
  }

  #trust(): void {
    this.#doubted = false;
    this.#proven = true;
  }

  revoke(lease: RevokedLease): void {
    this.sink?.send({ kind: 'leases_revoked', leases: [lease] });
  }
}

function isDue({ deliverMs }: Delivery, nowMs: number): boolean {
  return nowMs - deliverMs >= CONFIRM_MS;
}
