import type { FastifyInstance } from 'fastify';

const METHODS = 'GET, POST, DELETE, OPTIONS';
/** Seconds for which a browser need not ask again. */
const PREFLIGHT_SECONDS = 600;

/** Lets pages of every origin call, without credentials: no answer depends on a cookie. */
export function openToEveryOrigin(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply
      .header('access-control-allow-origin', '*')
      .header('access-control-expose-headers', 'x-request-id, retry-after');
    if (request.method !== 'OPTIONS') {
      done();
      return;
    }
    void reply
      .code(204)
      .header('access-control-allow-methods', METHODS)
      .header('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*')
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .send();
  });
}
