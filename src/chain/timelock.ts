import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type * as Library from '@ideallabs/timelock_wasm_wrapper';

/** Public key of drand's network quicknet, compressed, by which its signatures are checked. */
const QUICKNET_PUBLIC_KEY = Buffer.from(
  '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451' +
    '0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  'hex',
);

type Timelock = typeof Library;

let loading: Promise<Timelock> | undefined;

/** Encrypts so that only the signature of a round of quicknet, which is published with it, opens it. */
export async function timelock(plain: Uint8Array, round: number): Promise<Uint8Array> {
  loading ??= load();
  const { tle } = await loading;
  const bytes: unknown = tle(
    identityOf(round),
    plain,
    new Uint8Array(randomBytes(32)),
    new Uint8Array(QUICKNET_PUBLIC_KEY),
    'bls12_381',
  );
  // The wasm answers with an array of numbers.
  return Uint8Array.from(bytes as Iterable<number>);
}

/** What is encrypted to: the hash of the round as eight bytes, the highest first. */
function identityOf(round: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(round));
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

/** Its own loader fetches the wasm by URL, which Node cannot for files. */
async function load(): Promise<Timelock> {
  const module = await import('@ideallabs/timelock_wasm_wrapper');
  const require = createRequire(import.meta.url);
  const file = require.resolve('@ideallabs/timelock_wasm_wrapper/timelock_wasm_wrapper_bg.wasm');
  module.initSync({ module: await readFile(file) });
  return module;
}
