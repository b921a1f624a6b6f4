import type { SessionId } from '../domain/ids.js';
import type { Clock } from '../runtime/clock.js';
import type { Demand, Matcher } from './matcher.js';
import type { ClaimByCall } from './queue.js';
import type { LeasedTask } from './task-store.js';

export interface ClaimDeps {
  readonly matcher: Matcher;
  readonly clock: Clock;
  /** The leases are the caller's; told before anybody else is served. */
  readonly granted: (tasks: readonly LeasedTask[]) => void;
  /** The caller left while they were claimed. */
  readonly unwanted: (tasks: readonly LeasedTask[]) => void;
}

/**
 * Claims by one call: a demand that the matcher serves once, now or as soon as there is work within
 * `waitMs`.
 *
 * @throws Refusal SERVER_DRAINING, or what the store threw
 */
export async function claimByCall(
  { matcher, clock, granted, unwanted }: ClaimDeps,
  request: ClaimByCall & { readonly session: SessionId },
): Promise<readonly LeasedTask[]> {
  const { session, holder, kinds, handOut, limit, maxInputBytes, waitMs, signal } = request;
  let taken: readonly LeasedTask[] = [];
  let isOver = false;
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
        // Whoever calls is there.
        standing: () => 'prompt',
        take: (tasks) => {
          if (tasks.length > 0 && isOver) {
            unwanted(tasks);
            return;
          }
          granted(tasks);
          taken = tasks;
          if (tasks.length > 0 || waitMs === 0) resolve();
        },
        fail: reject,
      };
      // What a claim under way brings is still for the caller who has waited long enough, not for one that left.
      const giveUp = () => {
        void matcher.remove(demand).then(resolve);
      };
      if (waitMs > 0) stop.push(clock.after(waitMs, giveUp));
      const leave = () => {
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      stop.push(
        () => {
          signal.removeEventListener('abort', leave);
        },
        () => void matcher.remove(demand),
      );
      matcher.add(demand);
      if (signal.aborted) leave();
    });
    if (!signal.aborted) return taken;
    if (taken.length > 0) unwanted(taken);
    return [];
  } finally {
    isOver = true;
    for (const end of stop) end();
  }
}
