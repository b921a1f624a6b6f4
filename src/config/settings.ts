import { BALANCES } from '../domain/balance.js';
import {
  DEFAULT_MAX_ATTEMPTS,
  DEFAULT_MAX_AUDIO_BYTES,
  DEFAULT_MAX_RUN_MS,
  DEFAULT_MIN_SUMMARY_LENGTH,
  DEFAULT_RETENTION_MS,
  MAX_SUMMARY_LENGTH,
  MAX_TTS_LENGTH,
} from '../domain/limits.js';
import { DEFAULT_BOOSTS } from '../domain/rank.js';
import { KEYS_SETTINGS } from './keys-settings.js';
import { NEURON_SETTINGS } from './neuron-settings.js';
import { COMMANDS, PROGRAMS, type Command, type Setting, type SettingValue } from './setting.js';
import { USER_SETTINGS } from './user-settings.js';
import { VALIDATOR_SETTINGS } from './validator-settings.js';

const PORT = { type: 'port', min: 0, max: 65_535 } as const;
/** A port that others are told; 0 would mean nothing to them. */
const TOLD_PORT = { type: 'port', min: 1, max: 65_535 } as const;
const PROXY = ['up', 'proxy'] as const;
const FRONT = ['up', 'proxy', 'bridge'] as const;
const SUBNET = ['up', 'proxy', 'validator', 'miner'] as const;
const NEURON = ['validator', 'miner'] as const;
const WALLET = ['validator', 'miner', 'wallet'] as const;
const DAY = 86_400;

/**
 * Every setting of every program, by its flag without the dashes. Flags, environment names, help and
 * the table of the documentation all come from here.
 */
