import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { ReputationStore } from './ports/reputation-store.js';
import type { Reputation } from './reputation.js';

/** Least time between two saves: what a crash may forget. */
const SAVE_INTERVAL_MS = 30_000;

export interface ReputationKeeperDeps {
  readonly reputation: Reputation;
  readonly store: ReputationStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Keeps a reputation across restarts: read once at the start, saved a while after it changed and at the end. */
export class ReputationKeeper {
  private cancelTimer: (() => void) | undefined;
  private saving: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly deps: ReputationKeeperDeps) {}

  /** @throws Error of the system when what is there cannot be read */
  async load(): Promise<void> {
    this.deps.reputation.restore(await this.deps.store.load());
  }

  changed(): void {
    if (this.stopped) return;
    this.cancelTimer ??= this.deps.clock.after(SAVE_INTERVAL_MS, () => {
      this.cancelTimer = undefined;
      void this.save();
    });
  }

  /** Saves what was not saved yet. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.saving;
    if (this.cancelTimer === undefined) return;
    this.cancelTimer();
    this.cancelTimer = undefined;
    await this.save();
  }

  /** Never rejects: a full disk must not end the work on tasks, and the next save has all of it. */
  private async save(): Promise<void> {
    const { reputation, store, log } = this.deps;
    await this.saving;
    this.saving = store.save(reputation.saved()).catch((error: unknown) => {
      log.warn({ err: error }, 'the reputation of the miners could not be saved');
      this.changed();
    });
    await this.saving;
  }
}
