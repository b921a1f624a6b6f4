import type { FastifyInstance, HTTPMethods } from 'fastify';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Answers the methods that a path does not take with 405 and those that it takes; other paths with 404. */
export function refuseOtherMethods(app: FastifyInstance, addRoutes: () => void): void {
  const taken = new Map<string, HTTPMethods[]>();
  let adding = true;
  app.addHook('onRoute', ({ url, method }) => {
    if (adding) taken.set(url, [...(taken.get(url) ?? []), method].flat());
  });
  addRoutes();
  adding = false;
  for (const [url, methods] of taken) {
    app.route({
      url,
      method: METHODS.filter((method) => !methods.includes(method)),
      schema: { hide: true },
      // The body of such a request is nobody's concern.
      onRequest: (_request, reply) => {
        void reply.code(405).header('allow', methods.join(', ')).send({ detail: 'Method Not Allowed' });
      },
      handler: () => undefined,
    });
  }
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ detail: 'Not Found' }));
}
