import {
  axonConfig,
  commonConfig,
  milliseconds,
  subnetConfig,
  walletConfig,
  type AxonConfig,
  type CommonConfig,
  type SubnetConfig,
  type WalletConfig,
} from './sections.js';
import type { Values } from './settings.js';

export interface ValidatorConfig extends CommonConfig {
  readonly subnet: SubnetConfig;
  readonly wallet: WalletConfig;
  readonly axon: AxonConfig;
  readonly integration: {
    readonly enabled: boolean;
    /** Without a slash at the end. */
    readonly serverUrl: string;
    readonly checkIntervalMs: number;
  };
  readonly validator: ValidatorTuning;
}

export interface ValidatorTuning {
  readonly maxInFlight: number;
  readonly minersPerTask: number;
}

const DEFAULT_AXON_PORT = 8092;

export function validatorConfig(values: Values<'validator'>): ValidatorConfig {
  return {
    ...commonConfig(values),
    subnet: subnetConfig(values),
    wallet: walletConfig(values),
    axon: axonConfig(values, DEFAULT_AXON_PORT),
    integration: {
      enabled: values.enable_proxy_integration,
      serverUrl: values.proxy_server_url,
      checkIntervalMs: milliseconds(values.proxy_check_interval),
    },
    validator: validatorTuning(values),
  };
}

export function validatorTuning(
  values: Pick<Values<'validator'>, 'validator.max_in_flight' | 'validator.miners_per_task'>,
): ValidatorTuning {
  return {
    maxInFlight: values['validator.max_in_flight'],
    minersPerTask: values['validator.miners_per_task'],
  };
}
