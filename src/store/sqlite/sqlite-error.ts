import { Refusal } from '../../domain/errors.js';
import { messageOf } from '../../runtime/message-of.js';

/** An error as it crosses from the worker to the store. */
export type WireError =
  | { readonly kind: 'disk_low' }
  | { readonly kind: 'unavailable'; readonly code: string; readonly message: string }
  | { readonly kind: 'broken'; readonly code: string; readonly message: string; readonly stack: string };

/** The primary SQLite result code of an error, such as `SQLITE_FULL`; empty for any other error. */
export function sqliteCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return '';
  return error.code.startsWith('SQLITE_') ? error.code : '';
}

/**
 * After these the file can no longer be trusted to hold what was acknowledged: a failed fsync may have
 * dropped the pages it was to write, and a repetition would succeed without them.
 */
export function isFatal(code: string): boolean {
  return (
    code === 'SQLITE_IOERR_FSYNC' || code === 'SQLITE_IOERR_DIR_FSYNC' || code.startsWith('SQLITE_CORRUPT')
  );
}

export function toWireError(error: unknown): WireError {
  const code = sqliteCode(error);
  const message = messageOf(error);
  // The disk, the page limit or the quota is used up; room may come back.
  if (code === 'SQLITE_FULL') return { kind: 'disk_low' };
  // Another process holds a lock, memory is short, or a read or write failed once: may pass.
  if (code === 'SQLITE_BUSY' || code === 'SQLITE_NOMEM' || code.startsWith('SQLITE_IOERR'))
    return { kind: 'unavailable', code, message };
  return { kind: 'broken', code, message, stack: error instanceof Error ? (error.stack ?? '') : '' };
}

export function fromWireError(wire: WireError): Error {
  switch (wire.kind) {
    case 'disk_low':
      return new Refusal('DISK_LOW', 'the disk is full; nothing was stored, try again later', {
        retryAfterMs: 30_000,
      });
    case 'unavailable':
      return new Refusal('UNAVAILABLE', 'the database cannot be written right now', {
        retryAfterMs: 1_000,
        cause: new Error(`${wire.code}: ${wire.message}`),
      });
    case 'broken': {
      const error = new Error(wire.code === '' ? wire.message : `${wire.code}: ${wire.message}`);
      error.stack = wire.stack;
      return error;
    }
  }
}
