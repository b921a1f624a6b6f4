import { join } from 'node:path';
import { ChainAnnouncer } from '../chain/chain-announcer.js';
import { ChainSubnet } from '../chain/chain-subnet.js';
import { ChainWeights } from '../chain/chain-weights.js';
import { ensureStaticSubnet } from '../chain/ensure-static-subnet.js';
import { StaticNeuron } from '../chain/static-neuron.js';
import { StaticSubnet } from '../chain/static-subnet.js';
import { Turn } from '../chain/turn.js';
import type { SubnetConfig } from '../config/sections.js';
import type { Neuron, NetworkView } from '../domain/network-view.js';
import type { AxonAnnouncer, WeightSetter } from '../domain/weight-setter.js';
import { findHotkey } from '../wallet/find-hotkey.js';
import type { HotkeyPair } from '../wallet/hotkey.js';
import type { Environment } from './environment.js';

export interface SubnetPlace {
  readonly dataDir: string;
  readonly subnet: SubnetConfig;
}

/** A subnet as the programs see it. */
export interface Subnet {
  readonly view: NetworkView;
  readonly isChain: boolean;
  /** The static subnet's file, or the chain as it was named. */
  readonly source: string;
  /** Where the keys of the static subnet are. */
  readonly walletsDir: string;
  /** What a neuron does there. */
  neuron(pair: HotkeyPair): NeuronDoors;
}

export interface NeuronDoors {
  readonly weights: WeightSetter;
  readonly announcer: AxonAnnouncer;
}

/**
 * Opens the subnet that the configuration names; the data directory's own static subnet is made when it
 * is not there yet. A chain may be away.
 *
 * @throws Refusal when the file of a static subnet cannot be used
 */
export async function openSubnet(place: SubnetPlace, env: Environment): Promise<Subnet> {
  const { network, netuid } = place.subnet;
  const walletsDir = join(place.dataDir, 'wallets');
  return network.kind === 'chain'
    ? { ...openChain(network.name, netuid, env), walletsDir }
    : { ...(await openStatic(network.file, place, env)), walletsDir };
}

type Opened = Omit<Subnet, 'walletsDir'>;

async function openStatic(file: string, { dataDir, subnet }: SubnetPlace, env: Environment): Promise<Opened> {
  const { clock, log, lifecycle } = env;
  if (file === join(dataDir, 'subnet.json')) await ensureStaticSubnet(dataDir, { netuid: subnet.netuid });
  const view = new StaticSubnet({ file, clock, log });
  await view.start();
  lifecycle.onStop('subnet', () => {
    view.stop();
  });
  log.info({ file }, 'static subnet from a file: this is not a chain');
  return {
    view,
    isChain: false,
    source: file,
    neuron({ address }) {
      const neuron = new StaticNeuron({ view, file, hotkey: address, clock });
      return { weights: neuron, announcer: neuron };
    },
  };
}

function openChain(network: string, netuid: number, { clock, log, lifecycle }: Environment): Opened {
  const view = new ChainSubnet({ netuid, network, clock, random: Math.random, log });
  view.start();
  lifecycle.onStop('chain', () => view.stop());
  log.info({ network, netuid }, 'connecting to the chain');
  return {
    view,
    isChain: true,
    source: network,
    neuron(pair) {
      const door = { subnet: view, pair, turn: new Turn() };
      return { weights: new ChainWeights(door), announcer: new ChainAnnouncer(door) };
    },
  };
}

/** The neurons of a subnet whose keys are in its wallets, by uid. */
export async function ownNeurons({
  view,
  walletsDir,
}: Pick<Subnet, 'view' | 'walletsDir'>): Promise<readonly Neuron[]> {
  const neurons = view.current()?.metagraph.neurons ?? [];
  const keys = await Promise.all(neurons.map(({ hotkey }) => findHotkey(walletsDir, hotkey)));
  return neurons.filter((_, place) => keys[place] !== undefined);
}
