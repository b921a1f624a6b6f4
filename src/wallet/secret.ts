import { Refusal } from '../domain/errors.js';
import { hotkeyFromPhrase, hotkeyFromPrivateKey, hotkeyFromSeed, type HotkeyPair } from './hotkey.js';
import { decodePrivateKey, PRIVATE_KEY_BYTES } from './private-key.js';

const SEED_BYTES = 32;

/** What a key can be made from. */
export type SecretKind = 'phrase' | 'seed' | 'privateKey';

/** The key that a text of a kind stands for; absent when it is none. Hexadecimal may start with 0x. */
export async function hotkeyFromSecret(kind: SecretKind, text: string): Promise<HotkeyPair | undefined> {
  switch (kind) {
    case 'phrase':
      return hotkeyFromPhrase(text).catch(() => undefined);
    case 'seed': {
      const seed = bytesOf(text, SEED_BYTES);
      return seed && hotkeyFromSeed(seed);
    }
    case 'privateKey': {
      const bytes = bytesOf(text, PRIVATE_KEY_BYTES);
      const privateKey = bytes && decodePrivateKey(bytes);
      return privateKey && hotkeyFromPrivateKey(privateKey);
    }
  }
}

/**
 * The key of a text as people hand it in: words with any white space between them, a seed or a private key.
 *
 * @throws Refusal INVALID_FIELD that does not repeat the text
 */
export async function importHotkey(text: string): Promise<HotkeyPair> {
  const words = text.trim().split(/\s+/);
  const pair = await hotkeyFromSecret(kindOf(words), words.join(' '));
  if (pair !== undefined) return pair;
  throw new Refusal(
    'INVALID_FIELD',
    'the secret is no valid phrase, seed (64 hexadecimal digits) or Substrate private key (128)',
  );
}

function kindOf(words: readonly string[]): SecretKind {
  if (words.length > 1) return 'phrase';
  return bytesOf(words[0] ?? '', SEED_BYTES) === undefined ? 'privateKey' : 'seed';
}

function bytesOf(text: string, length: number): Uint8Array | undefined {
  const digits = text.replace(/^0x/i, '');
  return digits.length === 2 * length && /^[0-9a-f]*$/i.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}
