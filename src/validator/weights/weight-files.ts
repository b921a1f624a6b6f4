import type { OutcomeRecord, VectorRecord, WeightLedger, WeightState } from '../ports/weight-ledger.js';
import { Journal } from './journal.js';
import { readState, writeState, type WeightFileOptions } from './state-file.js';

/** 64 MiB in all: with 256 miners of three ratings each, about two weeks of vectors. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MAX_FILES = 8;

export interface WeightFilesOptions extends WeightFileOptions {
  /** File of the vectors and what they rest on. */
  readonly journal: string;
}

/** Keeps the state in one file and every vector with its evidence in others. */
export class WeightFiles implements WeightLedger {
  private readonly journal: Journal;

  constructor(private readonly options: WeightFilesOptions) {
    this.journal = new Journal({ file: options.journal, maxFileBytes: MAX_FILE_BYTES, maxFiles: MAX_FILES });
  }

  load(): Promise<WeightState | undefined> {
    return readState(this.options);
  }

  save(state: WeightState): Promise<void> {
    return writeState(this.options, state);
  }

  append(record: VectorRecord | OutcomeRecord): Promise<void> {
    return this.journal.append(record);
  }
}
