import { Refusal } from '../domain/errors.js';
import type { MinerAddress, MinerCapabilities, MinerClient } from '../validator/ports/miner-client.js';

/** Hotkeys whose wire is remembered. */
const MAX_KNOWN = 4_096;

export interface Wires {
  readonly grpc: MinerClient;
  readonly classic: MinerClient;
}

/** Where to reach some hotkeys, whatever they announced. */
export type Addresses = ReadonlyMap<string, { readonly host: string; readonly port: number }>;

/**
 * Asks each miner over the wire that it speaks: gRPC where it answers over that, else the classic one. What worked is
 * remembered until the miner cannot be reached over it. No question goes over both: one that broke off may have been
 * worked on, so a miner of which nothing is known is first asked over gRPC what it can do, which takes no work.
 */
export function createEitherWire(wires: Wires, addresses: Addresses = new Map()): MinerClient {
  const known = new Map<string, keyof Wires>();
  const addressOf = (at: MinerAddress): MinerAddress => ({ ...at, ...addresses.get(at.hotkey) });
  /** Asks over a wire, and remembers it or, when it is broken, nothing. */
  const over = async <T>(wire: keyof Wires, at: MinerAddress, ask: (client: MinerClient) => Promise<T>) => {
    try {
      const answer = await ask(wires[wire]);
      remember(known, at.hotkey, wire);
      return answer;
    } catch (error) {
      if (isUnreachable(error)) known.delete(at.hotkey);
      throw error;
    }
  };
  /** What the miner can do where it speaks gRPC; undefined where it does not. */
  const greet = async (at: MinerAddress, signal: AbortSignal): Promise<MinerCapabilities | undefined> => {
    try {
      return await over('grpc', at, (client) => client.capabilities(at, signal));
    } catch (error) {
      if (isUnreachable(error)) return undefined;
      throw error;
    }
  };
  return {
    async capabilities(to, signal) {
      const at = addressOf(to);
      const wire = known.get(at.hotkey);
      const greeted = wire === undefined ? await greet(at, signal) : undefined;
      return greeted ?? over(wire ?? 'classic', at, (client) => client.capabilities(at, signal));
    },
    async query(to, task, options) {
      const at = addressOf(to);
      if (!known.has(at.hotkey)) await greet(at, options.signal);
      return over(known.get(at.hotkey) ?? 'classic', at, (client) => client.query(at, task, options));
    },
    close() {
      wires.grpc.close();
      wires.classic.close();
    },
  };
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Refusal && error.reason === 'UNAVAILABLE';
}

function remember(known: Map<string, keyof Wires>, hotkey: string, wire: keyof Wires): void {
  known.set(hotkey, wire);
  const [oldest] = known.keys();
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
}
