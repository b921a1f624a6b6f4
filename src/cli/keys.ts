import type { StoredKey } from '../auth/key-store.js';
import { isKeyId, newKeyId, newKeyText } from '../auth/key-text.js';
import { helpText } from '../config/command-line.js';
import { ConfigError } from '../config/config-error.js';
import type { KeysCommandConfig } from '../config/keys.js';
import { parseConfig } from '../config/parse-config.js';
import type { Surroundings } from '../config/read-values.js';
import { makeDataDirectory } from './data-directory.js';
import { keyTable } from './key-table.js';
import { openKeys, type OpenKeys } from './open-keys.js';
import { StartError } from './start-error.js';

interface Asked {
  readonly config: KeysCommandConfig;
  /** The word behind the action; empty when there is none. */
  readonly id: string;
}

/** @returns what to print on standard output */
type Action = (keys: OpenKeys, asked: Asked) => Promise<string>;

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['create', create],
  ['list', list],
  ['revoke', revoke],
  ['rotate', rotate],
]);

/**
 * Makes, shows and ends API keys. Whoever may use the files of the data directory may do so, beside a running proxy
 * too, which knows of it within a second.
 *
 * @param argv the words behind `keys`
 * @returns what to print
 * @throws ConfigError, StartError, OpenError
 */
export async function runKeys(argv: readonly string[], surroundings: Surroundings): Promise<string> {
  const [word, ...rest] = argv;
  if (word === undefined || word === '--help' || word === '-h') return helpText('keys');
  const action = ACTIONS.get(word);
  if (action === undefined)
    throw new ConfigError('audio-subnet keys takes create, list, revoke or rotate first');
  const takesId = action === revoke || action === rotate;
  const [id = '', ...flags] = takesId && rest[0]?.startsWith('-') === false ? rest : ['', ...rest];
  const parsed = parseConfig('keys', flags, surroundings);
  if (parsed.kind === 'help') return parsed.text;
  // A whole key may stand in its place, so it is not repeated.
  if (takesId && !isKeyId(id))
    throw new ConfigError(
      `audio-subnet keys ${word} needs the id of a key, as audio-subnet keys list shows it: ten letters and digits`,
    );
  const { config } = parsed;
  await makeDataDirectory(config.dataDir);
  const keys = await openKeys(config.dataDir);
  try {
    return await action(keys, { config, id });
  } finally {
    keys.store.close();
  }
}

async function create({ store, hash }: OpenKeys, { config }: Asked): Promise<string> {
  const { name, scopes } = config;
  if (name === undefined)
    throw new ConfigError('audio-subnet keys create needs --name: what the key is called');
  const id = newKeyId();
  const text = newKeyText(id);
  await store.create({ id, name, scopes, createMs: Date.now(), hash: hash(text) });
  tell(`Key ${id} (${scopes.join(', ')}). It is shown this once: keep it in a safe place.`);
  return text;
}

async function list({ store }: OpenKeys, { config }: Asked): Promise<string> {
  const keys = await store.list();
  return config.json ? JSON.stringify(keys.map(shown), undefined, 2) : keyTable(keys, Date.now());
}

async function revoke({ store }: OpenKeys, { id }: Asked): Promise<string> {
  const outcome = await store.revoke(id, Date.now());
  if (outcome === 'not_found') throw unknownKey(id);
  return outcome === 'changed' ? `Key ${id} is revoked.` : `Key ${id} was revoked before.`;
}

async function rotate({ store, hash }: OpenKeys, { id, config }: Asked): Promise<string> {
  const text = newKeyText(id);
  const nowMs = Date.now();
  const outcome = await store.rotate({ id, hash: hash(text), nowMs, expireMs: nowMs + config.graceMs });
  if (outcome === 'not_found') throw unknownKey(id);
  if (outcome === 'revoked') throw new StartError(`key ${id} is revoked: create another one`);
  const before = config.graceMs === 0 ? 'counts no more' : `counts for ${config.graceMs / 1000} more seconds`;
  tell(
    `Key ${id} has a new secret; the one before ${before}. It is shown this once: keep it in a safe place.`,
  );
  return text;
}

function unknownKey(id: string): StartError {
  return new StartError(`there is no key ${id}: audio-subnet keys list shows those there are`);
}

/** Beside the key, which alone goes to standard output. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Without hashes. Instants in RFC 3339. */
function shown({ id, name, scopes, createMs, rotateMs, revokeMs, secrets }: StoredKey) {
  return {
    id,
    name,
    scopes,
    create_time: instant(createMs),
    rotate_time: instant(rotateMs),
    revoke_time: instant(revokeMs),
    grace_end_time: instant(secrets.find(({ expireMs }) => expireMs !== undefined)?.expireMs),
  };
}

function instant(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
