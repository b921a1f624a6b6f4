import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Bodies of the two refusals. */
export interface RefusalBodies {
  readonly notFound: (request: FastifyRequest) => object;
  readonly notAllowed: (request: FastifyRequest) => object;
}

const OURS: RefusalBodies = {
  notFound: () => ({ detail: 'Not Found' }),
  notAllowed: () => ({ detail: 'Method Not Allowed' }),
};

/** Answers the methods that a path does not take with 405 and those that it takes; other paths with 404. */
export function refuseOtherMethods(
  app: FastifyInstance,
  addRoutes: () => void,
  { notFound, notAllowed }: RefusalBodies = OURS,
): void {
  const taken = new Map<string, HTTPMethods[]>();
  let adding = true;
  app.addHook('onRoute', ({ routePath, method }) => {
    if (adding) taken.set(routePath, [...(taken.get(routePath) ?? []), method].flat());
  });
  addRoutes();
  adding = false;
  for (const [url, methods] of taken) {
    app.route({
      url,
      method: METHODS.filter((method) => !methods.includes(method)),
      schema: { hide: true },
      // The body of such a request is nobody's concern.
      onRequest: (request, reply) => {
        void reply.code(405).header('allow', methods.join(', ')).send(notAllowed(request));
      },
      handler: () => undefined,
    });
  }
  app.setNotFoundHandler((request, reply) => reply.code(404).send(notFound(request)));
}
