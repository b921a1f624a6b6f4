import { Refusal } from '../domain/errors.js';
import type { LeaseToken, SessionId } from '../domain/ids.js';
import type { TaskKind } from '../domain/task.js';
import type { LeasedTask, TaskStore } from './task-store.js';

/** Somebody who wants tasks right now. */
export interface Demand {
  readonly session: SessionId;
  readonly holder: string;
  readonly kinds: readonly TaskKind[];
  readonly handOut: boolean;
  readonly maxInFlight?: number;
  readonly maxInputBytes?: number;
  /** Tasks wanted by the next claim; 0 takes no part until somebody wakes the matcher. */
  wanted(): number;
  /** Share of its capacity in use, in [0, 1]; the lowest is served first. */
  load(): number;
  /** Gets what a claim brought; none when nothing was there. */
  take(tasks: readonly LeasedTask[]): void;
  /** There will be no tasks: the claim failed, or the matcher stopped. */
  fail(error: unknown): void;
}

/**
 * Brings pending tasks and free capacity together: one engine for streams and calls. One claim is under
 * way at a time; whatever may have made work or room wakes it.
 */
export class Matcher {
  readonly #store: Pick<TaskStore, 'claim'>;
  readonly #onError: (error: unknown) => void;
  readonly #demands = new Set<Demand>();
  /** Leases that ended in the commit that granted them, by a cancellation for one. */
  readonly #stillborn = new Set<LeaseToken>();
  #claiming: { readonly demand: Demand; readonly done: Promise<unknown> } | undefined;
  #awake = false;
  #running = false;
  #stopped = false;

  constructor(store: Pick<TaskStore, 'claim'>, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
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
    if (!this.#awake || this.#running || this.#stopped) return;
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
      this.#onError(error);
    } finally {
      this.#running = false;
    }
  }

  /** Serves demands, the least loaded first, until nobody wants more or there is nothing for them. */
  async #round(): Promise<void> {
    const dry = new Set<Demand>();
    for (;;) {
      const demand = this.#neediest(dry);
      if (demand === undefined) return;
      const limit = demand.wanted();
      const tasks = await this.#claim(demand, limit);
      if (tasks.length < limit) dry.add(demand);
      demand.take(tasks.filter(({ token }) => !this.#stillborn.has(token)));
      this.#stillborn.clear();
    }
  }

  async #claim(demand: Demand, limit: number): Promise<readonly LeasedTask[]> {
    const { session, holder, kinds, handOut, maxInFlight, maxInputBytes } = demand;
    const claim = this.#store.claim({
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

  #neediest(dry: ReadonlySet<Demand>): Demand | undefined {
    if (this.#stopped) return undefined;
    let best: Demand | undefined;
    for (const demand of this.#demands) {
      if (dry.has(demand) || demand.wanted() <= 0) continue;
      if (best === undefined || demand.load() < best.load()) best = demand;
    }
    return best;
  }
}
