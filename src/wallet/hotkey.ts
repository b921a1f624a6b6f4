import {
  cryptoWaitReady,
  decodeAddress,
  encodeAddress,
  mnemonicGenerate,
  mnemonicToMiniSecret,
  sr25519PairFromSeed,
} from '@polkadot/util-crypto';
import type { Hotkey } from '../domain/ids.js';

/** Address format of every Substrate chain that has none of its own. */
const SS58_FORMAT = 42;

/** An sr25519 key pair of a neuron. */
export interface HotkeyPair {
  readonly address: Hotkey;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  readonly privateKey: Uint8Array;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** Twelve words; absent when the key was made without. */
  readonly phrase?: string;
}

/** Makes a fresh key from twelve random words. */
export async function generateHotkey(): Promise<HotkeyPair> {
  await cryptoWaitReady();
  const phrase = mnemonicGenerate(12);
  return { ...(await hotkeyFromSeed(mnemonicToMiniSecret(phrase))), phrase };
}

/** The key that 32 secret bytes stand for. */
export async function hotkeyFromSeed(seed: Uint8Array): Promise<HotkeyPair> {
  await cryptoWaitReady();
  const { publicKey, secretKey } = sr25519PairFromSeed(seed);
  return {
    address: encodeAddress(publicKey, SS58_FORMAT) as Hotkey,
    publicKey,
    privateKey: secretKey,
    seed,
  };
}

/** The key that a phrase stands for. @throws Error when it is no valid phrase */
export async function hotkeyFromPhrase(phrase: string): Promise<HotkeyPair> {
  await cryptoWaitReady();
  return { ...(await hotkeyFromSeed(mnemonicToMiniSecret(phrase))), phrase };
}

/** Whether a text is the SS58 address of a key on this kind of chain. */
export function isHotkey(text: string): text is Hotkey {
  try {
    return decodeAddress(text, false, SS58_FORMAT).length === 32;
  } catch {
    return false;
  }
}
