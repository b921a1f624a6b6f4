import { createHmac, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, readFile, rm } from 'node:fs/promises';

const BYTES = 32;

/** The keyed hash under which a key is kept, as 64 lower-case hexadecimal digits. */
export type HashKey = (text: string) => string;

export function createHashKey(secret: Uint8Array): HashKey {
  return (text) => createHmac('sha256', secret).update(text).digest('hex');
}

/**
 * Reads the secret of the hashes, which a stolen database of keys is useless without. Made when there is none
 * yet, for its owner alone: whole before it has its name, so that two processes that make it at once get the
 * same.
 *
 * @throws Error of the system, or for a file that holds something else
 */
export async function ensureKeySecret(file: string): Promise<Uint8Array> {
  const known = await readKeySecret(file);
  if (known !== undefined) return known;
  const temporary = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    await writeDurably(temporary, randomBytes(BYTES));
    await link(temporary, file).catch(unlessThere);
  } finally {
    await rm(temporary, { force: true });
  }
  const made = await readKeySecret(file);
  if (made === undefined) throw new Error(`${file} was removed while it was made`);
  return made;
}

/** Undefined when there is none. @throws Error as `ensureKeySecret` */
export async function readKeySecret(file: string): Promise<Uint8Array | undefined> {
  const bytes = await readFile(file).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (bytes !== undefined && bytes.length !== BYTES)
    throw new Error(`${file} must hold ${BYTES} bytes, not ${bytes.length}: restore it from a backup`);
  return bytes;
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
