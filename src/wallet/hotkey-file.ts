import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Refusal } from '../domain/errors.js';
import { generateHotkey, hotkeyFromPhrase, hotkeyFromSeed, type HotkeyPair } from './hotkey.js';

/** The JSON of a Bittensor hotkey file, as btwallet writes it. Hexadecimal values start with 0x. */
interface HotkeyJson {
  readonly accountId: string;
  readonly publicKey: string;
  readonly privateKey: string;
  readonly secretPhrase?: string;
  readonly secretSeed: string;
  readonly ss58Address: string;
}

/**
 * Reads a hotkey file: the phrase, or else the seed, makes the key.
 *
 * @throws Refusal INVALID_FIELD naming the file, when it is encrypted, broken or without a secret
 */
export async function readHotkeyFile(path: string): Promise<HotkeyPair> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Refusal('INVALID_FIELD', `${path}: cannot be read (${codeOf(cause)})`, { cause });
  });
  const { secretPhrase, secretSeed, ss58Address } = parse(path, text);
  const pair = await keyOf(path, secretPhrase, secretSeed);
  if (typeof ss58Address === 'string' && ss58Address !== pair.address)
    throw new Refusal('INVALID_FIELD', `${path}: ss58Address is not the address of its secret`);
  return pair;
}

/** The address in a hotkey file; absent when it is none. Secrets are not looked at. */
export async function readHotkeyAddress(path: string): Promise<string | undefined> {
  try {
    const { ss58Address } = parse(path, await readFile(path, 'utf8'));
    return typeof ss58Address === 'string' ? ss58Address : undefined;
  } catch {
    return undefined;
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

function hotkeyText(pair: HotkeyPair): string {
  const json: HotkeyJson = {
    accountId: hex(pair.publicKey),
    publicKey: hex(pair.publicKey),
    privateKey: hex(pair.privateKey),
    ...(pair.phrase === undefined ? {} : { secretPhrase: pair.phrase }),
    secretSeed: hex(pair.seed),
    ss58Address: pair.address,
  };
  return JSON.stringify(json);
}

function parse(path: string, text: string): Readonly<Record<string, unknown>> {
  if (text.startsWith('$'))
    throw new Refusal('INVALID_FIELD', `${path}: is encrypted; only plain hotkey files can be used`);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below, without the text: it may hold a secret.
  }
  throw new Refusal('INVALID_FIELD', `${path}: is no JSON object of a hotkey`);
}

async function keyOf(path: string, phrase: unknown, seed: unknown): Promise<HotkeyPair> {
  if (typeof phrase === 'string' && phrase !== '')
    return hotkeyFromPhrase(phrase).catch(() => {
      throw new Refusal('INVALID_FIELD', `${path}: secretPhrase is no valid phrase`);
    });
  if (typeof seed === 'string' && /^(0x)?[0-9a-fA-F]{64}$/.test(seed))
    return hotkeyFromSeed(Buffer.from(seed.replace(/^0x/, ''), 'hex'));
  throw new Refusal('INVALID_FIELD', `${path}: has neither a secretPhrase nor a secretSeed of 32 bytes`);
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
