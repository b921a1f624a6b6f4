import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Refusal } from '../domain/errors.js';

/** No key, phrase or password is longer; bounds what a wrong path makes us read. */
const MAX_BYTES = 65_536;

/** Reads a small file, which may be a pipe. @throws Refusal INVALID_FIELD */
export async function readSecretFile(path: string): Promise<Buffer> {
  try {
    return await readSecretStream(path, createReadStream(path, { end: MAX_BYTES }));
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('INVALID_FIELD', `${path}: cannot be read (${codeOf(cause)})`, { cause });
  }
}

/** All bytes of a stream. @param name what errors call it @throws Refusal INVALID_FIELD above 64 KiB */
export async function readSecretStream(name: string, stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_BYTES)
      throw new Refusal(
        'INVALID_FIELD',
        `${name}: is longer than ${MAX_BYTES} bytes, so it holds no key or password`,
      );
  }
  return Buffer.concat(chunks);
}

/** The mode of a file that others than its owner may use, such as `0644`; absent when it is private or not there. */
export async function exposedMode(path: string): Promise<string | undefined> {
  const mode = await stat(path).then(
    (stats) => stats.mode,
    () => 0,
  );
  return (mode & 0o077) === 0 ? undefined : modeText(mode);
}

/** Permissions as chmod takes them, such as `0600`. */
export function modeText(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}

/** The system's code of an error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
