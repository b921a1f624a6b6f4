import { join } from 'node:path';
import { ConfigError } from './config-error.js';

/** Where a listener binds; port 0 takes a free one. */
export interface ListenConfig {
  readonly host: string;
  readonly port: number;
}

/** What every program has. */
export interface CommonConfig {
  readonly dataDir: string;
  readonly logging: {
    readonly debug: boolean;
    /** `auto` is text on a terminal and json elsewhere. */
    readonly format: 'auto' | 'text' | 'json';
  };
  readonly shutdownGraceMs: number;
}

export interface CommonValues {
  readonly data_dir: string;
  readonly 'logging.debug': boolean;
  readonly 'logging.format': 'auto' | 'text' | 'json';
  readonly 'shutdown.grace': number;
}

export function commonConfig(values: CommonValues): CommonConfig {
  return {
    dataDir: values.data_dir,
    logging: { debug: values['logging.debug'], format: values['logging.format'] },
    shutdownGraceMs: milliseconds(values['shutdown.grace']),
  };
}

/** Whose pages may call the HTTP endpoints, as browsers name them. */
export type CrossOrigins = '*' | readonly string[];

export function crossOrigins(text: string): CrossOrigins {
  return text === '*' ? text : text.split(',');
}

/** The subnet and where it is read. */
export interface SubnetConfig {
  readonly netuid: number;
  readonly network:
    | { readonly kind: 'static'; readonly file: string }
    /** `finney`, `test`, `local`, or a ws:// or wss:// URL; several endpoints of it with commas between. */
    | { readonly kind: 'chain'; readonly name: string };
}

export interface SubnetValues {
  readonly data_dir: string;
  readonly netuid: number;
  readonly 'subtensor.network': string | undefined;
}

export function subnetConfig(values: SubnetValues): SubnetConfig {
  const network = values['subtensor.network'] ?? `static:${join(values.data_dir, 'subnet.json')}`;
  return {
    netuid: values.netuid,
    network: network.startsWith('static:')
      ? { kind: 'static', file: network.slice('static:'.length) }
      : { kind: 'chain', name: network },
  };
}

/** The key of a validator or miner. Without a name it is the one of the static subnet, or `default` on a chain. */
export interface WalletConfig {
  readonly name?: string;
  readonly hotkey?: string;
  readonly path: string;
  /** Holds the password of the hotkey; absent asks for it on the terminal. */
  readonly passwordFile?: string;
}

export interface WalletValues {
  readonly 'wallet.name': string | undefined;
  readonly 'wallet.hotkey': string | undefined;
  readonly 'wallet.path': string;
  readonly 'wallet.password_file': string | undefined;
}

/** Where a validator or miner is reached. */
export interface AxonConfig extends ListenConfig {
  /** What others are told, where it differs from where the axon listens. */
  readonly external: { readonly ip?: string; readonly port?: number };
}

export interface AxonValues {
  readonly 'axon.ip': string;
  readonly 'axon.port': number | undefined;
  readonly 'axon.external_ip': string | undefined;
  readonly 'axon.external_port': number | undefined;
}

export function walletConfig(values: WalletValues): WalletConfig {
  const { 'wallet.name': name, 'wallet.hotkey': hotkey, 'wallet.password_file': passwordFile } = values;
  return {
    ...(name !== undefined && { name }),
    ...(hotkey !== undefined && { hotkey }),
    path: values['wallet.path'],
    ...(passwordFile !== undefined && { passwordFile }),
  };
}

export function axonConfig(values: AxonValues, defaultPort: number): AxonConfig {
  const { 'axon.external_ip': ip, 'axon.external_port': port } = values;
  return {
    host: values['axon.ip'],
    port: values['axon.port'] ?? defaultPort,
    external: { ...(ip !== undefined && { ip }), ...(port !== undefined && { port }) },
  };
}

/** Whose questions a neuron answers. */
export interface BlacklistConfig {
  readonly forceValidatorPermit: boolean;
  /** TAO. */
  readonly minStake: number;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

export interface BlacklistValues {
  readonly 'blacklist.force_validator_permit': boolean;
  readonly 'blacklist.min_stake': number;
  readonly 'blacklist.allow': string | undefined;
  readonly 'blacklist.deny': string | undefined;
}

export function blacklistConfig(values: BlacklistValues): BlacklistConfig {
  return {
    forceValidatorPermit: values['blacklist.force_validator_permit'],
    minStake: values['blacklist.min_stake'],
    allow: values['blacklist.allow']?.split(',') ?? [],
    deny: values['blacklist.deny']?.split(',') ?? [],
  };
}

/** Where miners are reached in place of what they announced, by hotkey. */
export type MinerAddresses = ReadonlyMap<string, ListenConfig>;

export function minerAddresses(text: string | undefined): MinerAddresses {
  return new Map(
    (text?.split(',') ?? []).map((entry) => {
      const [hotkey = '', address = ''] = entry.split('=');
      const colon = address.lastIndexOf(':');
      const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
      return [hotkey, { host, port: Number(address.slice(colon + 1)) }];
    }),
  );
}

/** Whole milliseconds of a setting in seconds. */
export function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** Two settings of which the first must not be above the second. */
export function checkOrder(values: Readonly<Record<string, unknown>>, lower: string, upper: string): void {
  const [low, high] = [Number(values[lower]), Number(values[upper])];
  if (low > high)
    throw new ConfigError(`--${lower} ${low} is above --${upper} ${high}: it must be at most that`);
}
