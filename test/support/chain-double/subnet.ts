import type { Ledger } from './ledger.js';

/** A neuron of the double's subnet, as the chain has it. */
export interface DoubleNeuron {
  readonly uid: number;
  readonly hotkey: string;
  /** The hotkey itself where not given. */
  readonly coldkey?: string;
  /** Rao of the subnet's alpha staked. */
  readonly alphaRao?: bigint;
  /** Rao staked at the root. */
  readonly taoRao?: bigint;
  readonly validatorPermit?: boolean;
  readonly lastUpdate?: number;
  readonly registeredAt?: number;
  readonly axon?: DoubleAxon;
}

/** `ip` is the integer of the address. */
export interface DoubleAxon {
  readonly ip: bigint;
  readonly port: number;
  readonly ipType?: 4 | 6;
  readonly version?: number;
  readonly protocol?: number;
}

/** Storages of the subnet by their own names; blocks, epochs, rao or shares of 65,535. */
export interface DoubleHyperparameters {
  readonly tempo: number;
  readonly weightsSetRateLimit: number;
  readonly minAllowedWeights: number;
  readonly maxWeightsLimit: number;
  readonly weightsVersionKey: number;
  readonly commitRevealWeightsEnabled: boolean;
  readonly revealPeriodEpochs: number;
  readonly servingRateLimit: number;
  readonly activityCutoff: number;
  readonly immunityPeriod: number;
  readonly maxAllowedUids: number;
}

export const HYPERPARAMETERS: DoubleHyperparameters = {
  tempo: 99,
  weightsSetRateLimit: 100,
  minAllowedWeights: 1,
  maxWeightsLimit: 65_535,
  weightsVersionKey: 0,
  commitRevealWeightsEnabled: false,
  revealPeriodEpochs: 1,
  servingRateLimit: 50,
  activityCutoff: 5000,
  immunityPeriod: 4096,
  maxAllowedUids: 256,
};

/** Share of root stake that counts on a subnet, in hundredths. */
const TAO_WEIGHT_PERCENT = 18n;

export function writeHyperparameters(
  ledger: Ledger,
  netuid: number,
  values: Partial<DoubleHyperparameters>,
): void {
  for (const [name, value] of Object.entries(values))
    ledger.write(`subtensorModule.${name}`, [netuid], value);
}

/** Replaces every neuron of the subnet. */
export function writeNeurons(ledger: Ledger, netuid: number, neurons: readonly DoubleNeuron[]): void {
  clearNeurons(ledger, netuid);
  const size = Math.max(0, ...neurons.map(({ uid }) => uid + 1));
  const perUid = <T>(of: (neuron: DoubleNeuron) => T, none: T): T[] =>
    Array.from({ length: size }, (_, uid) => {
      const neuron = neurons.find((each) => each.uid === uid);
      return neuron === undefined ? none : of(neuron);
    });
  const write = (name: string, value: unknown) => ledger.write(`subtensorModule.${name}`, [netuid], value);
  write('networksAdded', true);
  write('subnetworkN', size);
  write(
    'active',
    perUid(() => true, false),
  );
  write(
    'validatorPermit',
    perUid(({ validatorPermit }) => validatorPermit ?? false, false),
  );
  write(
    'lastUpdate',
    perUid(({ lastUpdate }) => lastUpdate ?? 0, 0),
  );
  for (const name of ['consensus', 'incentive', 'dividends', 'validatorTrust', 'emission'])
    write(
      name,
      perUid(() => 0, 0),
    );
  for (const neuron of neurons) writeNeuron(ledger, netuid, neuron);
}

function clearNeurons(ledger: Ledger, netuid: number): void {
  for (let uid = 0; uid < ledger.number('subtensorModule.subnetworkN', [netuid]); uid += 1) {
    const hotkey = ledger.read('subtensorModule.keys', [netuid, uid]);
    ledger.remove('subtensorModule.uids', [netuid, hotkey]);
    ledger.remove('subtensorModule.axons', [netuid, hotkey]);
    ledger.remove('subtensorModule.keys', [netuid, uid]);
    ledger.remove('subtensorModule.weights', [netuid, uid]);
  }
}

function writeNeuron(ledger: Ledger, netuid: number, neuron: DoubleNeuron): void {
  const { uid, hotkey } = neuron;
  ledger.write('subtensorModule.uids', [netuid, hotkey], uid);
  ledger.write('subtensorModule.keys', [netuid, uid], hotkey);
  ledger.write('subtensorModule.owner', [hotkey], neuron.coldkey ?? hotkey);
  ledger.write('subtensorModule.blockAtRegistration', [netuid, uid], neuron.registeredAt ?? 0);
  ledger.write('subtensorModule.totalHotkeyAlpha', [hotkey, netuid], neuron.alphaRao ?? 0n);
  ledger.write('subtensorModule.totalHotkeyAlpha', [hotkey, 0], neuron.taoRao ?? 0n);
  if (neuron.axon !== undefined)
    ledger.write('subtensorModule.axons', [netuid, hotkey], {
      block: ledger.block,
      version: 1,
      ipType: 4,
      protocol: 4,
      ...neuron.axon,
    });
}

/** Stake of a hotkey in rao: of the subnet, at the root, and together as permits count it. */
export function stakeOf(
  ledger: Ledger,
  netuid: number,
  hotkey: string,
  block = ledger.block,
): { readonly alpha: bigint; readonly tao: bigint; readonly total: bigint } {
  const read = (of: number): bigint =>
    BigInt(ledger.read('subtensorModule.totalHotkeyAlpha', [hotkey, of], block)?.toString() ?? 0);
  const alpha = read(netuid);
  const tao = read(0);
  return { alpha, tao, total: alpha + (tao * TAO_WEIGHT_PERCENT) / 100n };
}

/** Uid of a hotkey; undefined when it is not registered. */
export function uidOf(ledger: Ledger, netuid: number, hotkey: string): number | undefined {
  const uid = ledger.read('subtensorModule.uids', [netuid, hotkey]);
  return uid === undefined ? undefined : Number(uid.toString());
}

/** Number of the epoch that holds a block, by the clock of the runtimes up to 381. */
export function epochOf(ledger: Ledger, netuid: number, block = ledger.block): number {
  return Math.floor((block + netuid + 1) / (ledger.number('subtensorModule.tempo', [netuid], block) + 1));
}

/** First block of an epoch, by the same clock. */
export function firstBlockOf(ledger: Ledger, netuid: number, epoch: number): number {
  return epoch * (ledger.number('subtensorModule.tempo', [netuid]) + 1) - netuid - 1;
}
