import { Refusal } from '../../domain/errors.js';
import { callRefusal } from './promise-call.js';

/** Does some items by one call; one result an item, in order. @throws Refusal */
export type BatchCall<Item, Result> = (
  items: readonly Item[],
  signal: AbortSignal,
) => Promise<readonly Result[]>;

export interface CallBatchOptions<Item, Result> {
  readonly call: BatchCall<Item, Result>;
  /** Bytes of an item on the wire. */
  readonly bytesOf: (item: Item) => number;
  /** Items of one call. */
  readonly maxItems: number;
  /** Bytes of one call unless a single item has more. */
  readonly maxBytes: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Puts small calls together. Self-clocked: while a call is under way items queue up, and as many as fit go
 * into the next one; who is alone waits for nothing.
 */
export class CallBatch<Item, Result> {
  readonly #options: CallBatchOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #running = false;

  constructor(options: CallBatchOptions<Item, Result>) {
    this.#options = options;
  }

  /** The signal withdraws this item alone. @throws Refusal of the call */
  add(item: Item, signal: AbortSignal): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(callRefusal(undefined, signal));
        return;
      }
      const withdraw = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(callRefusal(undefined, signal));
      };
      const release = () => {
        signal.removeEventListener('abort', withdraw);
      };
      const waiting: Waiting<Item, Result> = {
        item,
        bytes: this.#options.bytesOf(item),
        signal,
        resolve: (result) => {
          release();
          resolve(result);
        },
        reject: (error) => {
          release();
          reject(error);
        },
      };
      signal.addEventListener('abort', withdraw, { once: true });
      this.#waiting.push(waiting);
      if (!this.#running) void this.#run();
    });
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) await doAll(this.#options.call, this.#next());
    this.#running = false;
  }

  /** In order; at least one. */
  #next(): readonly Waiting<Item, Result>[] {
    const { maxItems, maxBytes } = this.#options;
    let bytes = 0;
    let count = 0;
    for (const item of this.#waiting) {
      bytes += item.bytes;
      if (count === maxItems || (count > 0 && bytes > maxBytes)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}

/** Every item learns what became of it. Never rejects. */
async function doAll<Item, Result>(
  call: BatchCall<Item, Result>,
  batch: readonly Waiting<Item, Result>[],
): Promise<void> {
  const { signal, release } = whenAllAbort(new Set(batch.map((waiting) => waiting.signal)));
  try {
    const results = await call(
      batch.map(({ item }) => item),
      signal,
    );
    batch.forEach(({ resolve, reject }, place) => {
      const result = results[place];
      if (result === undefined)
        reject(new Refusal('INTERNAL', 'the proxy did not answer an item of the call'));
      else resolve(result);
    });
  } catch (error) {
    const refusal = callRefusal(error, undefined);
    for (const { reject } of batch) reject(refusal);
  } finally {
    release();
  }
}

/** Aborts once nobody waits for the call any more. */
function whenAllAbort(signals: ReadonlySet<AbortSignal>): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onAbort = () => {
    if ([...signals].every(({ aborted }) => aborted)) controller.abort();
  };
  for (const signal of signals) signal.addEventListener('abort', onAbort);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) signal.removeEventListener('abort', onAbort);
    },
  };
}
