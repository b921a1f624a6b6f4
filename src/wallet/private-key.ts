/**
 * Bittensor files hold the private key as Substrate does: the scalar, little-endian, then 32 bytes that nonces are
 * made with. polkadot-js and its wasm hold the scalar times eight, as ed25519 does.
 */

/** Order of the ristretto255 group, RFC 9496. */
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
const SCALAR_BYTES = 32;
const COFACTOR_BITS = 3n;

/** Bytes of a private key. */
export const PRIVATE_KEY_BYTES = 64;

/** From a file's form to the wasm's; absent when it is none, of another length or above the group's order. */
export function decodePrivateKey(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length !== PRIVATE_KEY_BYTES) return undefined;
  const scalar = readScalar(bytes);
  if (scalar === 0n || scalar >= ORDER) return undefined;
  return withScalar(bytes, scalar << COFACTOR_BITS);
}

/** From the wasm's form to a file's. */
export function encodePrivateKey(privateKey: Uint8Array): Uint8Array {
  return withScalar(privateKey, readScalar(privateKey) >> COFACTOR_BITS);
}

function readScalar(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.subarray(0, SCALAR_BYTES)).reverse().toString('hex')}`);
}

function withScalar(bytes: Uint8Array, scalar: bigint): Uint8Array {
  const result = Uint8Array.from(bytes);
  result.set(Buffer.from(scalar.toString(16).padStart(2 * SCALAR_BYTES, '0'), 'hex').reverse());
  return result;
}
