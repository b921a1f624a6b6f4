import { appendFile, readFile } from 'node:fs/promises';
import { Refusal } from '../domain/errors.js';
import type { Hotkey } from '../domain/ids.js';
import type { Axon, Metagraph, NetworkView } from '../domain/network-view.js';
import type {
  AnnounceOutcome,
  AxonAnnouncer,
  WeightOutcome,
  WeightSetter,
  WeightTerms,
  WeightVector,
} from '../domain/weight-setter.js';
import type { Clock } from '../runtime/clock.js';
import { BLOCK_MS } from './reveal-round.js';

/** A file has no blocks: time is cut into those of a chain. Five minutes, so that one sees weights soon. */
const TEMPO = 25;
/** Two minutes. */
const RATE_LIMIT = 10;

/** One line of the weights file. */
interface WeightLine {
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly hotkey: string;
  readonly block: number;
  readonly version_key: string;
  readonly uids: readonly number[];
  readonly values: readonly number[];
}

export interface StaticNeuronOptions {
  readonly view: NetworkView;
  /** The subnet's file; weights are appended to `<file>.weights.jsonl`. */
  readonly file: string;
  readonly hotkey: Hotkey;
  readonly clock: Clock;
}

/** What one neuron does on a subnet that stands in a file. */
export class StaticNeuron implements WeightSetter, AxonAnnouncer {
  readonly #options: StaticNeuronOptions;
  readonly #weightsFile: string;
  #lastUpdate: number | undefined;

  constructor(options: StaticNeuronOptions) {
    this.#options = options;
    this.#weightsFile = `${options.file}.weights.jsonl`;
  }

  async terms(signal: AbortSignal): Promise<WeightTerms> {
    signal.throwIfAborted();
    const { neurons } = this.#metagraph();
    const self = neurons.find(({ hotkey }) => hotkey === this.#options.hotkey);
    const byUid = neurons.toSorted((a, b) => a.uid - b.uid);
    this.#lastUpdate ??= await this.#storedUpdate();
    return {
      block: this.#block(),
      tempo: TEMPO,
      minAllowed: 1,
      maxShare: 1,
      versionKey: 0n,
      rateLimit: RATE_LIMIT,
      commitReveal: false,
      ...(self !== undefined && {
        self: { uid: self.uid, permit: self.validatorPermit, lastUpdate: this.#lastUpdate },
      }),
      // The place is the uid; where the file skips one, nobody holds it.
      hotkeys: Array.from(
        { length: (byUid.at(-1)?.uid ?? -1) + 1 },
        (_, uid) => byUid.find((neuron) => neuron.uid === uid)?.hotkey ?? ('' as Hotkey),
      ),
    };
  }

  async set({ uids, values, versionKey }: WeightVector, signal: AbortSignal): Promise<WeightOutcome> {
    const terms = await this.terms(signal).catch((error: unknown) => {
      signal.throwIfAborted();
      return String(error);
    });
    if (typeof terms === 'string') return { kind: 'refused', reason: 'unreachable', message: terms };
    const { self, block } = terms;
    const { file, hotkey, clock } = this.#options;
    if (self === undefined)
      return { kind: 'refused', reason: 'not_registered', message: `${hotkey} does not stand in ${file}` };
    if (!self.permit)
      return {
        kind: 'refused',
        reason: 'no_permit',
        message: `${hotkey} has no validator_permit in ${file}`,
      };
    if (block - self.lastUpdate < RATE_LIMIT)
      return { kind: 'refused', reason: 'too_fast', message: `weights were set at block ${self.lastUpdate}` };
    const line: WeightLine = {
      time: new Date(clock.wall()).toISOString(),
      hotkey,
      block,
      version_key: versionKey.toString(),
      uids,
      values,
    };
    try {
      await appendFile(this.#weightsFile, `${JSON.stringify(line)}\n`);
    } catch (error) {
      return {
        kind: 'refused',
        reason: 'other',
        message: `${this.#weightsFile} cannot be written: ${String(error)}`,
      };
    }
    this.#lastUpdate = block;
    return { kind: 'set', block };
  }

  announce({ ip, port }: Axon, signal: AbortSignal): Promise<AnnounceOutcome> {
    signal.throwIfAborted();
    const { view, hotkey, file } = this.#options;
    const self = view.current()?.metagraph.neurons.find((neuron) => neuron.hotkey === hotkey);
    if (self === undefined)
      return Promise.resolve({
        kind: 'refused',
        reason: 'not_registered',
        message: `${hotkey} does not stand in ${file}`,
      });
    const { axon } = self;
    if (axon?.ip === ip && axon.port === port) return Promise.resolve({ kind: 'unchanged' });
    const stands = axon === undefined ? 'no axon' : `${axon.ip} ${axon.port}`;
    return Promise.resolve({
      kind: 'refused',
      reason: 'other',
      message: `${file} says where neurons serve: it has ${stands} for ${hotkey}, which serves at ${ip} ${port}`,
    });
  }

  #metagraph(): Metagraph {
    const reading = this.#options.view.current();
    if (reading !== undefined) return reading.metagraph;
    throw new Refusal('UNAVAILABLE', `${this.#options.file} has not been read`);
  }

  #block(): number {
    return Math.floor(this.#options.clock.wall() / BLOCK_MS);
  }

  /** Block of the last line of this hotkey; 0 where there is none. A line that was cut off by a crash is passed over. */
  async #storedUpdate(): Promise<number> {
    const text = await readFile(this.#weightsFile, 'utf8').catch(() => '');
    for (const line of text.split('\n').reverse()) {
      try {
        const { hotkey, block } = JSON.parse(line) as Partial<WeightLine>;
        if (hotkey === this.#options.hotkey && typeof block === 'number') return block;
      } catch {
        // The next one.
      }
    }
    return 0;
  }
}
