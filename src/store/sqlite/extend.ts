import { LEASE_MS } from '../../domain/limits.js';
import type { LeaseToken } from '../../domain/ids.js';
import type { ExtendOutcome, ExtendRequest } from '../../queue/task-store.js';
import { sql, type Context } from './context.js';
import { confirm, findHeld, giveBack, loseLease, type Held } from './lease.js';

/** Confirms and renews what the session holds, and returns what it was told of and does not hold. */
export function extend(context: Context, request: ExtendRequest): ExtendOutcome {
  const lost: LeaseToken[] = [];
  for (const { token, progress } of request.held) {
    const held = ownLease(context, request, token);
    if (held === undefined) {
      lost.push(token);
      continue;
    }
    confirm(context, held);
    renew(context, held);
    if (
      progress !== undefined &&
      (progress.fraction !== held.lease.progress || progress.stage !== held.lease.stage)
    )
      showProgress(context, held, progress);
  }
  for (const token of request.delivered) {
    const held = ownLease(context, request, token);
    if (held !== undefined) forsake(context, held);
  }
  return { lost };
}

function ownLease(context: Context, { session }: ExtendRequest, token: LeaseToken): Held | undefined {
  const held = findHeld(context, 'token', token);
  return held?.lease.session === session && held.lease.hand_out === 0 ? held : undefined;
}

function renew({ db, nowUs }: Context, { lease }: Held): void {
  sql(db, 'UPDATE lease SET expire_us = min(?, run_until_us) WHERE seq = ? AND token = ?').run(
    nowUs + LEASE_MS * 1000,
    lease.seq,
    lease.token,
  );
}

function showProgress(
  context: Context,
  { lease, task }: Held,
  progress: { readonly fraction: number; readonly stage: string },
): void {
  sql(context.db, 'UPDATE lease SET progress = ?, stage = ? WHERE seq = ?').run(
    progress.fraction,
    progress.stage,
    lease.seq,
  );
  sql(context.db, 'UPDATE task SET revision = revision + 1 WHERE seq = ?').run(task.seq);
  context.effects.changed.push(task.id);
}

/** The holder knows of the lease and does not name it: it forgot the task, which another one may take. */
function forsake(context: Context, held: Held): void {
  if (held.lease.confirmed === 0) {
    giveBack(context, held, 'given_back');
    return;
  }
  loseLease(context, held, 'given_back');
}
