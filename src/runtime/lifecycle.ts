import type { Clock } from './clock.js';
import type { Logger } from './logger.js';

/** How long a part may still take once the grace is over and its signal has aborted. */
export const FORCED_STOP_MS = 500;

/** Stops a part. The signal aborts when the grace is over: then whatever is left must be cut. */
export type Stop = (signal: AbortSignal) => Promise<void> | void;

export interface LifecycleOptions {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'debug' | 'error'>;
  /** For all parts together, in milliseconds. */
  readonly graceMs: number;
}

interface Part {
  readonly name: string;
  readonly stop: Stop;
}

/**
 * Stops the long-lived parts of a program in the reverse order of their start. A part that fails or
 * hangs is logged and does not keep the others from stopping.
 */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #parts: Part[] = [];
  readonly #begun = new AbortController();
  readonly #graceOver = new AbortController();
  readonly #failures: Error[] = [];
  #stopping: Promise<void> | undefined;

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  /** Aborts when stopping begins. */
  get stopping(): AbortSignal {
    return this.#begun.signal;
  }

  /** Call it as soon as the part has started. Once stopping has begun the part is stopped at once. */
  onStop(name: string, stop: Stop): void {
    this.#parts.push({ name, stop });
    if (this.#stopping !== undefined) this.#stopping = this.#stopping.then(() => this.#stopParts());
  }

  /** Stops every part and waits; again gives the same. What went wrong is returned, and logged. */
  async stop(): Promise<readonly Error[]> {
    this.#stopping ??= this.#begin();
    await this.#stopping;
    return this.#failures;
  }

  async #begin(): Promise<void> {
    this.#begun.abort();
    const cancel = this.#options.clock.after(this.#options.graceMs, () => {
      this.#graceOver.abort(new Error('the grace of the shutdown is over'));
    });
    try {
      await this.#stopParts();
    } finally {
      cancel();
    }
  }

  async #stopParts(): Promise<void> {
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop())
      await this.#stopPart(part);
  }

  async #stopPart({ name, stop }: Part): Promise<void> {
    const overdue = this.#overdue(name);
    try {
      await Promise.race([Promise.resolve(this.#graceOver.signal).then(stop), overdue.promise]);
      this.#options.logger.debug({ part: name }, 'stopped');
    } catch (cause) {
      const failure = new Error(`${name} did not stop cleanly`, { cause });
      this.#failures.push(failure);
      this.#options.logger.error({ part: name, err: failure }, failure.message);
    } finally {
      overdue.cancel();
    }
  }

  /** Rejects some time after the end of the grace. */
  #overdue(name: string): { readonly promise: Promise<never>; readonly cancel: () => void } {
    const { signal } = this.#graceOver;
    let cancel: () => void = () => undefined;
    const promise = new Promise<never>((_resolve, reject) => {
      const arm = () => {
        cancel = this.#options.clock.after(FORCED_STOP_MS, () => reject(new Error(`${name} hangs`)));
      };
      cancel = () => signal.removeEventListener('abort', arm);
      if (signal.aborted) arm();
      else signal.addEventListener('abort', arm, { once: true });
    });
    return { promise, cancel: () => cancel() };
  }
}

/**
 * Waits for the first of the signals, for the outermost layer only. Afterwards signals do what they do
 * by default, so that a second one ends the process at once.
 */
export function untilSignal(
  signals: readonly NodeJS.Signals[],
  source: Pick<NodeJS.Process, 'on' | 'off'> = process,
): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const received = (signal: NodeJS.Signals) => {
      for (const name of signals) source.off(name, received);
      resolve(signal);
    };
    for (const name of signals) source.on(name, received);
  });
}
