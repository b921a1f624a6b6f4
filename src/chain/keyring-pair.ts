import type { HotkeyPair } from '../wallet/hotkey.js';
import { sign } from '../wallet/sign.js';

/** What the library signs transactions with. */
export interface SigningPair {
  readonly address: string;
  readonly addressRaw: Uint8Array;
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array, options?: { readonly withType?: boolean }): Uint8Array;
}

/** First byte of a signature that says its kind: sr25519. */
const SR25519 = 1;

/** A hotkey as the library wants it; the secret stays where it is. */
export function signingPair(pair: HotkeyPair): SigningPair {
  const { address, publicKey } = pair;
  return {
    address,
    addressRaw: publicKey,
    publicKey,
    sign(message, options) {
      const signature = sign(pair, message);
      return options?.withType === true ? Uint8Array.from([SR25519, ...signature]) : signature;
    },
  };
}
