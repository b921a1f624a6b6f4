import { join } from 'node:path';
import type { HistoryEvent } from './history.js';
import { ValidatorProcess } from './validator-process.js';

const MAX_IN_FLIGHT = [4, 16, 64];

export interface ValidatorsOptions {
  readonly count: number;
  readonly address: string;
  /** For their histories. */
  readonly directory: string;
  readonly seed: number;
}

/** Scripted validators; who ends is followed by another one. */
export class Validators {
  readonly #options: ValidatorsOptions;
  readonly #places: ValidatorProcess[] = [];
  readonly #gone: ValidatorProcess[] = [];
  #started = 0;
  #closed = false;

  constructor(options: ValidatorsOptions) {
    this.#options = options;
    for (let place = 0; place < options.count; place++) this.#start(place);
  }

  /** All that they wrote down, and those before them. */
  get events(): readonly HistoryEvent[] {
    return [...this.#gone, ...this.#places].flatMap(({ events }) => events);
  }

  async end(place: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const validator = this.#at(place);
    this.#gone.push(validator);
    if (!this.#closed) this.#start(place);
    await validator.end(signal);
  }

  /** Holds one up for a while. */
  async suspend(place: number, during: () => Promise<void>): Promise<void> {
    const validator = this.#at(place);
    validator.signal('SIGSTOP');
    try {
      await during();
    } finally {
      validator.signal('SIGCONT');
    }
  }

  /** @throws when one ended by itself */
  verify(): void {
    for (const { broken, script } of [...this.#places, ...this.#gone])
      if (broken) throw new Error(`${script.name} ended by itself`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#gone, ...this.#places].map((validator) => validator.end('SIGKILL')));
  }

  #at(place: number): ValidatorProcess {
    const validator = this.#places[place];
    if (validator === undefined) throw new Error(`there is no validator at place ${place}`);
    return validator;
  }

  #start(place: number): void {
    const { address, directory, seed } = this.#options;
    this.#started += 1;
    const name = `validator-${this.#started}`;
    const history = join(directory, `${name}.jsonl`);
    const maxInFlight = MAX_IN_FLIGHT[place % MAX_IN_FLIGHT.length] ?? 4;
    this.#places[place] = new ValidatorProcess({
      name,
      address,
      seed: seed + this.#started,
      maxInFlight,
      history,
    });
  }
}
