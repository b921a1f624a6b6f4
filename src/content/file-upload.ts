import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Refusal } from '../domain/errors.js';
import type { Sha256 } from '../domain/ids.js';
import { CHUNK_BYTES } from '../domain/limits.js';
import type { ContentRef, ContentWriter, Upload } from '../queue/content-store.js';
import { fileRefusal, removeFile } from './files.js';

export interface FileUploadOptions {
  readonly file: FileHandle;
  readonly path: string;
  readonly upload: Upload;
  /** @throws Refusal CONTENT_TOO_LARGE, DISK_LOW */
  readonly refuseAbove: (bytes: number) => void;
  /** Moves the finished file to its place and records it. */
  readonly keep: (sha256: Sha256, sizeBytes: number) => Promise<ContentRef>;
  /** The file is free for another upload. */
  readonly ended: () => void;
}

/** An upload into a file, hashed as it is written. */
export class FileUpload implements ContentWriter {
  readonly present = false;
  readonly #options: FileUploadOptions;
  #hash: Hash | undefined;
  #size: number;

  constructor(options: FileUploadOptions) {
    this.#options = options;
    this.#size = options.upload.offset;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const { file, upload, refuseAbove } = this.#options;
    const size = this.#size + chunk.byteLength;
    refuseAbove(size);
    if (upload.sizeBytes !== undefined && size > upload.sizeBytes) throw wrongSize(upload.sizeBytes, size);
    const hash = await this.#started();
    try {
      await writeWhole(file, chunk, this.#size);
    } catch (error) {
      throw fileRefusal(error);
    }
    hash.update(chunk);
    this.#size = size;
  }

  async finish(sha256?: Sha256): Promise<ContentRef> {
    const { file, path, upload, keep, ended } = this.#options;
    try {
      if (upload.sizeBytes !== undefined && this.#size !== upload.sizeBytes)
        throw wrongSize(upload.sizeBytes, this.#size);
      if (this.#size === 0) throw Refusal.field('chunk', 'the content must not be empty');
      const digest = (await this.#started()).digest('hex') as Sha256;
      for (const expected of [upload.sha256, sha256])
        if (expected !== undefined && expected !== digest) throw await this.#wrongDigest(expected, digest);
      await file.sync();
      return await keep(digest, this.#size);
    } catch (error) {
      if (!isResumable(upload)) await removeFile(path);
      throw fileRefusal(error);
    } finally {
      await file.close();
      ended();
    }
  }

  async abort(): Promise<void> {
    const { file, path, upload, ended } = this.#options;
    try {
      if (isResumable(upload)) await file.sync();
      else await removeFile(path);
    } finally {
      await file.close();
      ended();
    }
  }

  /** A resumed upload hashes first what is there already. */
  async #started(): Promise<Hash> {
    if (this.#hash !== undefined) return this.#hash;
    const { file, upload } = this.#options;
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let offset = 0; offset < upload.offset;) {
      const length = Math.min(buffer.length, upload.offset - offset);
      const { bytesRead } = await file.read(buffer, 0, length, offset);
      if (bytesRead === 0) throw new Error(`the partial upload is shorter than ${upload.offset} bytes`);
      hash.update(buffer.subarray(0, bytesRead));
      offset += bytesRead;
    }
    this.#hash = hash;
    return hash;
  }

  /** Bytes that are not the announced ones cannot be resumed. */
  async #wrongDigest(expected: string, actual: string): Promise<Refusal> {
    await removeFile(this.#options.path);
    return new Refusal('DIGEST_MISMATCH', `the bytes have SHA-256 ${actual}, announced was ${expected}`, {
      metadata: { expected, actual },
    });
  }
}

/** A write may take less than it was given, above all on a disk that is nearly full. */
async function writeWhole(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.byteLength;) {
    const { bytesWritten } = await file.write(chunk, done, chunk.byteLength - done, position + done);
    done += bytesWritten;
  }
}

/** An upload that announced both can go on where it was cut. */
export function isResumable(upload: Upload): upload is Upload & { sha256: Sha256; sizeBytes: number } {
  return upload.sha256 !== undefined && upload.sizeBytes !== undefined;
}

/** An upload of what is there already; its bytes are taken and dropped. */
export function presentContent(ref: ContentRef): ContentWriter {
  return {
    present: true,
    write: () => Promise.resolve(),
    finish: () => Promise.resolve(ref),
    abort: () => Promise.resolve(),
  };
}

function wrongSize(expected: number, actual: number): Refusal {
  return new Refusal('SIZE_MISMATCH', `the content has ${actual} bytes, announced were ${expected}`, {
    metadata: { expected_bytes: String(expected), actual_bytes: String(actual) },
  });
}
