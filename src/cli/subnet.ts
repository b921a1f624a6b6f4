import { join } from 'node:path';
import { ensureStaticSubnet } from '../chain/ensure-static-subnet.js';
import { StaticSubnet } from '../chain/static-subnet.js';
import type { SubnetConfig } from '../config/sections.js';
import type { Neuron, NetworkView } from '../domain/network-view.js';
import { findHotkey } from '../wallet/find-hotkey.js';
import type { Environment } from './environment.js';
import { StartError } from './start-error.js';

export interface SubnetPlace {
  readonly dataDir: string;
  readonly subnet: SubnetConfig;
}

/** A picture of the subnet and where the keys of the static one are. */
export interface Subnet {
  readonly view: NetworkView;
  readonly file: string;
  readonly walletsDir: string;
}

/**
 * Opens the subnet that the configuration names; the data directory's own static subnet is made when it
 * is not there yet.
 *
 * @throws StartError, Refusal
 */
export async function openSubnet({ dataDir, subnet }: SubnetPlace, env: Environment): Promise<Subnet> {
  const { network, netuid } = subnet;
  if (network.kind === 'chain')
    throw new StartError(
      `--subtensor.network ${network.name}: this version reads static subnets alone; ` +
        'leave the flag out, or give static:<file.json>',
    );
  const { file } = network;
  if (file === join(dataDir, 'subnet.json')) await ensureStaticSubnet(dataDir, { netuid });
  const view = new StaticSubnet({ file, clock: env.clock, log: env.log });
  await view.start();
  env.lifecycle.onStop('subnet', () => {
    view.stop();
  });
  env.log.info({ file }, 'static subnet from a file: this is not a chain');
  return { view, file, walletsDir: join(dataDir, 'wallets') };
}

/** The neurons of a subnet whose keys are in its wallets, by uid. */
export async function ownNeurons({ view, walletsDir }: Subnet): Promise<readonly Neuron[]> {
  const neurons = view.current()?.metagraph.neurons ?? [];
  const keys = await Promise.all(neurons.map(({ hotkey }) => findHotkey(walletsDir, hotkey)));
  return neurons.filter((_, place) => keys[place] !== undefined);
}
