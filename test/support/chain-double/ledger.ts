import { unwrapStorageType } from '@polkadot/types/util';
import type { StorageEntry } from '@polkadot/types/primitive/types';
import type { Codec } from '@polkadot/types/types';
import { compactStripLength, hexToU8a, u8aToHex } from '@polkadot/util';
import type { Runtime } from './runtime.js';
import type { State } from './state.js';

/** The storages of the chain under their real keys and encodings, at the block now being built. */
export class Ledger {
  runtime: Runtime;
  /** The block that is written; reads see it unless told otherwise. */
  block: number;
  readonly #state: State;

  constructor(runtime: Runtime, state: State, block: number) {
    this.runtime = runtime;
    this.#state = state;
    this.block = block;
  }

  /** Whether this runtime has a storage, named as `subtensorModule.tempo`. */
  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** The value, else the default of the metadata; undefined where the storage is optional and empty. */
  read(name: string, args: readonly unknown[] = [], block = this.block): Codec | undefined {
    const entry = this.#entry(name);
    const raw = this.#state.get(keyOf(entry, args), block);
    if (raw === null && entry.meta.modifier.isOptional) return undefined;
    return this.#codec(entry, raw === null ? entry.meta.fallback.toU8a(true) : hexToU8a(raw));
  }

  number(name: string, args: readonly unknown[] = [], block = this.block): number {
    return Number(this.read(name, args, block)?.toString() ?? 0);
  }

  /** A list of numbers or booleans. */
  list<T>(name: string, args: readonly unknown[] = [], block = this.block): T[] {
    return this.read(name, args, block)?.toJSON() as T[];
  }

  write(name: string, args: readonly unknown[], value: unknown): void {
    const entry = this.#entry(name);
    this.#state.set(keyOf(entry, args), u8aToHex(this.#codec(entry, value).toU8a()), this.block);
  }

  remove(name: string, args: readonly unknown[]): void {
    this.#state.set(keyOf(this.#entry(name), args), null, this.block);
  }

  #codec(entry: StorageEntry, value: unknown): Codec {
    const { registry } = this.runtime;
    return registry.createTypeUnsafe(unwrapStorageType(registry, entry.meta.type), [value]);
  }

  #entry(name: string): StorageEntry {
    const entry = this.#find(name);
    if (entry === undefined) throw new Error(`runtime ${this.runtime.name} has no storage ${name}`);
    return entry;
  }

  #find(name: string): StorageEntry | undefined {
    const [pallet = '', item = ''] = name.split('.');
    return this.runtime.decorated.query[pallet]?.[item];
  }
}

function keyOf(entry: StorageEntry, args: readonly unknown[]): string {
  const key = entry(...args);
  return u8aToHex(compactStripLength(key)[1]);
}
