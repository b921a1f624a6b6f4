import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What every key begins with, so that people and scanners of leaked secrets know it. */
export const KEY_PREFIX = 'asub_';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 10;
/** As many as 256 bits need: 62^43 is 2^256.03. */
const SECRET_LENGTH = 43;
/** As many as 32 bits need. */
const CHECK_LENGTH = 6;
const FORM = new RegExp(
  `^${KEY_PREFIX}[0-9A-Za-z]{${ID_LENGTH}}_[0-9A-Za-z]{${SECRET_LENGTH + CHECK_LENGTH}}$`,
);
const ID_FORM = new RegExp(`^[0-9A-Za-z]{${ID_LENGTH}}$`);

/** Names a key without giving it away. */
export function newKeyId(): string {
  return randomDigits(ID_LENGTH);
}

/** A new key of that id: `asub_<id>_<256 random bits><checksum>`, in letters and digits. */
export function newKeyText(id: string): string {
  const body = `${KEY_PREFIX}${id}_${randomDigits(SECRET_LENGTH)}`;
  return body + checksum(body);
}

export function isKeyId(text: string): boolean {
  return ID_FORM.test(text);
}

/** `foreign` is no key of ours at all; `mistyped` was one before somebody copied it. */
export function formOfKey(text: string): 'key' | 'mistyped' | 'foreign' {
  if (!text.startsWith(KEY_PREFIX)) return 'foreign';
  const body = text.slice(0, -CHECK_LENGTH);
  return FORM.test(text) && text.endsWith(checksum(body)) ? 'key' : 'mistyped';
}

function checksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  for (let place = 0; place < CHECK_LENGTH; place += 1) {
    digits = DIGITS.charAt(rest % DIGITS.length) + digits;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}

/** Evenly drawn: a byte from 248 on would favour the first digits, so it is drawn again. */
function randomDigits(count: number): string {
  let digits = '';
  while (digits.length < count)
    for (const byte of randomBytes(count))
      if (byte < 4 * DIGITS.length && digits.length < count) digits += DIGITS.charAt(byte % DIGITS.length);
  return digits;
}
