import { Refusal } from '../domain/errors.js';
import type { MinerAddress, MinerClient } from '../validator/ports/miner-client.js';

/** Hotkeys whose wire is remembered. */
const MAX_KNOWN = 4_096;

export interface Wires {
  /** Asked first. */
  readonly grpc: MinerClient;
  readonly classic: MinerClient;
}

/** Where to reach some hotkeys, whatever they announced. */
export type Addresses = ReadonlyMap<string, { readonly host: string; readonly port: number }>;

/**
 * Asks each miner over the wire that it speaks: gRPC first, the classic one where gRPC is not spoken. What worked is
 * remembered until the miner cannot be reached over it.
 */
export function createEitherWire(wires: Wires, addresses: Addresses = new Map()): MinerClient {
  const known = new Map<string, keyof Wires>();
  const over = async <T>(at: MinerAddress, ask: (client: MinerClient, at: MinerAddress) => Promise<T>) => {
    const address = { ...at, ...addresses.get(at.hotkey) };
    const remembered = known.get(at.hotkey);
    try {
      if (remembered !== undefined) return await ask(wires[remembered], address);
    } catch (error) {
      // The other wire is tried next time: this question may have been worked on.
      if (isUnreachable(error)) known.delete(at.hotkey);
      throw error;
    }
    for (const wire of ['grpc', 'classic'] as const) {
      try {
        const answer = await ask(wires[wire], address);
        remember(known, at.hotkey, wire);
        return answer;
      } catch (error) {
        if (wire === 'classic' || !isUnreachable(error)) throw error;
      }
    }
    throw new Error('there is no third wire');
  };
  return {
    capabilities: (at, signal) => over(at, (client, address) => client.capabilities(address, signal)),
    query: (at, task, options) => over(at, (client, address) => client.query(address, task, options)),
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
