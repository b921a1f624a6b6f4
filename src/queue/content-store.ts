import type { LeaseToken, Owner, Sha256 } from '../domain/ids.js';

/** Names stored content. */
export interface ContentRef {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/** An upload as it is announced. */
export interface Upload {
  readonly owner: Owner;
  /** An input is refused while the disk is nearly full; the result of a leased task is not. */
  readonly purpose: 'input' | 'result';
  readonly sizeBytes?: number;
  readonly sha256?: Sha256;
  /** Where the first chunk stands; above 0 only with size and digest. */
  readonly offset: number;
}

/** Where payloads above MAX_INLINE_BYTES are kept, addressed by owner and SHA-256. */
export interface ContentStore {
  /** Opens an upload. @throws Refusal OFFSET_MISMATCH, CONTENT_TOO_LARGE, DISK_LOW */
  open(upload: Upload): Promise<ContentWriter>;
  /** Bytes that an announced upload has stored so far; absent when nothing of it is there. */
  uploaded(owner: Owner, sha256: Sha256): Promise<{ committedBytes: number; complete: boolean } | undefined>;
  /** Finds content of an owner, or the input of the task that a lease is for. */
  find(query: ContentQuery): Promise<ContentReader | undefined>;
  /** Removes files to which nothing refers any more. */
  remove(files: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export type ContentQuery =
  | { readonly owner: Owner; readonly sha256: Sha256 }
  | { readonly token: LeaseToken; readonly sha256: Sha256 };

/** One upload. Exactly one of `finish` and `abort` ends it. */
export interface ContentWriter {
  /** True when the content is there already; nothing more need be sent. */
  readonly present: boolean;
  /** Resolves when the bytes are written. @throws Refusal CONTENT_TOO_LARGE, SIZE_MISMATCH, DISK_LOW */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the content durable. @throws Refusal DIGEST_MISMATCH, SIZE_MISMATCH */
  finish(sha256?: Sha256): Promise<ContentRef>;
  /** Gives the upload up; one that announced size and digest stays resumable. */
  abort(): Promise<void>;
}

export interface ContentReader {
  readonly ref: ContentRef;
  /** The bytes from `offset`, at most `maxBytes`, in chunks of at most CHUNK_BYTES. */
  read(range: { readonly offset: number; readonly maxBytes?: number }): AsyncIterable<Uint8Array>;
}
