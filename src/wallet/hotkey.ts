import { inspect } from 'node:util';
import { getPublicKey } from '@scure/sr25519';
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

/** What must stay with its owner. */
export interface HotkeySecrets {
  /** 64 bytes as the wasm wants them: a scalar times eight, and what nonces are made with. */
  readonly privateKey: Uint8Array;
  /** 32 bytes; absent when the key was given as a private key. */
  readonly seed?: Uint8Array;
  /** The words that the seed stands for; absent when the key was made without. */
  readonly phrase?: string;
}

/**
 * An sr25519 key pair of a neuron. Printed, logged or turned into JSON it shows its address alone: the secrets
 * are no property of it.
 */
export class HotkeyPair {
  readonly address: Hotkey;
  readonly #secrets: HotkeySecrets;

  constructor(
    /** 32 bytes. */
    readonly publicKey: Uint8Array,
    secrets: HotkeySecrets,
  ) {
    this.address = encodeAddress(publicKey, SS58_FORMAT) as Hotkey;
    this.#secrets = secrets;
  }

  /** For signing, and for writing the key's own file. */
  secrets(): HotkeySecrets {
    return this.#secrets;
  }

  toJSON(): { readonly address: Hotkey } {
    return { address: this.address };
  }

  [inspect.custom](): string {
    return `HotkeyPair ${this.address}`;
  }
}

/** Makes a fresh key from twelve random words. */
export async function generateHotkey(): Promise<HotkeyPair> {
  return hotkeyFromPhrase(mnemonicGenerate(12));
}

/** The key that 32 secret bytes stand for. */
export async function hotkeyFromSeed(seed: Uint8Array): Promise<HotkeyPair> {
  await cryptoWaitReady();
  return pairOf(seed);
}

/** The key that a phrase stands for. @throws Error when it is no valid phrase */
export async function hotkeyFromPhrase(phrase: string): Promise<HotkeyPair> {
  await cryptoWaitReady();
  return pairOf(mnemonicToMiniSecret(phrase), phrase);
}

/** The key of a private key. @param privateKey 64 bytes as the wasm wants them, see `HotkeySecrets` */
export function hotkeyFromPrivateKey(privateKey: Uint8Array): HotkeyPair {
  return new HotkeyPair(getPublicKey(privateKey), { privateKey });
}

/** Whether a text is the SS58 address of a key on this kind of chain. */
export function isHotkey(text: string): text is Hotkey {
  try {
    return decodeAddress(text, false, SS58_FORMAT).length === 32;
  } catch {
    return false;
  }
}

function pairOf(seed: Uint8Array, phrase?: string): HotkeyPair {
  const { publicKey, secretKey } = sr25519PairFromSeed(seed);
  return new HotkeyPair(publicKey, {
    privateKey: secretKey,
    seed,
    ...(phrase !== undefined && { phrase }),
  });
}
