import { open, stat, unlink, type FileHandle } from 'node:fs/promises';
import { Refusal } from '../domain/errors.js';

/** What a failed file operation means to a caller. */
export function fileRefusal(error: unknown): unknown {
  switch (codeOf(error)) {
    // No room on the disk, in the quota or under the file size limit.
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new Refusal('DISK_LOW', 'there is no room for the content; try again later', {
        retryAfterMs: 30_000,
        cause: error,
      });
    // Too many open files; passes when others are closed.
    case 'EMFILE':
    case 'ENFILE':
      return new Refusal('UNAVAILABLE', 'too many files are open; try again', {
        retryAfterMs: 1_000,
        cause: error,
      });
    default:
      return error;
  }
}

export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Opens the file of an upload, cut off at the offset from which it goes on. */
export async function openPartial(path: string, offset: number): Promise<FileHandle> {
  const committed = (await sizeOf(path)) ?? 0;
  if (offset > committed)
    throw new Refusal('OFFSET_MISMATCH', `the upload stands at ${committed} bytes, not at ${offset}`, {
      metadata: { committed_bytes: String(committed), offset: String(offset) },
    });
  try {
    const file = await open(path, offset === 0 ? 'w+' : 'r+', 0o600);
    await file.truncate(offset);
    return file;
  } catch (error) {
    throw fileRefusal(error);
  }
}

/** Removes a file; one that is gone already is fine. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** A rename is durable once its directory is. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
