import type { SessionId } from '../domain/ids.js';
import type { Clock } from '../runtime/clock.js';
import type { Demand, Matcher } from './matcher.js';
import type { ClaimByCall } from './queue.js';
import type { LeasedTask } from './task-store.js';

/**
 * Claims by one call: a demand that the matcher serves once, now or as soon as there is work within
 * `waitMs`.
 *
 * @throws Refusal SERVER_DRAINING, or what the store threw
 */
export async function claimByCall(
  matcher: Matcher,
  clock: Clock,
  request: ClaimByCall & { readonly session: SessionId },
): Promise<readonly LeasedTask[]> {
  const { session, holder, kinds, handOut, limit, maxInputBytes, waitMs, signal } = request;
  let taken: readonly LeasedTask[] = [];
  const stop: (() => void)[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const demand: Demand = {
        session,
        holder,
        kinds,
        handOut,
        ...(maxInputBytes !== undefined && { maxInputBytes }),
        wanted: () => (taken.length === 0 ? limit : 0),
        load: () => 0,
        take: (tasks) => {
          taken = tasks;
          if (tasks.length > 0 || waitMs === 0) resolve();
        },
        fail: reject,
      };
      // What a claim under way brings must not be lost.
      const giveUp = () => {
        void matcher.remove(demand).then(resolve);
      };
      if (waitMs > 0) stop.push(clock.after(waitMs, giveUp));
      signal.addEventListener('abort', giveUp, { once: true });
      stop.push(
        () => {
          signal.removeEventListener('abort', giveUp);
        },
        () => void matcher.remove(demand),
      );
      matcher.add(demand);
      if (signal.aborted) giveUp();
    });
    return taken;
  } finally {
    for (const end of stop) end();
  }
}
