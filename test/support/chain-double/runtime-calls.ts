import { hexToU8a, u8aToHex } from '@polkadot/util';
import { nonceOf } from './extrinsics.js';
import type { Ledger } from './ledger.js';
import type { Runtime } from './runtime.js';
import { metagraphOf, neuronsOf, hyperparametersOf, nextEpochStart } from './subnet-info.js';

/** Indexes that `get_selective_metagraph` takes are places of fields in the structure, 0 to 73. */
const SELECTIVE = 'SubnetInfoRuntimeApi_get_selective_metagraph';

type Answer = (ledger: Ledger, args: readonly unknown[]) => unknown;

const ANSWERS: Readonly<Record<string, Answer>> = {
  Core_version: (ledger) => ledger.runtime.version,
  AccountNonceApi_account_nonce: (ledger, [who]) => nonceOf(ledger, String(who)),
  TransactionPaymentApi_query_info: () => ({
    weight: { refTime: 1, proofSize: 0 },
    class: 'Normal',
    partialFee: 0,
  }),
  SubnetInfoRuntimeApi_get_metagraph: (ledger, [netuid]) => metagraphOf(ledger, Number(netuid)),
  SubnetInfoRuntimeApi_get_subnet_hyperparams: (ledger, [netuid]) =>
    hyperparametersOf(ledger, Number(netuid)),
  SubnetInfoRuntimeApi_get_subnet_hyperparams_v2: (ledger, [netuid]) =>
    hyperparametersOf(ledger, Number(netuid)),
  SubnetInfoRuntimeApi_get_next_epoch_start_block: (ledger, [netuid]) =>
    nextEpochStart(ledger, Number(netuid)),
  NeuronInfoRuntimeApi_get_neurons_lite: (ledger, [netuid]) => neuronsOf(ledger, Number(netuid)),
  NeuronInfoRuntimeApi_get_neurons: (ledger, [netuid]) => neuronsOf(ledger, Number(netuid)),
  [SELECTIVE]: (ledger, [netuid, indexes]) =>
    selected(ledger.runtime, metagraphOf(ledger, Number(netuid)), indexes as number[]),
};

/** Names of the calls that the double answers besides the metadata. */
export const ANSWERED_CALLS = Object.keys(ANSWERS);

/** Answers `state_call` with the real encoding. @throws when the runtime or the double lacks the call */
export function callRuntime(ledger: Ledger, name: string, data: string): string {
  const { runtime } = ledger;
  if (name === 'Metadata_metadata') return `0x${runtime.opaqueMetadata.slice(4)}`;
  if (name === 'Metadata_metadata_versions')
    return u8aToHex(new Uint8Array([4, runtime.metadataVersion, 0, 0, 0]));
  if (name === 'Metadata_metadata_at_version')
    return hexToU8a(data)[0] === runtime.metadataVersion ? runtime.opaqueMetadata : '0x00';
  const call = runtime.calls.get(name);
  const answer = ANSWERS[name];
  if (call === undefined || answer === undefined)
    throw new Error(`Execution failed: Exported method ${name} is not found`);
  const value = answer(ledger, argumentsOf(runtime, call.inputs, hexToU8a(data)));
  return u8aToHex(runtime.registry.createTypeUnsafe(call.output, [value]).toU8a());
}

function argumentsOf(runtime: Runtime, inputs: readonly string[], data: Uint8Array): unknown[] {
  let offset = 0;
  return inputs.map((type) => {
    const codec = runtime.registry.createTypeUnsafe(type, [data.subarray(offset)]);
    offset += codec.encodedLength;
    return codec.toJSON();
  });
}

/** The fields asked for, the others null; the subnet's number is always there. */
function selected(runtime: Runtime, metagraph: object | undefined, indexes: readonly number[]): unknown {
  if (metagraph === undefined) return undefined;
  const output = runtime.calls.get(SELECTIVE)!.output;
  const some = runtime.registry.createTypeUnsafe(output, [{ netuid: 0 }]);
  const fields = Object.keys((some as unknown as { unwrap(): { toJSON(): object } }).unwrap().toJSON());
  const asked = new Set(['netuid', ...indexes.map((index) => fields[index])]);
  return Object.fromEntries(Object.entries(metagraph).filter(([name]) => asked.has(name)));
}
