import type { FastifyInstance } from 'fastify';

const METHODS = 'GET, HEAD, POST, PATCH, DELETE, OPTIONS';
/** What a page may read of an answer besides its body and the headers that it always may. */
const EXPOSED = [
  'accept-ranges',
  'content-disposition',
  'content-range',
  'etag',
  'preference-applied',
  'retry-after',
  'upload-complete',
  'upload-length',
  'upload-offset',
  'x-request-id',
  'x-should-retry',
  'x-task-id',
].join(', ');
/** Seconds for which a browser need not ask again. */
const PREFLIGHT_SECONDS = 600;

/** Lets pages of some or all origins call, without credentials: no answer depends on a cookie. */
export function openToOrigins(app: FastifyInstance, origins: '*' | readonly string[]): void {
  const allowed = (origin: string | undefined): string | undefined => {
    if (origins === '*') return '*';
    return origin !== undefined && origins.includes(origin) ? origin : undefined;
  };
  app.addHook('onRequest', (request, reply, done) => {
    const origin = allowed(request.headers.origin);
    // Which answer it is depends on who asks; what is kept for one must not be given to another.
    if (origins !== '*') void reply.header('vary', 'origin');
    if (origin !== undefined) {
      void reply
        .header('access-control-allow-origin', origin)
        .header('access-control-expose-headers', EXPOSED);
    }
    if (request.method !== 'OPTIONS') {
      done();
      return;
    }
    if (origin !== undefined) {
      void reply
        .header('access-control-allow-methods', METHODS)
        .header('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*')
        .header('access-control-max-age', PREFLIGHT_SECONDS);
    }
    void reply.code(204).send();
  });
}
