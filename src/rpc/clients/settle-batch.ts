import {
  Settlement as ProtoSettlement,
  type SettlementResult,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../../domain/errors.js';
import { callRefusal } from './promise-call.js';

/** Settlements of one call. */
const MAX_ITEMS = 256;
/** Bytes of one call unless a single settlement has more; well below what a message may hold. */
const MAX_BYTES = 3 * 1024 * 1024;

/** Settles some tasks by one call; one result an item, in order. @throws Refusal */
export type SettleCall = (
  settlements: readonly ProtoSettlement[],
  signal: AbortSignal,
) => Promise<readonly SettlementResult[]>;

interface Item {
  readonly settlement: ProtoSettlement;
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly resolve: (result: SettlementResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Puts settlements together. Self-clocked: while a call is under way they queue up, and as many as fit go
 * into the next one; an idle validator waits for nothing.
 */
export class SettleBatch {
  readonly #call: SettleCall;
  #waiting: Item[] = [];
  #running = false;

  constructor(call: SettleCall) {
    this.#call = call;
  }

  /** The signal withdraws this settlement alone. @throws Refusal of the call */
  settle(settlement: ProtoSettlement, signal: AbortSignal): Promise<SettlementResult> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(callRefusal(undefined, signal));
        return;
      }
      const bytes = ProtoSettlement.encode(settlement).finish().byteLength;
      const withdraw = () => {
        this.#waiting = this.#waiting.filter((other) => other !== item);
        reject(callRefusal(undefined, signal));
      };
      const release = () => {
        signal.removeEventListener('abort', withdraw);
      };
      const item: Item = {
        settlement,
        bytes,
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
      this.#waiting.push(item);
      if (!this.#running) void this.#run();
    });
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) await settleAll(this.#call, this.#next());
    this.#running = false;
  }

  /** In order; at least one. */
  #next(): readonly Item[] {
    let bytes = 0;
    let count = 0;
    for (const item of this.#waiting) {
      bytes += item.bytes;
      if (count === MAX_ITEMS || (count > 0 && bytes > MAX_BYTES)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}

/** Every item learns what became of it. Never rejects. */
async function settleAll(call: SettleCall, items: readonly Item[]): Promise<void> {
  const { signal, release } = whenAllAbort(new Set(items.map((item) => item.signal)));
  try {
    const results = await call(
      items.map(({ settlement }) => settlement),
      signal,
    );
    items.forEach(({ resolve, reject }, place) => {
      const result = results[place];
      if (result === undefined) reject(new Refusal('INTERNAL', 'the proxy answered no settlement'));
      else resolve(result);
    });
  } catch (error) {
    const refusal = callRefusal(error, undefined);
    for (const { reject } of items) reject(refusal);
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
