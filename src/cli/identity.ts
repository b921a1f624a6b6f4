import type { WalletConfig } from '../config/sections.js';
import type { Hotkey } from '../domain/ids.js';
import type { Neuron } from '../domain/network-view.js';
import { hotkeyPath } from '../wallet/find-hotkey.js';
import { readHotkeyFile } from '../wallet/hotkey-file.js';
import { ownNeurons, type Subnet } from './subnet.js';

const DEFAULT_NAME = 'default';

/**
 * The hotkey that a validator or miner acts as: the one of the wallet that was named, else the first of
 * the subnet's neurons that fits and whose key is in the data directory.
 *
 * @throws Refusal when the named wallet cannot be read
 */
export async function findIdentity(
  { name, hotkey, path }: WalletConfig,
  subnet: Subnet,
  fits: (neuron: Neuron) => boolean,
): Promise<Hotkey | undefined> {
  if (name === undefined && hotkey === undefined) return (await ownNeurons(subnet)).find(fits)?.hotkey;
  const file = hotkeyPath(path, { wallet: name ?? DEFAULT_NAME, hotkey: hotkey ?? DEFAULT_NAME });
  return (await readHotkeyFile(file)).address;
}
