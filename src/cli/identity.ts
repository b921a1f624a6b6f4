import type { SubnetConfig, WalletConfig } from '../config/sections.js';
import type { Neuron } from '../domain/network-view.js';
import type { Logger } from '../runtime/logger.js';
import { findHotkey, hotkeyPath } from '../wallet/find-hotkey.js';
import type { HotkeyPair } from '../wallet/hotkey.js';
import { readHotkeyFile } from '../wallet/hotkey-file.js';
import { exposedMode } from '../wallet/secret-file.js';
import { hotkeyPassword } from './hotkey-password.js';
import { ownNeurons, type Subnet } from './subnet.js';

/** Of a wallet and of a hotkey, as for btcli. */
export const DEFAULT_NAME = 'default';

export interface IdentitySearch {
  readonly config: { readonly wallet: WalletConfig; readonly subnet: SubnetConfig };
  readonly subnet: Pick<Subnet, 'view' | 'walletsDir'>;
  /** Which neurons of a static subnet will do. */
  readonly fits: (neuron: Neuron) => boolean;
  readonly log: Logger;
}

/**
 * The hotkey that a validator or miner acts as: the one of the wallet that was named, `default` of `default` on a
 * chain, else the first of the static subnet's neurons that fits and whose key is in the data directory.
 *
 * @throws Refusal when the wallet cannot be read, StartError when its password is not given
 */
export async function findIdentity(search: IdentitySearch): Promise<HotkeyPair | undefined> {
  const { config, log } = search;
  const file = await identityFile(search);
  if (file === undefined) return undefined;
  const key = await readHotkeyFile(file, hotkeyPassword(config.wallet));
  for (const secret of [file, config.wallet.passwordFile]) await warnIfExposed(secret, log);
  return key;
}

/** Where the hotkey of a wallet lies that may leave its names out. */
export function walletFile({ path, name, hotkey }: WalletConfig): string {
  return hotkeyPath(path, { wallet: name ?? DEFAULT_NAME, hotkey: hotkey ?? DEFAULT_NAME });
}

async function identityFile({ config, subnet, fits }: IdentitySearch): Promise<string | undefined> {
  const { wallet } = config;
  const named = wallet.name !== undefined || wallet.hotkey !== undefined;
  if (named || config.subnet.network.kind === 'chain') return walletFile(wallet);
  const neuron = (await ownNeurons(subnet)).find(fits);
  const name = neuron && (await findHotkey(subnet.walletsDir, neuron.hotkey));
  return name && hotkeyPath(subnet.walletsDir, name);
}

async function warnIfExposed(file: string | undefined, log: Logger): Promise<void> {
  const mode = file === undefined ? undefined : await exposedMode(file);
  if (mode !== undefined)
    log.warn(
      { file, mode },
      'other users of this machine may read a secret: make the file private with chmod 600',
    );
}
