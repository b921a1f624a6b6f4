import {
  axonConfig,
  blacklistConfig,
  commonConfig,
  subnetConfig,
  walletConfig,
  type AxonConfig,
  type BlacklistConfig,
  type CommonConfig,
  type SubnetConfig,
  type WalletConfig,
} from './sections.js';
import type { Values } from './settings.js';

export interface MinerConfig extends CommonConfig {
  readonly subnet: SubnetConfig;
  readonly wallet: WalletConfig;
  readonly axon: AxonConfig;
  readonly blacklist: BlacklistConfig;
  readonly limits: { readonly maxAudioBytes: number };
  readonly miner: MinerTuning;
}

export interface MinerTuning {
  readonly maxSlots: number;
  /** Absent leaves it to the engine. */
  readonly voice?: string;
}

const DEFAULT_AXON_PORT = 8091;

export function minerConfig(values: Values<'miner'>): MinerConfig {
  return {
    ...commonConfig(values),
    subnet: subnetConfig(values),
    wallet: walletConfig(values),
    axon: axonConfig(values, DEFAULT_AXON_PORT),
    blacklist: blacklistConfig(values),
    limits: { maxAudioBytes: values['limits.max_audio_bytes'] },
    miner: minerTuning(values),
  };
}

export function minerTuning(values: Pick<Values<'miner'>, 'miner.max_slots' | 'miner.voice'>): MinerTuning {
  const voice = values['miner.voice'];
  return { maxSlots: values['miner.max_slots'], ...(voice !== undefined && { voice }) };
}
