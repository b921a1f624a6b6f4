import { Refusal } from '../domain/errors.js';

export const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** @throws Refusal ENGINE_FAILED when the bytes are not UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Refusal('ENGINE_FAILED', 'the text is not valid UTF-8', { cause });
  }
}

export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
