import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initSync, tld } from '@ideallabs/timelock_wasm_wrapper';
import { hexToU8a } from '@polkadot/util';

/** Seconds of drand's network quicknet: when round 1 came, and between two rounds. */
const GENESIS_SECONDS = 1_692_803_367;
const PERIOD_SECONDS = 3;

/** Public key of quicknet, by which its signatures are made to be checked. */
export const QUICKNET_PUBLIC_KEY =
  '0x83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a';

/** Signatures that quicknet published on 2023-08-23; four rounds are the time of one block. */
export const PUBLISHED_PULSES: ReadonlyMap<number, string> = new Map([
  [
    1000,
    '0xb44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39',
  ],
  [
    1001,
    '0xb33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883abf2853d10337fb8fa41',
  ],
  [
    1002,
    '0xab066f9c12dd6de1336fca0f925192fb0c72a771c3e4c82ede1fd362c1a770f9eb05843c6308ce2530b53a99c0281a6e',
  ],
  [
    1003,
    '0xb104c82771698f45fd8dcfead083d482694c31ab519bcef077f126f3736fe98c8392fd5d45d88aeb76b56ccfcb0296d7',
  ],
]);

/** Unix milliseconds at which a round comes. */
export const timeOfRound = (round: number): number => (GENESIS_SECONDS + (round - 1) * PERIOD_SECONDS) * 1000;

/** The newest round at a time; 0 before the first. */
export const roundAt = (unixMs: number): number =>
  Math.max(0, Math.floor((unixMs / 1000 - GENESIS_SECONDS) / PERIOD_SECONDS) + 1);

/** What a text is encrypted to. */
export function identityOf(round: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(round));
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

let loaded = false;

/** Loads the wasm that encrypts and decrypts; once. */
export function loadTimelock(): void {
  if (loaded) return;
  const file = createRequire(import.meta.url).resolve(
    '@ideallabs/timelock_wasm_wrapper/timelock_wasm_wrapper_bg.wasm',
  );
  initSync({ module: readFileSync(file) });
  loaded = true;
}

/** Opens a text with a signature of the round it was encrypted to; undefined when it does not open. */
export function open(ciphertext: Uint8Array, signature: string): Uint8Array | undefined {
  loadTimelock();
  try {
    return Uint8Array.from(tld(ciphertext, hexToU8a(signature), 'bls12_381') as number[]);
  } catch {
    return undefined;
  }
}
