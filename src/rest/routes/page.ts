import type { FastifyInstance, FastifyReply } from 'fastify';
import { readPageFiles, type PageFile } from '../page-files.js';

/** Nothing from elsewhere, no script but the page's own files; `blob:` are results that the page has fetched. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  'media-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The web page at `/` and its files. They are for everybody: the page holds no data, it asks the API. */
export function addPageRoutes(app: FastifyInstance): void {
  for (const file of readPageFiles()) {
    app.route({
      method: ['GET', 'HEAD'],
      url: file.path,
      schema: { hide: true },
      handler: (request, reply) => answer(reply, file, request.headers['if-none-match']),
    });
  }
}

/** Browsers keep the files and ask each time whether they changed, so that a new version is there at once. */
function answer(reply: FastifyReply, file: PageFile, known: string | undefined): FastifyReply {
  void reply
    .header('content-security-policy', PAGE_POLICY)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-cache')
    .header('etag', file.etag);
  if (isKnown(file.etag, known)) return reply.code(304).send();
  return reply.header('content-type', file.mediaType).send(file.bytes);
}

/** @param known the header If-None-Match */
function isKnown(etag: string, known = ''): boolean {
  return known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*');
}
