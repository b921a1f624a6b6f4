import { minerTuning, type MinerTuning } from './miner.js';
import { proxyConfig, type ProxyConfig } from './proxy.js';
import { milliseconds } from './sections.js';
import type { Values } from './settings.js';
import { criticConfig, validatorTuning, type CriticConfig, type ValidatorTuning } from './validator.js';

/** The proxy's, and what the validator and the miners beside it are told; their addresses are the static subnet's. */
export interface UpConfig extends ProxyConfig {
  readonly checkIntervalMs: number;
  readonly validator: ValidatorTuning;
  readonly critic?: CriticConfig;
  readonly miner: MinerTuning;
}

export function upConfig(values: Values<'up'>): UpConfig {
  return {
    ...proxyConfig(values),
    checkIntervalMs: milliseconds(values.proxy_check_interval),
    validator: validatorTuning(values),
    ...criticConfig(values),
    miner: minerTuning(values),
  };
}
