import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { askedRange, type ByteRange } from './carriers/byte-range.js';

/** Bytes that may be read in parts. */
export interface RangedContent {
  /** Of all bytes, 64 hexadecimal digits; stands in the ETag. */
  readonly sha256: string;
  /** At least 1. */
  readonly sizeBytes: number;
  /** Opens a part. Rejects when it cannot be read at all. */
  readonly open: (range: ByteRange) => Promise<AsyncIterable<Uint8Array>>;
}

/** Answers GET and HEAD with the range that was asked for, or with all of it. */
export async function answerRange(
  request: FastifyRequest,
  reply: FastifyReply,
  { sha256, sizeBytes, open }: RangedContent,
): Promise<FastifyReply> {
  const etag = `"${sha256}"`;
  void reply
    .header('accept-ranges', 'bytes')
    .header('etag', etag)
    .header('x-content-type-options', 'nosniff');
  const asked = askedRange(request.headers, { etag, sizeBytes });
  if (asked.kind === 'unsatisfiable') {
    void reply.header('content-range', `bytes */${sizeBytes}`).removeHeader('content-disposition');
    return reply
      .type('application/json')
      .code(416)
      .send({ detail: `The content has ${sizeBytes} bytes, none of them in the range` });
  }
  const range = asked.kind === 'part' ? asked.range : { start: 0, end: sizeBytes };
  // Range means nothing to HEAD.
  if (request.method === 'HEAD') return reply.header('content-length', sizeBytes).send();
  const bytes = await open(range);
  void reply.header('content-length', range.end - range.start);
  if (asked.kind === 'part')
    void reply.code(206).header('content-range', `bytes ${range.start}-${range.end - 1}/${sizeBytes}`);
  return reply.send(Readable.from(bytes, { objectMode: false }));
}
