import { Refusal } from '../domain/errors.js';
import type { HotkeyPair } from './hotkey.js';
import { encodePrivateKey } from './private-key.js';
import { hotkeyFromSecret, type SecretKind } from './secret.js';

/** The JSON of a Bittensor hotkey file, as btwallet writes it. Hexadecimal values start with 0x. */
interface HotkeyJson {
  readonly accountId: string;
  readonly publicKey: string;
  readonly privateKey: string;
  readonly secretPhrase?: string;
  readonly secretSeed?: string;
  readonly ss58Address: string;
}

/** The first of these that is there makes the key, as in btwallet. */
const SECRETS: readonly (readonly [field: keyof HotkeyJson, kind: SecretKind])[] = [
  ['secretPhrase', 'phrase'],
  ['secretSeed', 'seed'],
  ['privateKey', 'privateKey'],
];

/** The text of a key's file. */
export function hotkeyText(pair: HotkeyPair): string {
  const { privateKey, seed, phrase } = pair.secrets();
  const json: HotkeyJson = {
    accountId: hex(pair.publicKey),
    publicKey: hex(pair.publicKey),
    privateKey: hex(encodePrivateKey(privateKey)),
    ...(phrase !== undefined && { secretPhrase: phrase }),
    ...(seed !== undefined && { secretSeed: hex(seed) }),
    ss58Address: pair.address,
  };
  return JSON.stringify(json);
}

/**
 * The key in a file's text.
 *
 * @throws Refusal INVALID_FIELD naming the file and the field, never what stands in it
 */
export async function parseHotkey(path: string, text: string): Promise<HotkeyPair> {
  const fields = parseFields(path, text);
  for (const [field, kind] of SECRETS) {
    const secret = fields[field];
    if (secret === undefined || secret === null || secret === '') continue;
    const pair = typeof secret === 'string' ? await hotkeyFromSecret(kind, secret) : undefined;
    if (pair === undefined) throw new Refusal('INVALID_FIELD', `${path}: ${field} is ${MEANT[kind]}`);
    refuseOther(path, pair, fields);
    return pair;
  }
  throw new Refusal('INVALID_FIELD', `${path}: has no secretPhrase, secretSeed or privateKey`);
}

/** The address in a file's text; absent when it names none. */
export function addressIn(path: string, text: string): string | undefined {
  const { ss58Address } = parseFields(path, text);
  return typeof ss58Address === 'string' ? ss58Address : undefined;
}

const MEANT: Readonly<Record<SecretKind, string>> = {
  phrase: 'no valid phrase',
  seed: 'no seed of 32 bytes in hexadecimal',
  privateKey: 'no private key of 64 bytes in hexadecimal',
};

function refuseOther(path: string, pair: HotkeyPair, fields: Readonly<Record<string, unknown>>): void {
  const { ss58Address } = fields;
  if (typeof ss58Address === 'string' && ss58Address !== pair.address)
    throw new Refusal('INVALID_FIELD', `${path}: ss58Address is not the address of its secret`);
}

function parseFields(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below, without the text and the parser's words about it: they may hold a secret.
  }
  throw new Refusal('INVALID_FIELD', `${path}: is no JSON object of a hotkey`);
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}
