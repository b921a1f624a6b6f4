import type { Hotkey } from './ids.js';

/** A neuron of the subnet, as one row of the metagraph. */
export interface Neuron {
  /** 0 to 65,535; may pass to another hotkey, so identity is the hotkey. */
  readonly uid: number;
  readonly hotkey: Hotkey;
  /** TAO, at least 0. */
  readonly stake: number;
  readonly validatorPermit: boolean;
  /** Where it serves; absent when it never announced an axon. */
  readonly axon?: Axon;
  /** Block at which it last set or committed weights; absent where there are no blocks. */
  readonly lastUpdate?: number;
}

/** Where a neuron serves, as it announced. */
export interface Axon {
  readonly ip: string;
  readonly port: number;
}

/** One consistent picture of a subnet. */
export interface Metagraph {
  readonly netuid: number;
  /** `finney`, `test`, `local`, an endpoint, or `static`. */
  readonly network: string;
  readonly source: 'chain' | 'static';
  readonly neurons: readonly Neuron[];
  /** Block at which it was read; absent where there are no blocks. */
  readonly block?: number;
}

/** The last good picture of the subnet. */
export interface NetworkReading {
  readonly metagraph: Metagraph;
  /** Milliseconds since it was read. */
  readonly ageMs: number;
  /** Whether the last try to read it succeeded. */
  readonly connected: boolean;
}

/** Where proxy and validator get their picture of the subnet from. Never throws, never waits. */
export interface NetworkView {
  /** The last good reading; absent until the first. */
  current(): NetworkReading | undefined;
}

/** Miners are the neurons that serve an axon and hold no validator permit. */
export function minersOf(metagraph: Metagraph): readonly (Neuron & { readonly axon: Axon })[] {
  return metagraph.neurons.filter(
    (neuron): neuron is Neuron & { readonly axon: Axon } =>
      neuron.axon !== undefined && !neuron.validatorPermit,
  );
}
