import type {
  OutcomeRecord,
  VectorRecord,
  WeightLedger,
  WeightState,
} from '../../../src/validator/ports/weight-ledger.js';

/** Keeps weights in memory, as a disk would that outlives the validator. */
export class MemoryLedger implements WeightLedger {
  state: WeightState | undefined;
  records: (VectorRecord | OutcomeRecord)[] = [];
  /** What the next writes fail with. */
  failure: Error | undefined;

  load(): Promise<WeightState | undefined> {
    return Promise.resolve(structuredClone(this.state));
  }

  save(state: WeightState): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.state = structuredClone(state);
    return Promise.resolve();
  }

  append(record: VectorRecord | OutcomeRecord): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.records.push(structuredClone(record));
    return Promise.resolve();
  }

  get vectors(): readonly VectorRecord[] {
    return this.records.filter((record) => record.kind === 'vector');
  }

  get outcomes(): readonly OutcomeRecord[] {
    return this.records.filter((record) => record.kind === 'outcome');
  }
}
