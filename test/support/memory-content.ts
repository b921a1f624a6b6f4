import { createHash } from 'node:crypto';
import { Refusal } from '../../src/domain/errors.js';
import type { LeaseToken, Owner, Sha256 } from '../../src/domain/ids.js';
import { CHUNK_BYTES } from '../../src/domain/limits.js';
import type {
  ContentQuery,
  ContentReader,
  ContentStore,
  ContentWriter,
  Upload,
} from '../../src/queue/content-store.js';

/** Content in memory, with a small limit and a record of uploads that were given up. */
export class MemoryContent implements ContentStore {
  readonly stored = new Map<string, Buffer>();
  /** Inputs that holders of a lease may read. */
  readonly leased = new Map<LeaseToken, Owner>();
  opened = 0;
  aborted = 0;

  constructor(readonly maxBytes = 8 * 1024 * 1024) {}

  put(owner: Owner, bytes: Buffer): Sha256 {
    const sha256 = digest(bytes);
    this.stored.set(`${owner}/${sha256}`, bytes);
    return sha256;
  }

  open(upload: Upload): Promise<ContentWriter> {
    this.opened += 1;
    const chunks: Buffer[] = [];
    const size = () => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const known = this.stored.get(`${upload.owner}/${upload.sha256 ?? ''}`);
    return Promise.resolve({
      present: known !== undefined,
      write: async (chunk) => {
        chunks.push(Buffer.from(chunk));
        if (size() > this.maxBytes) {
          throw new Refusal('CONTENT_TOO_LARGE', 'too large', {
            metadata: { limit_bytes: String(this.maxBytes) },
          });
        }
        return Promise.resolve();
      },
      finish: (sha256 = upload.sha256) => {
        const bytes = known ?? Buffer.concat(chunks);
        if (upload.sizeBytes !== undefined && bytes.length !== upload.sizeBytes) {
          return Promise.reject(new Refusal('SIZE_MISMATCH', 'other length than announced'));
        }
        if (sha256 !== undefined && digest(bytes) !== sha256) {
          return Promise.reject(new Refusal('DIGEST_MISMATCH', 'other bytes than announced'));
        }
        return Promise.resolve({ sha256: this.put(upload.owner, bytes), sizeBytes: bytes.length });
      },
      abort: () => {
        this.aborted += 1;
        return Promise.resolve();
      },
    });
  }

  uploaded(owner: Owner, sha256: Sha256) {
    const bytes = this.stored.get(`${owner}/${sha256}`);
    return Promise.resolve(bytes && { committedBytes: bytes.length, complete: true });
  }

  find(query: ContentQuery): Promise<ContentReader | undefined> {
    const owner = 'owner' in query ? query.owner : this.leased.get(query.token);
    const bytes = this.stored.get(`${owner ?? ''}/${query.sha256}`);
    if (bytes === undefined) return Promise.resolve(undefined);
    return Promise.resolve({
      ref: { sha256: query.sha256, sizeBytes: bytes.length },
      async *read({ offset, maxBytes = bytes.length }) {
        const end = Math.min(bytes.length, offset + maxBytes);
        for (let at = offset; at < end; at += CHUNK_BYTES) {
          yield await Promise.resolve(bytes.subarray(at, Math.min(end, at + CHUNK_BYTES)));
        }
      },
    });
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function digest(bytes: Uint8Array): Sha256 {
  return createHash('sha256').update(bytes).digest('hex') as Sha256;
}
