import type { GiveBackRequest } from '../../queue/task-store.js';
import type { Context } from './context.js';
import { endLease, giveBack, requeue } from './lease.js';

/** Returns unconfirmed leases of a session: those that are named, or all but its hand-outs. */
export function giveBackAll(context: Context, { session, tokens }: GiveBackRequest): void {
  const { leases } = context.memory;
  if (tokens === undefined) {
    for (const lease of [...leases.ofSession(session)])
      if (lease.confirm_us === null && lease.hand_out === 0) giveBack(context, lease, 'given_back');
    return;
  }
  for (const token of tokens) {
    const lease = leases.withToken(token);
    if (lease?.session !== session || lease.confirm_us !== null) continue;
    // The proxy's own decision does not count as a delivery that nobody confirmed.
    endLease(context, lease, 'given_back');
    requeue(context, lease);
  }
}
