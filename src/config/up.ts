import { minerTuning, type MinerTuning } from './miner.js';
import { proxyConfig, type ProxyConfig } from './proxy.js';
import {
  blacklistConfig,
  milliseconds,
  minerAddresses,
  type BlacklistConfig,
  type MinerAddresses,
} from './sections.js';
import type { Values } from './settings.js';
import { criticConfig, validatorTuning, type CriticConfig, type ValidatorTuning } from './validator.js';

/** The proxy's, and what the validator and the miners beside it are told; their addresses are the static subnet's. */
export interface UpConfig extends ProxyConfig {
  readonly blacklist: BlacklistConfig;
  readonly minerAddresses: MinerAddresses;
  readonly checkIntervalMs: number;
  readonly validator: ValidatorTuning;
  readonly critic?: CriticConfig;
  readonly miner: MinerTuning;
}

export function upConfig(values: Values<'up'>): UpConfig {
  return {
    ...proxyConfig(values),
    blacklist: blacklistConfig(values),
    minerAddresses: minerAddresses(values['dendrite.address']),
    checkIntervalMs: milliseconds(values.proxy_check_interval),
    validator: validatorTuning(values),
    ...criticConfig(values),
    miner: minerTuning(values),
  };
}
