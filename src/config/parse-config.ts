import { bridgeConfig, type BridgeConfig } from './bridge.js';
import { helpText } from './command-line.js';
import { keysCommandConfig, type KeysCommandConfig } from './keys.js';
import { minerConfig, type MinerConfig } from './miner.js';
import { proxyConfig, type ProxyConfig } from './proxy.js';
import { readValues, type Surroundings } from './read-values.js';
import type { Command } from './setting.js';
import type { Values } from './settings.js';
import { upConfig, type UpConfig } from './up.js';
import {
  sayConfig,
  submitConfig,
  summarizeConfig,
  tasksConfig,
  watchConfig,
  type SayConfig,
  type SubmitConfig,
  type SummarizeConfig,
  type TasksConfig,
  type WatchConfig,
} from './user.js';
import { validatorConfig, type ValidatorConfig } from './validator.js';
import { walletCommandConfig, type WalletCommandConfig } from './wallet.js';

export interface Configs {
  readonly up: UpConfig;
  readonly proxy: ProxyConfig;
  readonly bridge: BridgeConfig;
  readonly validator: ValidatorConfig;
  readonly miner: MinerConfig;
  readonly wallet: WalletCommandConfig;
  readonly keys: KeysCommandConfig;
  readonly submit: SubmitConfig;
  readonly say: SayConfig;
  readonly summarize: SummarizeConfig;
  readonly tasks: TasksConfig;
  readonly watch: WatchConfig;
}

const BUILDERS: { readonly [P in Command]: (values: Values<P>, operand?: string) => Configs[P] } = {
  up: upConfig,
  proxy: proxyConfig,
  bridge: bridgeConfig,
  validator: validatorConfig,
  miner: minerConfig,
  wallet: walletCommandConfig,
  keys: keysCommandConfig,
  submit: submitConfig,
  say: sayConfig,
  summarize: summarizeConfig,
  tasks: tasksConfig,
  watch: watchConfig,
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
  const given = readValues(command, argv, surroundings);
  if (given === undefined) return { kind: 'help', text: helpText(command) };
  return { kind: 'config', config: deepFreeze(BUILDERS[command](given.values, given.operand)) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
