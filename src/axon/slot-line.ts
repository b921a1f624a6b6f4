import { Refusal } from '../domain/errors.js';
import type { AdmittedSynapse, Miner, SynapseHeader } from '../miner/ports.js';

/** Callers that wait at a time; above it those of least stake are refused. */
const MAX_WAITING = 32;

export interface PlaceInLine {
  /** TAO; more goes first. */
  readonly stake: number;
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly stake: number;
  readonly header: SynapseHeader;
  readonly resolve: (admitted: AdmittedSynapse) => void;
  readonly reject: (error: Error) => void;
}

/** Lets callers wait for a slot of a busy miner, those of more stake first, else in the order in which they came. */
export class SlotLine {
  /** The same miner, on every wire: each slot that it gives back goes to the first of the line. */
  readonly miner: Miner;
  readonly #waiting: Waiting[] = [];

  constructor(miner: Miner) {
    this.miner = {
      capabilities: () => miner.capabilities(),
      admit: (header) => this.#watch(miner.admit(header)),
    };
  }

  /** @throws Refusal as `Miner.admit`, MINER_BUSY when the line is full, and why the signal was aborted */
  async admit(header: SynapseHeader, { stake, signal }: PlaceInLine): Promise<AdmittedSynapse> {
    signal.throwIfAborted();
    try {
      return this.miner.admit(header);
    } catch (error) {
      if (!isBusy(error)) throw error;
      return this.#wait(header, { stake, signal });
    }
  }

  #wait(header: SynapseHeader, { stake, signal }: PlaceInLine): Promise<AdmittedSynapse> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#remove(waiting);
        reject(signal.reason as Error);
      };
      const done = (): void => signal.removeEventListener('abort', leave);
      const waiting: Waiting = {
        stake,
        header,
        resolve: (admitted) => {
          done();
          resolve(admitted);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#insert(waiting);
    });
  }

  #insert(waiting: Waiting): void {
    const place = this.#waiting.findIndex(({ stake }) => stake < waiting.stake);
    this.#waiting.splice(place === -1 ? this.#waiting.length : place, 0, waiting);
    if (this.#waiting.length > MAX_WAITING)
      this.#waiting.pop()?.reject(new Refusal('MINER_BUSY', 'too many callers wait for a slot'));
  }

  #remove(waiting: Waiting): void {
    const place = this.#waiting.indexOf(waiting);
    if (place !== -1) this.#waiting.splice(place, 1);
  }

  #watch(admitted: AdmittedSynapse): AdmittedSynapse {
    return {
      engine: admitted.engine,
      forward: (input, options) => admitted.forward(input, options),
      release: () => {
        admitted.release();
        this.#next();
      },
    };
  }

  /** Those that the miner would refuse anyway do not hold up the others. */
  #next(): void {
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      try {
        const admitted = this.miner.admit(first.header);
        this.#waiting.shift();
        first.resolve(admitted);
      } catch (error) {
        if (isBusy(error)) return;
        this.#waiting.shift();
        first.reject(error as Error);
      }
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Refusal && error.reason === 'MINER_BUSY';
}
