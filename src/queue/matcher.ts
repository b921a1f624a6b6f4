import { leastLoaded } from '../domain/balance.js';
import { Refusal } from '../domain/errors.js';
import type { LeaseToken, SessionId } from '../domain/ids.js';
import type { TaskKind } from '../domain/task.js';
import type { Standing } from './session.js';
import type { LeasedTask, TaskStore } from './task-store.js';

/**
 * Tasks that one claim takes at most. Under load a commit takes 15 ms and there is one claim in each: 64
 * bound a backlog to 4,200 tasks a second, 256 do not bound it.
 */
const CLAIM_LIMIT = 256;

/** Somebody who wants tasks right now. */
export interface Demand {
  readonly session: SessionId;
  readonly holder: string;
  /** Empty means every kind. */
  readonly kinds: readonly TaskKind[];
  readonly handOut: boolean;
  readonly maxInFlight?: number;
  readonly maxInputBytes?: number;
  /** Tasks wanted; 0 takes no part until somebody wakes the matcher. */
  wanted(): number;
  /** Tasks in hand by weight, at least 0; the lowest is served first. */
  load(): number;
  standing(): Standing;
  /** Gets what a claim brought; none when nothing is there. */
  take(tasks: readonly LeasedTask[]): void;
  /** There will be no tasks: the claim failed, or the matcher stopped. */
  fail(error: unknown): void;
}

export interface MatcherOptions {
  readonly store: Pick<TaskStore, 'claim'>;
  /** Pending tasks, as of the last commit. */
  readonly pending: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
}

/**
 * Brings pending tasks and free capacity together: one engine for streams and calls. One claim is under
 * way at a time; whatever may have made work or room wakes it.
 */
export class Matcher {
  readonly #options: MatcherOptions;
  readonly #demands = new Set<Demand>();
  /** Leases that ended in the commit that granted them, by a cancellation for one. */
  readonly #stillborn = new Set<LeaseToken>();
  #claiming: { readonly demand: Demand; readonly done: Promise<unknown> } | undefined;
  #awake = false;
  #running = false;
  #stopped = false;

  constructor(options: MatcherOptions) {
    this.#options = options;
  }

  /** Work is being looked for; otherwise who still wants some found none. */
  get isBusy(): boolean {
    return this.#running;
  }

  add(demand: Demand): void {
    this.#demands.add(demand);
    this.wake();
  }

  /** Takes a demand back; resolves when no claim for it is under way any more. */
  async remove(demand: Demand): Promise<void> {
    this.#demands.delete(demand);
    if (this.#claiming?.demand === demand) await this.#claiming.done;
  }

  /** Work or room may be there. Claims in the same tick, so that a submission and its claim share a commit. */
  wake(): void {
    this.#awake = true;
    this.retry();
  }

  /** Goes on after a failure; nothing to do otherwise. */
  retry(): void {
    if (!this.#awake || this.#running || this.#stopped || this.#demands.size === 0) return;
    this.#running = true;
    void this.#run();
  }

  /** A lease ended that nobody holds: perhaps one of the claim under way. */
  ended(token: LeaseToken): void {
    if (this.#claiming !== undefined) this.#stillborn.add(token);
  }

  stop(): void {
    this.#stopped = true;
    const reason = new Refusal('SERVER_DRAINING', 'the server is shutting down; connect again');
    for (const demand of this.#demands) demand.fail(reason);
  }

  async #run(): Promise<void> {
    try {
      while (this.#awake) {
        this.#awake = false;
        await this.#round();
      }
    } catch (error) {
      this.#awake = true;
      this.#options.onError(error);
    } finally {
      this.#running = false;
    }
  }

  /** Serves demands, the least loaded first, and tells those that are left that there is nothing for them. */
  async #round(): Promise<void> {
    await this.#serve();
    for (const demand of this.#demands) if (demand.wanted() > 0) demand.take([]);
  }

  async #serve(): Promise<void> {
    const dry = new Set<Demand>();
    for (;;) {
      const hungry = this.#hungry(dry);
      const demand = leastLoaded(hungry, this.#options.random);
      if (demand === undefined) return;
      const isTried = demand.standing() === 'unproven' && this.#isCovered(demand);
      const limit = Math.min(demand.wanted(), isTried ? 1 : this.#share(hungry.length));
      const tasks = await this.#claim(demand, limit);
      if (tasks.length < limit) this.#runDry(dry, demand);
      demand.take(tasks.filter(({ token }) => !this.#stillborn.has(token)));
      this.#stillborn.clear();
      // The first claim may be for a submission of the same commit; after it the count is exact.
      if (this.#options.pending() === 0) return;
    }
  }

  /**
   * Those that want tasks and stand best. A task that is given to a reader that does not read waits until it is
   * taken back, half a second or more, so one that was never heard of gets a single one when nobody who was has room;
   * and one that sits on its tasks, or has its first, gets more when nobody else takes such tasks.
   */
  #hungry(dry: ReadonlySet<Demand>): readonly Demand[] {
    if (this.#stopped) return [];
    const hungry = [...this.#demands].filter((demand) => !dry.has(demand) && demand.wanted() > 0);
    for (const standing of ['prompt', 'unproven'] as const) {
      const those = hungry.filter((demand) => demand.standing() === standing);
      if (those.length > 0) return those;
    }
    return hungry.filter((demand) => !this.#isCovered(demand));
  }

  /** Somebody who was heard of takes all that it takes, if not right now. */
  #isCovered({ kinds }: Demand): boolean {
    for (const other of this.#demands)
      if (other.standing() === 'prompt' && covers(other.kinds, kinds)) return true;
    return false;
  }

  /** A small backlog is shared; one demand alone may have all of it. */
  #share(demands: number): number {
    if (demands === 1) return CLAIM_LIMIT;
    return Math.min(CLAIM_LIMIT, Math.max(1, Math.ceil(this.#options.pending() / demands)));
  }

  /** What is not there for one demand is there for none that is as particular. */
  #runDry(dry: Set<Demand>, demand: Demand): void {
    dry.add(demand);
    if (demand.maxInputBytes !== undefined) return;
    for (const other of this.#demands) if (covers(demand.kinds, other.kinds)) dry.add(other);
  }

  async #claim(demand: Demand, limit: number): Promise<readonly LeasedTask[]> {
    const { session, holder, kinds, handOut, maxInFlight, maxInputBytes } = demand;
    const claim = this.#options.store.claim({
      session,
      holder,
      kinds,
      handOut,
      limit,
      ...(maxInFlight !== undefined && { maxInFlight }),
      ...(maxInputBytes !== undefined && { maxInputBytes }),
    });
    this.#claiming = { demand, done: claim.catch(() => undefined) };
    try {
      return await claim;
    } catch (error) {
      demand.fail(error);
      throw error;
    } finally {
      this.#claiming = undefined;
    }
  }
}

/** Whether whoever takes `kinds` also takes `others`. */
function covers(kinds: readonly TaskKind[], others: readonly TaskKind[]): boolean {
  return kinds.length === 0 || (others.length > 0 && others.every((kind) => kinds.includes(kind)));
}
