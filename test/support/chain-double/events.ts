import type { DoubleEvent } from './dispatch.js';
import type { Runtime } from './runtime.js';

/** Where in a block an event came from: an extrinsic by its place, or the block's own start. */
export type Phase = number | 'Initialization';

const DISPATCH = { weight: { refTime: 1, proofSize: 0 }, class: 'Normal', paysFee: 'No' };

export const SUCCESS: DoubleEvent = { name: 'System.ExtrinsicSuccess', data: [DISPATCH] };

/** What older runtimes raise in place of an error that they have too. */
const OLDER_NAMES: Readonly<Record<string, string>> = { SubnetNotExists: 'SubNetworkDoesNotExist' };

/** ExtrinsicFailed by a module error of SubtensorModule, with this runtime's own index of the name. */
export function failure(runtime: Runtime, error: string): DoubleEvent {
  const errors = Object.values(runtime.decorated.errors.subtensorModule ?? {});
  const find = (name: string) => errors.find(({ meta }) => meta.name.toString() === name);
  const older = OLDER_NAMES[error];
  const found = (older === undefined ? undefined : find(older)) ?? find(error);
  if (found === undefined) throw new Error(`runtime ${runtime.name} has no error ${error}`);
  const pallet = runtime.registry.metadata.pallets.find(({ name }) => name.toString() === 'SubtensorModule')!;
  const module = { index: pallet.index.toNumber(), error: [found.meta.index.toNumber(), 0, 0, 0] };
  return { name: 'System.ExtrinsicFailed', data: [{ Module: module }, DISPATCH] };
}

/** One record of System.Events as the registry takes it. */
export function recordOf(runtime: Runtime, phase: Phase, event: DoubleEvent): unknown {
  const [pallet = '', name = ''] = event.name.split('.');
  const section = pallet.charAt(0).toLowerCase() + pallet.slice(1);
  const creator = runtime.decorated.events[section]?.[name];
  if (creator === undefined) throw new Error(`runtime ${runtime.name} has no event ${event.name}`);
  const { index, fields } = creator.meta;
  const palletIndex = runtime.registry.metadata.pallets.find(
    (each) => each.name.toString() === pallet,
  )!.index;
  const bytes = fields.flatMap(({ type }, at) => [
    ...runtime.registry.createTypeUnsafe(runtime.registry.createLookupType(type), [event.data[at]]).toU8a(),
  ]);
  return {
    phase: phase === 'Initialization' ? 'Initialization' : { ApplyExtrinsic: phase },
    event: new Uint8Array([palletIndex.toNumber(), index.toNumber(), ...bytes]),
    topics: [],
  };
}
