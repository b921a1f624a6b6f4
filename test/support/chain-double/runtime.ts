import { Metadata, TypeRegistry, expandMetadata } from '@polkadot/types';
import type { Codec } from '@polkadot/types/types';
import { compactAddLength, hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { readMetadata, type KnownRuntime } from './metadata-files.js';

/** One runtime of the chain: its metadata, decoded once per process. */
export interface Runtime {
  readonly name: KnownRuntime;
  readonly registry: TypeRegistry;
  readonly decorated: ReturnType<typeof expandMetadata>;
  readonly metadataHex: `0x${string}`;
  readonly metadataVersion: number;
  /** `Option<OpaqueMetadata>`, as the runtime call answers. */
  readonly opaqueMetadata: string;
  readonly version: RuntimeVersion;
  readonly calls: ReadonlyMap<string, RuntimeCall>;
}

export interface RuntimeVersion {
  readonly specVersion: number;
  readonly transactionVersion: number;
  readonly [name: string]: unknown;
}

/** Types of one runtime call, as names the registry knows. */
export interface RuntimeCall {
  readonly inputs: readonly string[];
  readonly output: string;
}

/** Extensions of Subtensor that carry no bytes. */
const NO_BYTES = { extrinsic: {}, payload: {} };
const EXTENSIONS = {
  SudoTransactionExtension: NO_BYTES,
  SubtensorTransactionExtension: NO_BYTES,
  DrandPriority: NO_BYTES,
};

const decoded = new Map<KnownRuntime, Runtime>();

/** Decodes real metadata; the second time it is the same object. */
export function runtimeOf(name: KnownRuntime): Runtime {
  const known = decoded.get(name);
  if (known !== undefined) return known;
  const runtime = decode(name);
  decoded.set(name, runtime);
  return runtime;
}

/** The same runtime under a higher version, as after an upgrade that changes no types. */
export function withSpecVersion(runtime: Runtime, specVersion: number): Runtime {
  return { ...runtime, version: { ...runtime.version, specVersion } };
}

function decode(name: KnownRuntime): Runtime {
  const metadataHex = readMetadata(name);
  const registry = new TypeRegistry();
  const metadata = new Metadata(registry, metadataHex);
  registry.setMetadata(metadata, undefined, EXTENSIONS);
  const decorated = expandMetadata(registry, metadata);
  const version = registry.createType('RuntimeVersion', decorated.consts.system!.version!.toU8a());
  return {
    name,
    registry,
    decorated,
    metadataHex,
    metadataVersion: metadata.version,
    opaqueMetadata: u8aToHex(u8aConcat([1], compactAddLength(hexToU8a(metadataHex)))),
    version: version.toJSON() as unknown as RuntimeVersion,
    calls: callsOf(registry, metadata),
  };
}

function callsOf(registry: TypeRegistry, metadata: Metadata): Map<string, RuntimeCall> {
  const typeName = (id: Codec): string => registry.createLookupType(Number(id.toString()));
  const calls = new Map<string, RuntimeCall>();
  for (const { name, methods } of metadata.asLatest.apis)
    for (const method of methods)
      calls.set(`${name.toString()}_${method.name.toString()}`, {
        inputs: method.inputs.map((input) => typeName(input.type)),
        output: typeName(method.output),
      });
  return calls;
}
