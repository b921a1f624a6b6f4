import type { SessionId } from '../../src/domain/ids.js';
import type { Evidence, Lease, Violation } from './evidence.js';

/**
 * I3: at most one lease of a task is valid at a time, and no token comes twice.
 *
 * Sees two leases that were both surely valid at one instant (see `Lease.valid`). Cannot see an overlap
 * with a lease that its holder never used after it arrived: such a one may have ended on its way.
 */
export function* checkExclusion({ tasks, leases }: Evidence): Generator<Violation> {
  for (const { token, deliveries } of leases) {
    const [first, second] = deliveries;
    if (first === undefined || second === undefined) continue;
    const detail = `token ${token} was delivered to ${first.client} and to ${second.client}`;
    yield { invariant: 'I3', taskId: second.taskId, detail };
  }
  for (const { id, leases: own } of tasks.values()) {
    let last: { readonly lease: Lease; readonly toMs: number } | undefined;
    for (const lease of own.filter(({ valid }) => valid !== undefined).sort(byArrival)) {
      const { fromMs, toMs } = lease.valid ?? { fromMs: 0, toMs: 0 };
      if (last !== undefined && fromMs < last.toMs) {
        const both = `${last.lease.token} and ${lease.token} were both valid`;
        yield { invariant: 'I3', taskId: id, detail: `${both} for ${Math.min(toMs, last.toMs) - fromMs} ms` };
      }
      if (last === undefined || toMs > last.toMs) last = { lease, toMs };
    }
  }
}

/**
 * I4, first half: a lease that was lost never counts again. The other half, that the settle of a lost
 * lease leaves no trace, is `checkTraces`.
 *
 * Sees a call about a lease that was accepted although it began after the answer that the lease is lost.
 */
export function* checkFencing({ leases }: Evidence): Generator<Violation> {
  for (const { token, deliveries, settles, acceptedMs, lostMs } of leases) {
    if (acceptedMs <= lostMs) continue;
    const taskId = (deliveries[0] ?? settles[0])?.taskId;
    const detail = `token ${token} was lost and accepted ${acceptedMs - lostMs} ms later`;
    yield { invariant: 'I4', detail, ...(taskId !== undefined && { taskId }) };
  }
}

/**
 * I10: the unsettled leases of a session never exceed its bound.
 *
 * Counts the leases that were surely valid at one instant, so a lease that its holder dropped unused
 * does not count. A session that asked for different bounds is held to the largest.
 */
export function* checkCredit({ leases }: Evidence): Generator<Violation> {
  const sessions = new Map<SessionId, { bound: number; readonly steps: { atMs: number; by: 1 | -1 }[] }>();
  for (const { deliveries, valid } of leases) {
    const [delivery] = deliveries;
    if (delivery?.maxInFlight === undefined || valid === undefined) continue;
    const session = sessions.get(delivery.session) ?? { bound: 0, steps: [] };
    sessions.set(delivery.session, session);
    session.bound = Math.max(session.bound, delivery.maxInFlight);
    session.steps.push({ atMs: valid.fromMs, by: 1 }, { atMs: valid.toMs, by: -1 });
  }
  for (const [session, { bound, steps }] of sessions) {
    let held = 0;
    let most = 0;
    // Of two steps at one instant the end goes first: they need not have overlapped.
    for (const { by } of steps.sort((a, b) => a.atMs - b.atMs || a.by - b.by)) {
      held += by;
      most = Math.max(most, held);
    }
    if (most > bound)
      yield { invariant: 'I10', detail: `session ${session} held ${most} leases and asked for ${bound}` };
  }
}

function byArrival(a: Lease, b: Lease): number {
  return (a.valid?.fromMs ?? 0) - (b.valid?.fromMs ?? 0);
}
