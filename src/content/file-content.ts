import { createReadStream } from 'node:fs';
import { Refusal } from '../domain/errors.js';
import { CHUNK_BYTES } from '../domain/limits.js';
import type { ContentReader, ContentRef } from '../queue/content-store.js';

/** Content in a file. */
export class FileContent implements ContentReader {
  readonly #path: string;

  constructor(
    readonly ref: ContentRef,
    path: string,
  ) {
    this.#path = path;
  }

  async *read(range: { readonly offset: number; readonly maxBytes?: number }): AsyncGenerator<Uint8Array> {
    const { sizeBytes } = this.ref;
    if (range.offset > sizeBytes)
      throw new Refusal('OFFSET_MISMATCH', `the content has ${sizeBytes} bytes, none at ${range.offset}`, {
        metadata: { size_bytes: String(sizeBytes), offset: String(range.offset) },
      });
    const end = Math.min(sizeBytes, range.offset + (range.maxBytes ?? sizeBytes));
    if (end === range.offset) return;
    const stream = createReadStream(this.#path, {
      start: range.offset,
      end: end - 1,
      highWaterMark: CHUNK_BYTES,
    });
    for await (const chunk of stream) yield chunk as Uint8Array;
  }
}
