import type { LeaseToken, SessionId } from '../../domain/ids.js';
import { HAND_OUT_LEASE_MS, LEASE_MS } from '../../domain/limits.js';
import type { LeaseRow, TaskRow } from './row.js';

/** A lease with the task it is on; what is not readonly is written by the lease's operations alone. */
export interface Lease extends Omit<LeaseRow, 'revision' | 'confirm_us'> {
  /** As its row says; the row does not change while the lease lives. */
  readonly task: TaskRow;
  readonly run_until_us: number;
  revision: number;
  confirm_us: number | null;
  expire_us: number;
}

/**
 * The leases that are granted, in memory: what their holders send is answered without reading, and a
 * renewal writes nothing. About 1 KiB a lease.
 */
export class Leases {
  readonly #byToken = new Map<LeaseToken, Lease>();
  readonly #bySeq = new Map<number, Lease>();
  readonly #bySession = new Map<SessionId, Set<Lease>>();

  get size(): number {
    return this.#bySeq.size;
  }

  add(lease: Lease): void {
    this.#byToken.set(lease.token, lease);
    this.#bySeq.set(lease.seq, lease);
    const session = this.#bySession.get(lease.session);
    if (session === undefined) this.#bySession.set(lease.session, new Set([lease]));
    else session.add(lease);
  }

  delete(lease: Lease): void {
    this.#byToken.delete(lease.token);
    this.#bySeq.delete(lease.seq);
    const session = this.#bySession.get(lease.session);
    session?.delete(lease);
    if (session?.size === 0) this.#bySession.delete(lease.session);
  }

  withToken(token: LeaseToken): Lease | undefined {
    return this.#byToken.get(token);
  }

  on(seq: number): Lease | undefined {
    return this.#bySeq.get(seq);
  }

  ofSession(session: SessionId): ReadonlySet<Lease> {
    return this.#bySession.get(session) ?? NONE;
  }

  /** How many a session holds, without its hand-outs. */
  renewableOf(session: SessionId): number {
    let count = 0;
    for (const { hand_out } of this.ofSession(session)) if (hand_out === 0) count += 1;
    return count;
  }

  /** Those whose time is over, at most so many. Looks at every lease: 0.1 ms for 10,000. */
  expired(nowUs: number, limit: number): Lease[] {
    const found: Lease[] = [];
    for (const lease of this.#bySeq.values()) {
      if (lease.expire_us > nowUs) continue;
      found.push(lease);
      if (found.length === limit) break;
    }
    return found;
  }
}

const NONE: ReadonlySet<Lease> = new Set();

/** A lease as it is when it is granted, or taken up after a restart. */
export function liveLease(row: LeaseRow, task: TaskRow, nowUs: number): Lease {
  const runUntilUs = row.grant_us + task.max_run_ms * 1000;
  // A hand-out cannot be renewed; its time runs on from the grant.
  const expireUs = row.hand_out === 1 ? row.grant_us + HAND_OUT_LEASE_MS * 1000 : nowUs + LEASE_MS * 1000;
  return {
    seq: row.seq,
    token: row.token,
    session: row.session,
    holder: row.holder,
    hand_out: row.hand_out,
    rank: row.rank,
    revision: row.revision,
    grant_us: row.grant_us,
    confirm_us: row.confirm_us,
    task,
    run_until_us: runUntilUs,
    expire_us: Math.min(expireUs, runUntilUs),
  };
}

export function renew(lease: Lease, nowUs: number): void {
  lease.expire_us = Math.min(nowUs + LEASE_MS * 1000, lease.run_until_us);
}
