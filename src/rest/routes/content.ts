import { PassThrough, type Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UploadHeader, type GetUploadResponse } from '../../../gen/ts/audiosubnet/v1/content_service.js';
import { Refusal } from '../../domain/errors.js';
import { bodyBytes } from '../carriers/body-bytes.js';
import { uploadPlace, type UploadPlace } from '../carriers/upload-request.js';
import { CALL_MS, type BridgeClients } from '../clients.js';
import type { ClientsOf } from '../clients-of.js';
import { openContent } from '../content.js';
import { CONTENT_PATH, sha256Of, type ContentPath } from '../content-path.js';
import { goneSignal } from '../gone-signal.js';
import { answerRange } from '../ranged-answer.js';
import { headContent, readContent, uploadContent } from '../schemas/content.js';

/** How far an upload is. */
interface Progress {
  readonly offset: number | bigint;
  /** Absent while it is not known. */
  readonly length?: number | bigint;
  readonly complete: boolean;
}

/** Bytes by their SHA-256: uploads that go on where they were cut, downloads in ranges. */
export function addContentRoutes(app: FastifyInstance, clientsOf: ClientsOf): void {
  app.head<ContentPath>(CONTENT_PATH, { schema: headContent }, async (request, reply) => {
    const clients = clientsOf(request);
    const { complete, committedBytes } = await upload(clients, sha256Of(request.params), goneSignal(reply));
    if (!complete) return progress(reply, { offset: committedBytes, complete }).code(204).send();
    progress(reply, { offset: committedBytes, length: committedBytes, complete });
    return file(clients, request, reply, Number(committedBytes));
  });

  app.get<ContentPath>(CONTENT_PATH, { schema: readContent }, async (request, reply) => {
    const clients = clientsOf(request);
    const sha256 = sha256Of(request.params);
    const { complete, committedBytes } = await upload(clients, sha256, goneSignal(reply));
    if (!complete) throw new Refusal('CONTENT_NOT_FOUND', `the upload of ${sha256} is not complete`);
    return file(clients, request, reply, Number(committedBytes));
  });

  app.patch<ContentPath>(CONTENT_PATH, { schema: uploadContent }, async (request, reply) => {
    const sha256 = sha256Of(request.params);
    const bytes = bodyBytes(request);
    const place = uploadPlace(request.headers);
    try {
      const done = await receive(clientsOf(request), { sha256, place, bytes, signal: goneSignal(reply) });
      return await progress(reply, { ...done, length: place.length })
        .code(204)
        .send();
    } catch (error) {
      if (!(error instanceof Refusal) || error.reason !== 'OFFSET_MISMATCH') throw error;
      const { reason, message, metadata } = error;
      return reply
        .code(409)
        .header('upload-offset', metadata['committed_bytes'] ?? '0')
        .send({ detail: message, reason });
    }
  });
}

function upload({ content }: BridgeClients, sha256: string, signal: AbortSignal): Promise<GetUploadResponse> {
  return content.getUpload({ sha256 }, { signal, deadlineMs: CALL_MS });
}

function progress(reply: FastifyReply, { offset, length, complete }: Progress): FastifyReply {
  if (length !== undefined) void reply.header('upload-length', String(length));
  return reply
    .header('cache-control', 'no-store')
    .header('upload-offset', String(offset))
    .header('upload-complete', complete ? '?1' : '?0');
}

/** Whatever the bytes are, a browser keeps them as a file and runs nothing of them. */
function file(
  { content: client }: BridgeClients,
  request: FastifyRequest<ContentPath>,
  reply: FastifyReply,
  sizeBytes: number,
): Promise<FastifyReply> {
  const sha256 = sha256Of(request.params);
  const signal = goneSignal(reply);
  void reply
    .type('application/octet-stream')
    .header('content-disposition', `attachment; filename="${sha256}"`)
    .header('content-security-policy', "default-src 'none'; sandbox");
  return answerRange(request, reply, {
    sha256,
    sizeBytes,
    open: (range) => openContent({ sha256 }, range, { client, signal }),
  });
}

interface Receiving {
  readonly sha256: string;
  readonly place: UploadPlace;
  readonly bytes: Readable;
  readonly signal: AbortSignal;
}

/** Passes bytes on as they come, no faster than the proxy takes them. A body that ends before the content is fine. */
async function receive(
  clients: BridgeClients,
  { sha256, place: { offset, length }, bytes, signal }: Receiving,
): Promise<Progress> {
  const header = UploadHeader.fromPartial({
    sha256,
    sizeBytes: BigInt(length),
    offset: BigInt(offset),
  });
  // A pipe of its own lets go of the request, whose rest is read on when the proxy wants no more of it.
  const pipe = bytes.pipe(new PassThrough());
  let received = 0;
  const counted = async function* () {
    for await (const chunk of pipe as AsyncIterable<Buffer>) {
      received += chunk.length;
      yield chunk;
    }
  };
  try {
    const { sizeBytes } = await clients.content.uploadContent(counted(), header, { signal });
    return { offset: sizeBytes, complete: true };
  } catch (error) {
    const isPart = error instanceof Refusal && error.reason === 'SIZE_MISMATCH' && offset + received < length;
    if (!isPart) throw error;
    const { committedBytes, complete } = await upload(clients, sha256, signal);
    return { offset: committedBytes, complete };
  } finally {
    bytes.unpipe(pipe);
    pipe.destroy();
  }
}
