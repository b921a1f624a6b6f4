import { randomBytes } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Refusal } from '../domain/errors.js';
import { decryptText, type AskPassword } from './encrypted-file.js';
import { generateHotkey, type HotkeyPair } from './hotkey.js';
import { addressIn, hotkeyText, parseHotkey } from './hotkey-json.js';
import { codeOf, readSecretFile } from './secret-file.js';

/**
 * Reads a hotkey file.
 *
 * @param ask is called when the file is encrypted; without it such a file is refused
 * @throws Refusal INVALID_FIELD naming the file, when it cannot be read or decrypted, is broken or without a secret
 */
export async function readHotkeyFile(path: string, ask: AskPassword = noPassword): Promise<HotkeyPair> {
  return parseHotkey(path, await decryptText(path, await readSecretFile(path), ask));
}

/** The address in a plain or public key file; absent when it is none. Secrets are not looked at. */
export async function readHotkeyAddress(path: string): Promise<string | undefined> {
  try {
    return addressIn(path, (await readSecretFile(path)).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Writes the file of a key, mode 0600. @throws Refusal INVALID_FIELD when there is a file, which stays as it is */
export async function writeHotkeyFile(path: string, pair: HotkeyPair): Promise<void> {
  try {
    await writeNewFile(path, hotkeyText(pair));
  } catch (cause) {
    const problem =
      codeOf(cause) === 'EEXIST'
        ? 'is there already; a key is never overwritten'
        : `cannot be written (${codeOf(cause)})`;
    throw new Refusal('INVALID_FIELD', `${path}: ${problem}`, { cause });
  }
}

/**
 * Makes a key and its file, mode 0600, or reads the file when there is one already, also when several processes
 * do this at the same time: all get the same key.
 */
export async function ensureHotkeyFile(path: string): Promise<HotkeyPair> {
  try {
    await writeNewFile(path, hotkeyText(await generateHotkey()));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return readHotkeyFile(path);
}

/**
 * Writes a whole file, mode 0600, that did not exist. A reader sees all of it or nothing.
 *
 * @throws Error with code EEXIST when the file exists
 */
export async function writeNewFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(temporary, path);
  } finally {
    await unlink(temporary);
  }
}

function noPassword(path: string): Promise<never> {
  return Promise.reject(new Refusal('INVALID_FIELD', `${path}: is encrypted, and no password was given`));
}
