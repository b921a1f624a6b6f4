import { bridgeConfig, type BridgeConfig } from './bridge.js';
import { helpText } from './command-line.js';
import { minerConfig, type MinerConfig } from './miner.js';
import { proxyConfig, type ProxyConfig } from './proxy.js';
import { readValues, type Surroundings } from './read-values.js';
import type { Program } from './setting.js';
import type { Values } from './settings.js';
import { upConfig, type UpConfig } from './up.js';
import { validatorConfig, type ValidatorConfig } from './validator.js';

export interface Configs {
  readonly up: UpConfig;
  readonly proxy: ProxyConfig;
  readonly bridge: BridgeConfig;
  readonly validator: ValidatorConfig;
  readonly miner: MinerConfig;
}

const BUILDERS: { readonly [P in Program]: (values: Values<P>) => Configs[P] } = {
  up: upConfig,
  proxy: proxyConfig,
  bridge: bridgeConfig,
  validator: validatorConfig,
  miner: minerConfig,
};

export type Parsed<P extends Program> =
  { readonly kind: 'config'; readonly config: Configs[P] } | { readonly kind: 'help'; readonly text: string };

/**
 * The configuration of a program, deeply frozen, or its help.
 *
 * @param argv the words behind the subcommand
 * @throws ConfigError
 */
export function parseConfig<P extends Program>(
  program: P,
  argv: readonly string[],
  surroundings: Surroundings,
): Parsed<P> {
  const values = readValues(program, argv, surroundings);
  if (values === undefined) return { kind: 'help', text: helpText(program) };
  return { kind: 'config', config: deepFreeze(BUILDERS[program](values)) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
