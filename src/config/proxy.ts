import { join } from 'node:path';
import type { Balance } from '../domain/balance.js';
import type { Boosts } from '../domain/rank.js';
import { ConfigError } from './config-error.js';
import {
  checkOrder,
  commonConfig,
  crossOrigins,
  milliseconds,
  subnetConfig,
  type CommonConfig,
  type CrossOrigins,
  type ListenConfig,
  type SubnetConfig,
} from './sections.js';
import type { Values } from './settings.js';

export interface ProxyConfig extends CommonConfig {
  readonly http: ListenConfig;
  readonly crossOrigins: CrossOrigins;
  readonly grpc: ListenConfig;
  readonly metrics: ListenConfig;
  /** Whether callers without an API key are served also where they are not by default. */
  readonly allowAnonymous: boolean;
  /** A file, or `:memory:`. */
  readonly database: string;
  readonly subnet: SubnetConfig;
  readonly limits: {
    readonly maxAudioBytes: number;
    /** Code points, as the other lengths. */
    readonly minSummaryLength: number;
    readonly maxSummaryLength: number;
    readonly maxTtsLength: number;
  };
  readonly task: { readonly maxAttempts: number; readonly maxRunMs: number };
  readonly queue: { readonly maxPending: number; readonly balance: Balance };
  /** Absent leaves the floor to the size of the volume. */
  readonly disk: { readonly minFreeBytes?: number };
  /** How long finished tasks are kept. */
  readonly retentionMs: number;
  readonly boosts: Boosts;
  readonly webhooks: {
    readonly secretFile: string;
    /** Makes the file when it is not there: nobody named it. */
    readonly makeSecret: boolean;
    readonly allowPrivate: boolean;
  };
}

export function proxyConfig(values: Values<'proxy'>): ProxyConfig {
  const listeners = {
    http: { host: values['http.host'], port: values['http.port'] },
    grpc: { host: values['grpc.host'], port: values['grpc.port'] },
    metrics: { host: values['metrics.host'], port: values['metrics.port'] },
  };
  checkListeners(listeners);
  checkOrder(values, 'limits.min_summary_length', 'limits.max_summary_length');
  checkOrder(values, 'priority.normal_boost', 'priority.high_boost');
  checkOrder(values, 'priority.high_boost', 'priority.urgent_boost');
  const minFreeBytes = values['disk.min_free'];
  return {
    ...commonConfig(values),
    ...listeners,
    crossOrigins: crossOrigins(values['cors.origins']),
    allowAnonymous: values['auth.allow_anonymous'],
    database: values.database ?? join(values.data_dir, 'proxy.db'),
    subnet: subnetConfig(values),
    limits: {
      maxAudioBytes: values['limits.max_audio_bytes'],
      minSummaryLength: values['limits.min_summary_length'],
      maxSummaryLength: values['limits.max_summary_length'],
      maxTtsLength: values['limits.max_tts_length'],
    },
    task: { maxAttempts: values['task.max_attempts'], maxRunMs: milliseconds(values['task.max_run_time']) },
    queue: { maxPending: values['queue.max_pending'], balance: values.balance },
    disk: minFreeBytes === undefined ? {} : { minFreeBytes },
    retentionMs: milliseconds(values.retention),
    webhooks: {
      secretFile: values['webhooks.secret_file'] ?? join(values.data_dir, 'webhook-secret'),
      makeSecret: values['webhooks.secret_file'] === undefined,
      allowPrivate: values['webhooks.allow_private'],
    },
    boosts: {
      urgent: milliseconds(values['priority.urgent_boost']),
      high: milliseconds(values['priority.high_boost']),
      normal: milliseconds(values['priority.normal_boost']),
      low: 0,
    },
  };
}

function checkListeners(listeners: Readonly<Record<string, ListenConfig>>): void {
  const taken = new Map<string, string>();
  for (const [name, { host, port }] of Object.entries(listeners)) {
    if (port === 0) continue;
    const address = `${host} ${port}`;
    const other = taken.get(address);
    if (other !== undefined)
      throw new ConfigError(
        `--${other}.port ${port} and --${name}.port ${port} are the same on ${host}: they must differ`,
      );
    taken.set(address, name);
  }
}