export const SETTINGS = {
  config: {
    type: 'path',
    programs: COMMANDS,
    description:
      'JSON file of settings: an object from flags without the dashes to values; may hold those of several programs',
  },
  data_dir: {
    type: 'path',
    default: '~/.audio-subnet',
    programs: [...PROGRAMS, 'keys'],
    description: 'directory of the database, content, API keys, static subnet and its keys',
  },
  'logging.debug': {
    type: 'boolean',
    default: false,
    programs: PROGRAMS,
    description: 'log debug lines too',
  },
  'logging.format': {
    type: 'choice',
    choices: ['auto', 'text', 'json'],
    default: 'auto',
    programs: PROGRAMS,
    description: 'form of log lines; auto is text on a terminal and json elsewhere',
  },
  'shutdown.grace': {
    type: 'seconds',
    min: 0,
    max: 3600,
    default: 5,
    programs: PROGRAMS,
    description: 'time for work in progress to end after a signal to stop',
  },
  'http.host': {
    type: 'host',
    default: '127.0.0.1',
    programs: FRONT,
    description: 'address the front door (REST, and gRPC where the proxy serves it) listens on',
  },
  'http.port': {
    ...PORT,
    default: 8000,
    programs: FRONT,
    description: 'port of the front door; 0 takes a free one',
  },
  'cors.origins': {
    type: 'origins',
    default: '*',
    programs: FRONT,
    description:
      'origins whose pages may call the HTTP endpoints, several with commas between; * is every one',
  },
  'grpc.host': {
    type: 'host',
    default: '127.0.0.1',
    programs: PROXY,
    description: 'address gRPC listens on',
  },
  'grpc.port': { ...PORT, default: 50_051, programs: PROXY, description: 'port of gRPC; 0 takes a free one' },
  'metrics.host': {
    type: 'host',
    default: '127.0.0.1',
    programs: PROXY,
    description: 'address /metrics and /healthz listen on',
  },
  'metrics.port': {
    ...PORT,
    default: 9464,
    programs: PROXY,
    description: 'port of /metrics and /healthz; 0 takes a free one',
  },
  'auth.allow_anonymous': {
    type: 'boolean',
    default: false,
    programs: PROXY,
    description:
      'serve callers without an API key (submit and read), also when there are keys or others than this machine reach the proxy',
  },
  'proxy.address': {
    type: 'address',
    default: '127.0.0.1:50051',
    programs: ['bridge'],
    description: 'gRPC address of the proxy, host:port or unix:<path>',
  },
  database: {
    type: 'path',
    otherwise: '<data_dir>/proxy.db',
    programs: PROXY,
    description: 'SQLite file of the queue; :memory: keeps everything in memory',
  },
  'disk.min_free': {
    type: 'bytes',
    min: 0,
    max: 1024 ** 4,
    otherwise: '1073741824, or 5 % of the volume where that is less',
    programs: PROXY,
    description: 'free space below which new tasks and uploads are refused; 0 fills the disk',
  },
  retention: {
    type: 'seconds',
    min: 3_600,
    max: 3_650 * DAY,
    default: DEFAULT_RETENTION_MS / 1000,
    programs: PROXY,
    description: 'finished tasks, their results and content are removed so long after their end',
  },
  'webhooks.secret_file': {
    type: 'path',
    otherwise: '<data_dir>/webhook-secret, made when it is not there',
    programs: PROXY,
    description:
      'file of one or two secrets whsec_… that webhooks are signed with; read again when it changes',
  },
  'webhooks.allow_private': {
    type: 'boolean',
    default: false,
    programs: PROXY,
    description: 'let callback URLs name any address and port, private and loopback too: for local trials',
  },
  netuid: {
    type: 'integer',
    unit: 'subnet number',
    min: 0,
    max: 65_535,
    default: 49,
    programs: SUBNET,
    description: 'number of the subnet on its network',
  },
  'subtensor.network': {
    type: 'network',
    otherwise: 'static:<data_dir>/subnet.json',
    programs: SUBNET,
    description:
      'where the subnet is read: static:<file>, or a chain: finney, test, local, ws://… or wss://…, several endpoints with commas between',
  },
  'wallet.name': {
    type: 'name',
    otherwise: 'default; on the static subnet the key in data_dir',
    programs: WALLET,
    description: 'wallet (coldkey) name',
  },
  'wallet.hotkey': {
    type: 'name',
    otherwise: 'default; on the static subnet the key in data_dir',
    programs: WALLET,
    description: 'hotkey name within the wallet',
  },
  'wallet.path': {
    type: 'path',
    default: '~/.bittensor/wallets',
    programs: WALLET,
    description: 'directory of the Bittensor wallets',
  },
  'wallet.password_file': {
    type: 'path',
    otherwise: 'asked for on the terminal',
    programs: WALLET,
    description: 'file that holds the password of an encrypted hotkey alone',
  },
  'wallet.secret_file': {
    type: 'path',
    otherwise: 'asked for on the terminal, else read from standard input',
    programs: ['wallet'],
    description: 'file that holds the phrase, seed or private key to import alone',
  },
  'axon.ip': {
    type: 'host',
    default: '127.0.0.1',
    programs: NEURON,
    description: 'address the axon listens on',
  },
  'axon.port': {
    ...PORT,
    otherwise: '8092 (validator), 8091 (miner)',
    programs: NEURON,
    description: 'port the axon listens on; 0 takes a free one',
  },
  'axon.external_ip': {
    type: 'ip',
    otherwise: 'axon.ip',
    programs: NEURON,
    description: 'address of the axon that others are told',
  },
  'axon.external_port': {
    ...TOLD_PORT,
    otherwise: 'axon.port',
    programs: NEURON,
    description: 'port of the axon that others are told',
  },
  ...NEURON_SETTINGS,
  proxy_server_url: {
    type: 'url',
    default: 'http://localhost:8000',
    environment: 'PROXY_SERVER_URL',
    programs: ['validator'],
    description: 'front door of the proxy server',
  },
  proxy_key_file: {
    type: 'path',
    programs: ['validator'],
    description:
      'file that holds an API key of the proxy with the scope validate alone; AUDIO_SUBNET_PROXY_KEY may hold the key in its place',
  },
  proxy_key: {
    type: 'secret',
    programs: ['validator'],
    description: 'the key of proxy_key_file itself, from the environment alone',
  },
  enable_proxy_integration: {
    type: 'boolean',
    default: true,
    environment: 'ENABLE_PROXY_INTEGRATION',
    programs: ['validator'],
    description: 'take tasks from the proxy server',
  },
  proxy_check_interval: {
    type: 'seconds',
    min: 0.1,
    max: DAY,
    default: 30,
    environment: 'PROXY_CHECK_INTERVAL',
    programs: ['up', 'validator'],
    description: 'time between two checks for tasks while the proxy cannot be streamed from',
  },
  ...VALIDATOR_SETTINGS,
  ...KEYS_SETTINGS,
  'miner.max_slots': {
    type: 'integer',
    unit: 'tasks',
    min: 1,
    max: 1000,
    default: 2,
    programs: ['up', 'miner'],
    description: 'tasks a miner works on at a time',
  },
  'miner.voice': {
    type: 'name',
    otherwise: "the engine's own",
    programs: ['up', 'miner'],
    description: 'voice of speech when the task names none',
  },
  'limits.max_audio_bytes': {
    type: 'bytes',
    min: 1,
    max: 1024 ** 3,
    default: DEFAULT_MAX_AUDIO_BYTES,
    programs: ['up', 'proxy', 'miner'],
    description: 'largest audio of a task',
  },
  'limits.min_summary_length': {
    type: 'integer',
    unit: 'code points',
    min: 1,
    max: MAX_SUMMARY_LENGTH,
    default: DEFAULT_MIN_SUMMARY_LENGTH,
    programs: PROXY,
    description: 'shortest text to summarize, without surrounding space',
  },
  'limits.max_summary_length': {
    type: 'integer',
    unit: 'code points',
    min: 1,
    max: MAX_SUMMARY_LENGTH,
    default: MAX_SUMMARY_LENGTH,
    programs: PROXY,
    description: 'longest text to summarize',
  },
  'limits.max_tts_length': {
    type: 'integer',
    unit: 'code points',
    min: 1,
    max: MAX_TTS_LENGTH,
    default: MAX_TTS_LENGTH,
    programs: PROXY,
    description: 'longest text to speak',
  },
  'task.max_attempts': {
    type: 'integer',
    unit: 'attempts',
    min: 1,
    max: 10,
    default: DEFAULT_MAX_ATTEMPTS,
    programs: PROXY,
    description: 'attempts after which a task fails, unless the task says',
  },
  'task.max_run_time': {
    type: 'seconds',
    min: 1,
    max: DAY,
    default: DEFAULT_MAX_RUN_MS / 1000,
    programs: PROXY,
    description: 'longest attempt at a task',
  },
  'queue.max_pending': {
    type: 'integer',
    unit: 'tasks',
    min: 1,
    max: 100_000_000,
    default: 1_000_000,
    programs: PROXY,
    description: 'waiting tasks above which new ones are refused',
  },
  balance: {
    type: 'choice',
    choices: BALANCES,
    default: 'capacity',
    programs: PROXY,
    description:
      'by what tasks are shared among validators: equal, their max_in_flight (capacity), or the stake of their hotkeys',
  },
  'priority.urgent_boost': {
    type: 'seconds',
    min: 0,
    max: 30 * DAY,
    default: DEFAULT_BOOSTS.urgent / 1000,
    programs: PROXY,
    description: 'how far ahead of its time of entry an urgent task ranks',
  },
  'priority.high_boost': {
    type: 'seconds',
    min: 0,
    max: 30 * DAY,
    default: DEFAULT_BOOSTS.high / 1000,
    programs: PROXY,
    description: 'how far ahead of its time of entry a high task ranks',
  },
  'priority.normal_boost': {
    type: 'seconds',
    min: 0,
    max: 30 * DAY,
    default: DEFAULT_BOOSTS.normal / 1000,
    programs: PROXY,
    description: 'how far ahead of its time of entry a normal task ranks',
  },
  ...USER_SETTINGS,
} as const satisfies Readonly<Record<string, Setting>>;

/** A flag without the dashes. */
export type Flag = keyof typeof SETTINGS;

/** The value of each setting; one without a value and a default is undefined. */
type AllValues = {
  readonly [F in Flag]:
    | SettingValue<(typeof SETTINGS)[F]>
    | ((typeof SETTINGS)[F] extends { readonly default: unknown } ? never : undefined);
};

type FlagOf<P extends Command> = {
  [F in Flag]: P extends (typeof SETTINGS)[F]['programs'][number] ? F : never;
}[Flag];

/** The values of a command's settings. */
export type Values<P extends Command> = Pick<AllValues, FlagOf<P>>;

/** Every setting, in the order of the table. */
export const ALL_SETTINGS: ReadonlyMap<string, Setting> = new Map<string, Setting>(Object.entries(SETTINGS));

/** The settings of one command, in the order of the table. */
export function settingsOf(command: Command): ReadonlyMap<string, Setting> {
  return new Map([...ALL_SETTINGS].filter(([, setting]) => setting.programs.includes(command)));
}
