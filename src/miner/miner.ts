import { Refusal } from '../domain/errors.js';
import type { Engine, EngineCatalog } from '../engines/engine.js';
import { systemClock, type Clock } from '../runtime/clock.js';
import { chooseEngine } from './choose-engine.js';
import type {
  AdmittedSynapse,
  Capabilities,
  ForwardOptions,
  Miner,
  SynapseHeader,
  SynapseOutput,
} from './ports.js';
import { timeLimit, type TimeLimit } from './time-limit.js';

/** When a caller may ask again after MINER_BUSY. */
const BUSY_RETRY_MS = 1_000;

export interface MinerOptions {
  readonly catalog: EngineCatalog;
  /** Synapses at a time, at least 1. */
  readonly maxSlots: number;
  /** Longest input in bytes. */
  readonly maxInputBytes: number;
  /** Name of the setting behind `maxInputBytes`, for messages. */
  readonly maxInputSetting: string;
  /** SS58 address; empty without one. */
  readonly hotkey: string;
  readonly version: string;
  /** Voice for speech unless the task wishes for one. */
  readonly voice?: string;
  /** Names of engines to take where they can do the work. */
  readonly preferredEngines?: readonly string[];
  readonly clock?: Clock;
}

/** Does synapses with the engines of this machine, as many at a time as it has slots. */
export function createMiner(options: MinerOptions): Miner {
  const clock = options.clock ?? systemClock;
  let used = 0;
  return {
    capabilities: () => Promise.resolve(capabilities(options, used)),
    admit(header) {
      const engine = admissible(options, header, used);
      used++;
      return new Slot({ engine, header, clock, ...voiceOf(options, header) }, () => used--);
    },
  };
}

function voiceOf(options: MinerOptions, header: SynapseHeader): { readonly voice?: string } {
  const voice = header.voice === undefined || header.voice === '' ? options.voice : header.voice;
  return voice === undefined ? {} : { voice };
}

function capabilities(options: MinerOptions, used: number): Capabilities {
  const { catalog, maxInputBytes, maxSlots, hotkey, version } = options;
  return {
    capabilities: catalog.engines.map(({ kind, languages, name, model }) => ({
      kind,
      languages,
      engine: name,
      model,
    })),
    missing: catalog.missing.map(({ kind, name, cure }) => ({ kind, engine: name, cure })),
    maxInputBytes,
    freeSlots: maxSlots - used,
    maxSlots,
    hotkey,
    version,
  };
}

/** What will never work is told before what may work later. */
function admissible(options: MinerOptions, header: SynapseHeader, used: number): Engine {
  const engine = chooseEngine(options.catalog, {
    kind: header.kind,
    language: header.language,
    preferred: options.preferredEngines ?? [],
  });
  const { maxInputBytes, maxInputSetting, maxSlots } = options;
  if (header.inputBytes > maxInputBytes)
    throw new Refusal(
      'CONTENT_TOO_LARGE',
      `The input has ${header.inputBytes} bytes, above this miner's limit of ${maxInputBytes} (${maxInputSetting}).`,
      { metadata: { limit_bytes: String(maxInputBytes), setting: maxInputSetting } },
    );
  if (used >= maxSlots)
    throw new Refusal('MINER_BUSY', `All ${maxSlots} slots of this miner are taken.`, {
      metadata: { max_slots: String(maxSlots) },
      retryAfterMs: BUSY_RETRY_MS,
    });
  return engine;
}

interface SlotWork {
  readonly engine: Engine;
  readonly header: SynapseHeader;
  readonly clock: Clock;
  readonly voice?: string;
}

class Slot implements AdmittedSynapse {
  readonly #work: SlotWork;
  readonly #limit: TimeLimit;
  readonly #free: () => void;
  #released = false;

  constructor(work: SlotWork, free: () => void) {
    this.#work = work;
    this.#free = free;
    this.#limit = timeLimit(work.clock, work.header.deadlineMs);
  }

  get engine(): string {
    return this.#work.engine.name;
  }

  async forward(input: Uint8Array, { signal, onProgress }: ForwardOptions): Promise<SynapseOutput> {
    const { engine, header, clock, voice } = this.#work;
    const { maxSentences = 0 } = header;
    this.#limit.follow(signal);
    const start = clock.now();
    try {
      this.#limit.signal.throwIfAborted();
      const output = await engine.run({
        input,
        language: header.language,
        ...(voice === undefined ? {} : { voice }),
        ...(maxSentences > 0 ? { maxSentences } : {}),
        signal: this.#limit.signal,
        onProgress,
      });
      return { ...output, processingMs: clock.now() - start };
    } catch (error) {
      // An abort inside may come out as another error.
      this.#limit.signal.throwIfAborted();
      throw refusalOf(error, engine.name);
    } finally {
      this.#limit.end();
    }
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#limit.end();
    this.#free();
  }
}

function refusalOf(cause: unknown, engine: string): Refusal {
  if (cause instanceof Refusal) return cause;
  return new Refusal('ENGINE_FAILED', `The engine ${engine} failed.`, { metadata: { engine }, cause });
}
