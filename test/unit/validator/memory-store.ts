import type { RatedMiner, ReputationStore } from '../../../src/validator/ports/reputation-store.js';

/** Keeps a reputation in memory. */
export class MemoryStore implements ReputationStore {
  miners: readonly RatedMiner[] = [];
  /** How often it was saved, failures too. */
  saves = 0;
  /** What the next saves fail with. */
  failure: Error | undefined;

  load(): Promise<readonly RatedMiner[]> {
    return Promise.resolve(this.miners);
  }

  save(miners: readonly RatedMiner[]): Promise<void> {
    this.saves += 1;
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.miners = structuredClone(miners);
    return Promise.resolve();
  }
}
