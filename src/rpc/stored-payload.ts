import { Refusal } from '../domain/errors.js';
import type { Owner } from '../domain/ids.js';
import { MAX_INLINE_BYTES } from '../domain/limits.js';
import type { Payload } from '../domain/task.js';
import type { ContentRef, ContentStore, Upload } from '../queue/content-store.js';

/** Whether a payload is kept beside its task as it came. */
export function isSmall(payload: Payload): boolean {
  return payload.kind === 'inline' && payload.bytes.byteLength <= MAX_INLINE_BYTES;
}

/**
 * A payload as the queue keeps it: small ones inline, larger ones as content that is there.
 *
 * @throws Refusal CONTENT_MISSING when it refers to content that the owner does not have, DISK_LOW
 */
export async function storedPayload(
  content: ContentStore,
  owner: Owner,
  payload: Payload,
  purpose: Upload['purpose'] = 'input',
): Promise<Payload> {
  if (isSmall(payload)) return payload;
  if (payload.kind === 'inline')
    return { kind: 'content', ...(await store(content, { owner, purpose }, payload.bytes)) };
  const reader = await content.find({ owner, sha256: payload.sha256 });
  if (reader === undefined) {
    throw new Refusal('CONTENT_MISSING', `there is no content ${payload.sha256}; upload it first`, {
      metadata: { sha256: payload.sha256 },
    });
  }
  const { sha256, sizeBytes } = reader.ref;
  return { kind: 'content', sha256, sizeBytes };
}

async function store(
  content: ContentStore,
  upload: Pick<Upload, 'owner' | 'purpose'>,
  bytes: Uint8Array,
): Promise<ContentRef> {
  const writer = await content.open({ ...upload, offset: 0, sizeBytes: bytes.byteLength });
  try {
    await writer.write(bytes);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return writer.finish();
}
