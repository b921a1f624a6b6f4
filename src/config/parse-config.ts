import { bridgeConfig, type BridgeConfig } from './bridge.js';
import { helpText } from './command-line.js';
import { minerConfig, type MinerConfig } from './miner.js';
import { proxyConfig, type ProxyConfig } from './proxy.js';
import { readValues, type Surroundings } from './read-values.js';
import type { Command } from './setting.js';
import type { Values } from './settings.js';
import { upConfig, type UpConfig } from './up.js';
import { validatorConfig, type ValidatorConfig } from './validator.js';
import { walletCommandConfig, type WalletCommandConfig } from './wallet.js';

export interface Configs {
  readonly up: UpConfig;
  readonly proxy: ProxyConfig;
  readonly bridge: BridgeConfig;
  readonly validator: ValidatorConfig;
  readonly miner: MinerConfig;
  readonly wallet: WalletCommandConfig;
}

const BUILDERS: { readonly [P in Command]: (values: Values<P>) => Configs[P] } = {
  up: upConfig,
  proxy: proxyConfig,
  bridge: bridgeConfig,
  validator: validatorConfig,
  miner: minerConfig,
  wallet: walletCommandConfig,
};

export type Parsed<P extends Command> =
  { readonly kind: 'config'; readonly config: Configs[P] } | { readonly kind: 'help'; readonly text: string };

/**
 * The configuration of a command, deeply frozen, or its help.
 *
 * @param argv the words behind the subcommand
 * @throws ConfigError
 */
export function parseConfig<P extends Command>(
  command: P,
  argv: readonly string[],
  surroundings: Surroundings,
): Parsed<P> {
  const values = readValues(command, argv, surroundings);
  if (values === undefined) return { kind: 'help', text: helpText(command) };
  return { kind: 'config', config: deepFreeze(BUILDERS[command](values)) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
