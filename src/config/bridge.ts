import {
  commonConfig,
  crossOrigins,
  type CommonConfig,
  type CrossOrigins,
  type ListenConfig,
} from './sections.js';
import type { Values } from './settings.js';

export interface BridgeConfig extends CommonConfig {
  readonly http: ListenConfig;
  readonly crossOrigins: CrossOrigins;
  /** `host:port` or `unix:<path>`. */
  readonly proxyAddress: string;
}

export function bridgeConfig(values: Values<'bridge'>): BridgeConfig {
  return {
    ...commonConfig(values),
    http: { host: values['http.host'], port: values['http.port'] },
    crossOrigins: crossOrigins(values['cors.origins']),
    proxyAddress: values['proxy.address'],
  };
}
