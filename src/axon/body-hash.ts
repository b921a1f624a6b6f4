import { createHash } from 'node:crypto';

/**
 * The body hash of a synapse: SHA3-256 over the hexadecimal SHA3-256 of each hashed field. Only text fields: of other types
 * the SDK hashes what Python's `str()` makes of them.
 */
export function bodyHash(fields: readonly string[]): string {
  return sha3(fields.map(sha3).join(''));
}

/** Of a class that hashes no field: the signature does not cover its body. */
export const UNHASHED_BODY = bodyHash([]);

function sha3(text: string): string {
  return createHash('sha3-256').update(text).digest('hex');
}
