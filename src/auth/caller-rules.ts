import type { Metagraph, NetworkView, Neuron } from '../domain/network-view.js';

/** Whose questions a neuron answers. */
export interface CallerRules {
  readonly forceValidatorPermit: boolean;
  /** TAO. */
  readonly minStake: number;
  /** Hotkeys that need neither registration nor permit nor stake. */
  readonly allow: readonly string[];
  /** Goes before everything else. */
  readonly deny: readonly string[];
}

export type Verdict =
  /** Stake in TAO; 0 for one who is no neuron. */
  { readonly kind: 'allowed'; readonly stake: number } | { readonly kind: 'denied'; readonly why: string };

/** Decides by the last picture of the subnet; pure look-ups. */
export class CallerList {
  readonly #allow: ReadonlySet<string>;
  readonly #deny: ReadonlySet<string>;
  #indexed: { readonly of: Metagraph; readonly neurons: ReadonlyMap<string, Neuron> } | undefined;

  constructor(
    private readonly rules: CallerRules,
    private readonly network: NetworkView,
  ) {
    this.#allow = new Set(rules.allow);
    this.#deny = new Set(rules.deny);
  }

  judge(hotkey: string): Verdict {
    if (this.#deny.has(hotkey)) return denied('the hotkey is on the list of denied ones');
    const neuron = this.#neuron(hotkey);
    if (this.#allow.has(hotkey)) return { kind: 'allowed', stake: neuron?.stake ?? 0 };
    if (neuron === undefined) return denied('the hotkey is not registered on the subnet');
    const { forceValidatorPermit, minStake } = this.rules;
    if (forceValidatorPermit && !neuron.validatorPermit) return denied('the hotkey has no validator permit');
    if (neuron.stake < minStake) return denied(`the stake is below ${minStake} TAO`);
    return { kind: 'allowed', stake: neuron.stake };
  }

  #neuron(hotkey: string): Neuron | undefined {
    const metagraph = this.network.current()?.metagraph;
    if (metagraph === undefined) return undefined;
    if (this.#indexed?.of !== metagraph)
      this.#indexed = {
        of: metagraph,
        neurons: new Map(metagraph.neurons.map((neuron) => [neuron.hotkey, neuron])),
      };
    return this.#indexed.neurons.get(hotkey);
  }
}

function denied(why: string): Verdict {
  return { kind: 'denied', why };
}
