import { join } from 'node:path';
import { isLoopback } from '../auth/anonymous.js';
import { createHashKey, ensureKeySecret, readKeySecret, type HashKey } from '../auth/key-secret.js';
import type { KeyStore } from '../auth/key-store.js';
import { Keyring } from '../auth/keyring.js';
import type { ProxyConfig } from '../config/proxy.js';
import { messageOf } from '../runtime/message-of.js';
import { SqliteKeyStore } from '../store/sqlite/key-store.js';
import type { Environment } from './environment.js';
import { StartError } from './start-error.js';

/** The API keys of a data directory, and the hash under which they are kept. */
export interface OpenKeys {
  readonly store: KeyStore;
  readonly hash: HashKey;
}

/** Makes what is not there yet. @throws OpenError, StartError */
export async function openKeys(dataDir: string): Promise<OpenKeys> {
  const store = SqliteKeyStore.open(join(dataDir, 'keys.db'));
  try {
    return { store, hash: createHashKey(await keySecret(dataDir, store)) };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** A new secret beside old keys would make every one of them wrong without a word. */
async function keySecret(dataDir: string, store: KeyStore): Promise<Uint8Array> {
  const file = join(dataDir, 'keys.secret');
  try {
    if ((await store.list()).length === 0) return await ensureKeySecret(file);
    const secret = await readKeySecret(file);
    if (secret !== undefined) return secret;
  } catch (cause) {
    throw new StartError(`cannot use the secret of the API keys: ${messageOf(cause)}`, { cause });
  }
  throw new StartError(
    `${file} is gone, without which no API key counts: restore it from a backup, or move keys.db away to start anew`,
  );
}

/**
 * The keys of a proxy, for as long as it runs. Says who is served without one.
 *
 * @throws OpenError, and StartError where others than this machine would be served without a key
 */
export async function openKeyring(
  { dataDir, http, grpc, allowAnonymous }: ProxyConfig,
  { clock, log, lifecycle }: Environment,
): Promise<Keyring> {
  const doors = { http, grpc };
  const open = Object.entries(doors).find(([, { host }]) => !isLoopback(host));
  const keyring = await Keyring.open({
    ...(await openKeys(dataDir)),
    clock,
    anonymous: { allowed: allowAnonymous, onLoopback: open === undefined },
    onError: (error) => {
      log.error({ err: error }, 'the API keys could not be read again; those that were known go on to count');
    },
  });
  lifecycle.onStop('keys', () => {
    keyring.stop();
  });
  const { anonymousMay } = keyring;
  if (anonymousMay !== undefined)
    log.warn({ scopes: anonymousMay.join() }, `callers without an API key are served: ${HOW_TO_END_IT}`);
  else if (open !== undefined && !keyring.everCreated)
    throw new StartError(
      `--${open[0]}.host ${open[1].host} would serve everyone who reaches it, for there is no API key: make one with ` +
        `audio-subnet keys create --name <name> --data_dir ${dataDir}, or let everyone in with --auth.allow_anonymous`,
    );
  return keyring;
}

/** Whom the welcome and the log tell of it. */
export const HOW_TO_END_IT =
  'the first key of audio-subnet keys create ends that, unless --auth.allow_anonymous is given';
