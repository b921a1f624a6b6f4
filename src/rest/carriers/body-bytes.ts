import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const MEDIA_TYPE = 'application/offset+octet-stream';

/** Hands the bytes of a body on as they come, for the routes of one path; others do not take the media type. */
export function addBytesParser(app: FastifyInstance, path: string): void {
  app.addContentTypeParser(MEDIA_TYPE, (request, payload, done) => {
    if (request.routeOptions.url === path) done(null, payload);
    else done(unsupported(`Unsupported Media Type: ${MEDIA_TYPE}`));
  });
}

/** The body as a stream; one without bytes ends at once. @throws Error 415 for any other media type */
export function bodyBytes({ body }: FastifyRequest): Readable {
  if (body instanceof Readable) return body;
  if (body === undefined || body === null) return Readable.from([]);
  throw unsupported(`Unsupported Media Type: send ${MEDIA_TYPE}`);
}

function unsupported(message: string): Error {
  return Object.assign(new Error(message), { statusCode: 415 });
}
