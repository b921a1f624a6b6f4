import type { LeaseToken } from '../../domain/ids.js';
import type { ExtendOutcome, ExtendRequest } from '../../queue/task-store.js';
import type { Context } from './context.js';
import { confirm, giveBack, loseLease } from './lease.js';
import { renew, type Lease } from './leases.js';

/** Confirms and renews what the session holds, and returns what it was told of and does not hold. */
export function extend(context: Context, request: ExtendRequest): ExtendOutcome {
  const lost: LeaseToken[] = [];
  for (const token of request.held) {
    const lease = ownLease(context, request, token);
    if (lease === undefined) {
      lost.push(token);
      continue;
    }
    confirm(context, lease);
    renew(lease, context.nowUs);
  }
  for (const token of request.delivered) {
    const lease = ownLease(context, request, token);
    if (lease !== undefined) forsake(context, lease);
  }
  return { lost };
}

function ownLease({ memory }: Context, { session }: ExtendRequest, token: LeaseToken): Lease | undefined {
  const lease = memory.leases.withToken(token);
  return lease?.session === session && lease.hand_out === 0 ? lease : undefined;
}

/** The holder knows of the lease and does not name it: it forgot the task, which another one may take. */
function forsake(context: Context, lease: Lease): void {
  if (lease.confirm_us === null) giveBack(context, lease, 'given_back');
  else loseLease(context, lease, 'given_back');
}
