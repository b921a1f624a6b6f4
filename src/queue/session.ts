import type { LeaseToken, SessionId, TaskId } from '../domain/ids.js';
import type { TaskKind } from '../domain/task.js';
import type { RevokedLease, SessionSink } from './queue.js';
import type { LeasedTask } from './task-store.js';

/** A lease as its session sees it. */
interface HeldLease {
  readonly id: TaskId;
  /** Sequence number of the event that brought it; absent until it is sent, 0 for one by call or from before. */
  sequence: number | undefined;
  /** Heartbeats in a row that did not name it although its event was seen. */
  misses: number;
}

/** Heartbeats that may leave a lease out before it is taken back: one may have been on its way. */
const MAX_MISSES = 2;

/** A validator's session: its leases, and its stream while it has one. */
export class Session {
  readonly id: SessionId;
  holder = '';
  maxInFlight = 0;
  kinds: readonly TaskKind[] = [];
  sink: SessionSink | undefined;
  readonly #held = new Map<LeaseToken, HeldLease>();

  constructor(id: SessionId) {
    this.id = id;
  }

  get outstanding(): number {
    return this.#held.size;
  }

  get tokens(): readonly LeaseToken[] {
    return [...this.#held.keys()];
  }

  /** Room for more leases; none while the stream's reader is behind. */
  get credit(): number {
    if (this.sink?.writable !== true) return 0;
    return Math.max(0, this.maxInFlight - this.#held.size);
  }

  /** It had a stream and has none now. */
  get lostStream(): boolean {
    return this.maxInFlight > 0 && this.sink === undefined;
  }

  grant(tasks: readonly Pick<LeasedTask, 'id' | 'token'>[], sequence?: number): void {
    for (const { id, token } of tasks) this.#held.set(token, { id, sequence, misses: 0 });
  }

  sent(tasks: readonly Pick<LeasedTask, 'token'>[], sequence: number): void {
    for (const { token } of tasks) {
      const lease = this.#held.get(token);
      if (lease !== undefined) lease.sequence = sequence;
    }
  }

  end(token: LeaseToken): boolean {
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

  revoke(lease: RevokedLease): void {
    this.sink?.send({ kind: 'leases_revoked', leases: [lease] });
  }
}
