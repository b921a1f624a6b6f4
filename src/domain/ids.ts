declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** UUIDv7 in canonical lower-case text form. */
export type TaskId = Branded<'TaskId'>;
/** 128 random bits as 32 lower-case hexadecimal digits; the right to act on a leased task. */
export type LeaseToken = Branded<'LeaseToken'>;
/** 128 random bits as 32 lower-case hexadecimal digits. */
export type SessionId = Branded<'SessionId'>;
/** Whose tasks and content these are; `anonymous` without API keys. */
export type Owner = Branded<'Owner'>;
/** SS58 address of a hotkey. */
export type Hotkey = Branded<'Hotkey'>;
/** SHA-256 as 64 lower-case hexadecimal digits. */
export type Sha256 = Branded<'Sha256'>;

export const ANONYMOUS = 'anonymous' as Owner;

/**
 * Makes a UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits.
 *
 * @param nowMs Unix time in milliseconds
 * @param random at least 10 random bytes
 */
export function uuidV7(nowMs: number, random: Uint8Array): TaskId {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.floor(nowMs), 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes.readUInt8(6) & 0x0f);
  bytes[8] = 0x80 | (bytes.readUInt8(8) & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  ) as TaskId;
}
