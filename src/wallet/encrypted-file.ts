import { naclDecrypt } from '@polkadot/util-crypto';
import { Refusal } from '../domain/errors.js';
import { deriveKey } from './derive-key.js';

/** Gives the password of a file. @throws Refusal when there is none to be had */
export type AskPassword = (path: string) => Promise<string>;

const HEADER = '$NACL';
const NONCE_BYTES = 24;
const TAG_BYTES = 16;

/** Forms that came before, by how their files begin. btcli turns them into the present one. */
const OUTDATED: readonly (readonly [start: string, name: string])[] = [
  ['$ANSIBLE_VAULT', 'Ansible Vault'],
  ['gAAAAA', 'Fernet'],
];

/**
 * The text of a hotkey file, decrypted where it is encrypted, as btwallet does it: argon2i of the password, then
 * NaCl's secretbox (XSalsa20, Poly1305) under that key.
 *
 * @throws Refusal INVALID_FIELD naming the file
 */
export async function decryptText(path: string, data: Buffer, ask: AskPassword): Promise<string> {
  const start = data.toString('latin1', 0, 16);
  const outdated = OUTDATED.find(([prefix]) => start.startsWith(prefix));
  if (outdated !== undefined)
    throw new Refusal(
      'INVALID_FIELD',
      `${path}: is encrypted in the outdated form of ${outdated[1]}; encrypt it anew with btcli, or import its phrase`,
    );
  if (!start.startsWith(HEADER)) return data.toString('utf8');
  const sealed = data.subarray(HEADER.length);
  if (sealed.length < NONCE_BYTES + TAG_BYTES)
    throw new Refusal('INVALID_FIELD', `${path}: is encrypted and cut off`);
  const password = await ask(path);
  const key = await deriveKey(password).catch((cause: unknown) => {
    throw new Refusal('INVALID_FIELD', `${path}: cannot be decrypted; that takes 512 MiB of memory`, {
      cause,
    });
  });
  const text = open(sealed, key);
  if (text === undefined)
    throw new Refusal('INVALID_FIELD', `${path}: the password is wrong, or the file is damaged`);
  return text;
}

/** What is sealed behind a nonce; absent under another key. */
function open(sealed: Buffer, key: Uint8Array): string | undefined {
  const opened = naclDecrypt(sealed.subarray(NONCE_BYTES), sealed.subarray(0, NONCE_BYTES), key);
  return opened === null ? undefined : Buffer.from(opened).toString('utf8');
}
