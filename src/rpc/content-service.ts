import type { ContentServiceService } from '../../gen/ts/audiosubnet/v1/content_service.js';
import { type UploadContentRequest, type UploadHeader } from '../../gen/ts/audiosubnet/v1/content_service.js';
import type { ContentRef as ProtoContentRef } from '../../gen/ts/audiosubnet/v1/task.js';
import { needScope } from '../auth/admit.js';
import type { Caller } from '../auth/identify.js';
import { Refusal } from '../domain/errors.js';
import type { LeaseToken, Owner, Sha256 } from '../domain/ids.js';
import type { ContentReader, ContentStore, ContentWriter } from '../queue/content-store.js';
import type { Clock } from '../runtime/clock.js';
import type { Handlers } from './call.js';
import { defined, numberOrAbsent, textOrAbsent } from './convert/defined.js';
import { contentToProto } from './convert/payload.js';
import { withIdleLimit } from './idle-limit.js';

/** An upload without a message for so long is given up. */
const UPLOAD_IDLE_MS = 30_000;

export interface ContentServiceDeps {
  readonly content: ContentStore;
  /** Whose task a granted lease is for; absent when it is not granted. */
  readonly leaseOwner: (token: LeaseToken) => Promise<Owner | undefined>;
  readonly clock: Clock;
}

export function createContentService(deps: ContentServiceDeps): Handlers<typeof ContentServiceService> {
  const { content } = deps;
  return {
    async uploadContent(requests, { caller }) {
      const parts = withIdleLimit(requests, {
        clock: deps.clock,
        limitMs: UPLOAD_IDLE_MS,
        refusal: () => new Refusal('UPLOAD_STALLED', `nothing came for ${UPLOAD_IDLE_MS / 1000} seconds`),
      });
      return { content: await receive(deps, caller, parts) };
    },

    async getUpload({ sha256 }, { caller }) {
      const upload = await content.uploaded(caller.owner, sha256 as Sha256);
      if (upload === undefined) throw contentNotFound(sha256);
      return { committedBytes: BigInt(upload.committedBytes), complete: upload.complete };
    },

    async downloadContent(request, sink, { caller }) {
      const sha256 = request.sha256 as Sha256;
      const token = textOrAbsent(request.leaseToken) as LeaseToken | undefined;
      needScope(caller, token === undefined ? 'read' : 'validate');
      if (token !== undefined) await ownerOfLease(deps, token);
      const reader = await content.find(
        token === undefined ? { owner: caller.owner, sha256 } : { token, sha256 },
      );
      if (reader === undefined) throw contentNotFound(sha256);
      const maxBytes = numberOrAbsent(Number(request.maxBytes));
      const range = { offset: Number(request.offset), ...defined({ maxBytes }) };
      for await (const response of download(reader, range)) await sink.write(response);
    },
  };
}

async function receive(
  deps: ContentServiceDeps,
  caller: Caller,
  parts: AsyncGenerator<UploadContentRequest>,
): Promise<ProtoContentRef> {
  const { value: first } = (await parts.next()) as IteratorResult<UploadContentRequest, undefined>;
  if (first?.part?.$case !== 'header') throw Refusal.field('part', 'the first message must be the header');
  const writer = await openUpload(deps, caller, first.part.value);
  if (writer.present) return contentToProto(await writer.finish());
  const sha256 = await writeChunks(writer, parts).catch(async (error: unknown) => {
    await writer.abort();
    throw error;
  });
  return contentToProto(await writer.finish(sha256));
}

async function openUpload(
  deps: ContentServiceDeps,
  caller: Caller,
  header: UploadHeader,
): Promise<ContentWriter> {
  const token = textOrAbsent(header.leaseToken) as LeaseToken | undefined;
  needScope(caller, token === undefined ? 'submit' : 'validate');
  return deps.content.open({
    owner: token === undefined ? caller.owner : await ownerOfLease(deps, token),
    purpose: token === undefined ? 'input' : 'result',
    offset: Number(header.offset),
    ...defined({
      sizeBytes: header.sizeBytes === undefined ? undefined : Number(header.sizeBytes),
      sha256: textOrAbsent(header.sha256) as Sha256 | undefined,
    }),
  });
}

/** @returns the digest that the sender names at the end, when it names one */
async function writeChunks(
  writer: ContentWriter,
  parts: AsyncGenerator<UploadContentRequest>,
): Promise<Sha256 | undefined> {
  for await (const { part } of parts) {
    switch (part?.$case) {
      case 'chunk':
        await writer.write(part.value);
        break;
      case 'finish':
        return textOrAbsent(part.value.sha256) as Sha256 | undefined;
      case 'header':
        throw Refusal.field('part', 'the header comes once, at the start');
      case undefined:
        throw Refusal.field('part', 'exactly one field is required in oneof');
    }
  }
  throw Refusal.field('part', 'the upload ended without finish; nothing was stored');
}

async function* download(
  reader: ContentReader,
  range: { readonly offset: number; readonly maxBytes?: number },
) {
  const { ref } = reader;
  if (range.offset > ref.sizeBytes) {
    throw new Refusal('OFFSET_MISMATCH', `offset ${range.offset} is past the end, ${ref.sizeBytes}`, {
      metadata: { offset: String(range.offset), size_bytes: String(ref.sizeBytes) },
    });
  }
  let { offset } = range;
  for await (const bytes of reader.read(range)) {
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    yield { offset: BigInt(offset), data, totalBytes: BigInt(ref.sizeBytes) };
    offset += data.byteLength;
  }
}

async function ownerOfLease({ leaseOwner }: ContentServiceDeps, token: LeaseToken): Promise<Owner> {
  const owner = await leaseOwner(token);
  if (owner === undefined) throw new Refusal('LEASE_LOST', 'the lease is not granted any more');
  return owner;
}

function contentNotFound(sha256: string): Refusal {
  return new Refusal('CONTENT_NOT_FOUND', `there is no content ${sha256}`, { metadata: { sha256 } });
}
