import type { Duplex } from 'node:stream';
import multipart from '@fastify/multipart';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import { systemClock, type Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { addBodyParsers } from './carriers/body-parsers.js';
import { addBytesParser } from './carriers/body-bytes.js';
import { answerClientError } from './client-error.js';
import type { BridgeClients } from './clients.js';
import { CONTENT_PATH } from './content-path.js';
import { trackConnections } from './connections.js';
import { createClientsOf, type ClientsOf } from './clients-of.js';
import { openToOrigins } from './cross-origin.js';
import { endingWatches } from './ending-watches.js';
import { answerErrors } from './error-answer.js';
import type { Listening } from '../runtime/front-door.js';
import { lingerAfterAnswer } from './linger.js';
import { addOpenAiDoors } from './openai/doors.js';
import type { SpeechEncoder } from './openai/speech-encoder.js';
import { refuseOtherMethods } from './other-methods.js';
import { nameRequests, newRequestId } from './request-id.js';
import { documentScopes } from './route-scopes.js';
import { addAudioRoute } from './routes/audio.js';
import { addContentRoutes } from './routes/content.js';
import { addDistributeRoutes } from './routes/distribute.js';
import { addDocumentationRoutes } from './routes/documentation.js';
import { addEventRoute } from './routes/events.js';
import { addInputRoute } from './routes/input.js';
import { addMinerRoutes } from './routes/miners.js';
import { addPageRoutes } from './routes/page.js';
import { addResultRoute } from './routes/result.js';
import { addServiceRoutes } from './routes/service.js';
import { addSubmitResultRoute } from './routes/submit-result.js';
import { addSubmitRoutes } from './routes/submit.js';
import { addTaskRoutes } from './routes/tasks.js';
import { addWebhookRoutes } from './routes/webhooks.js';
import { API_DOCUMENT } from './schemas/document.js';

/** A connection on which nothing moves in either direction for so long is closed. */
const SILENT_CONNECTION_MS = 120_000;
/** A request must have come whole by then; slow links upload for long. */
const REQUEST_MS = 1_800_000;
/** Body of a request that carries no audio; the longest text fits in any escaping. */
const MAX_BODY_BYTES = 1024 * 1024;

export interface BridgeOptions {
  readonly clients: BridgeClients;
  readonly log: Logger;
  /** Largest audio that the proxy takes; a validator's report of a spoken result has room for it. */
  readonly maxAudioBytes: number;
  /** Whose pages may call: every origin's, or those named. */
  readonly crossOrigins?: '*' | readonly string[];
  /** Others than this machine reach it, while its proxy may not know. */
  readonly isPublic?: boolean;
  /** Writes speech in the formats that users ask for. */
  readonly encoder: SpeechEncoder;
  readonly clock?: Clock;
  /** Called after each answer. */
  readonly onAnswer?: (answer: Answered) => void;
}

export interface Answered {
  readonly method: string;
  /** Pattern of the route; empty when there was none. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** The documented HTTP endpoints in front of the gRPC API; keeps no state and no rules, and passes keys on. */
export interface Bridge {
  /** Serves HTTP/1.1 on a connection that somebody else accepted. */
  readonly serve: (connection: Duplex) => void;
  /** Accepts connections itself. @throws Error of the system, such as EADDRINUSE */
  listen(at: Listening): Promise<Listening>;
  /** Ends waits and idle connections, lets requests under way end within the grace, then cuts the rest. */
  close(graceMs: number): Promise<void>;
}

export async function createBridge(options: BridgeOptions): Promise<Bridge> {
  const { encoder, log, clock = systemClock, onAnswer } = options;
  const app = createApp(options);
  const connections = trackConnections(app, clock);
  lingerAfterAnswer(app, clock);
  if (onAnswer !== undefined) {
    app.addHook('onResponse', ({ method, routeOptions }, reply, done) => {
      onAnswer({
        method,
        route: routeOptions.url ?? '',
        status: reply.statusCode,
        durationMs: reply.elapsedTime,
      });
      done();
    });
  }
  await app.register(multipart);
  await app.register(swagger, { openapi: API_DOCUMENT, exposeHeadRoutes: true });
  const { clients, end } = endingWatches(options.clients);
  const clientsOf = createClientsOf(clients, options.isPublic ?? false);
  addRoutes(app, clientsOf, { ...options, clients });
  await addOpenAiDoors(app, { clientsOf, encoder, log, clock });
  await app.ready();
  return {
    serve: connections.serve,
    async listen({ host, port }) {
      await app.listen({ host, port });
      const address = app.server.address();
      return { host, port: typeof address === 'object' && address !== null ? address.port : port };
    },
    close: (graceMs) => {
      end();
      return connections.close(graceMs);
    },
  };
}

function createApp({ log, crossOrigins = '*' }: BridgeOptions): FastifyInstance {
  const app = Fastify({
    logger: false,
    // The hidden HEAD twin of GET /distribute would hand tasks out to nobody.
    exposeHeadRoutes: false,
    bodyLimit: MAX_BODY_BYTES,
    connectionTimeout: SILENT_CONNECTION_MS,
    requestTimeout: REQUEST_MS,
    genReqId: newRequestId,
    clientErrorHandler: answerClientError,
  });
  // Schemas document the routes. What may come in is the proxy's to decide, through any carrier.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  addBodyParsers(app);
  addBytesParser(app, CONTENT_PATH);
  nameRequests(app);
  openToOrigins(app, crossOrigins);
  answerErrors(app, log);
  documentScopes(app);
  return app;
}

function addRoutes(
  app: FastifyInstance,
  clientsOf: ClientsOf,
  { clients, maxAudioBytes, clock = systemClock }: BridgeOptions,
): void {
  refuseOtherMethods(app, () => {
    addSubmitRoutes(app, clientsOf, clock);
    addTaskRoutes(app, clientsOf, clock);
    addResultRoute(app, clientsOf, clock);
    addEventRoute(app, clientsOf, clock);
    addInputRoute(app, clientsOf);
    addAudioRoute(app, clientsOf);
    addContentRoutes(app, clientsOf);
    addWebhookRoutes(app, clientsOf);
    addServiceRoutes(app, clientsOf, clients);
    addMinerRoutes(app, clientsOf);
    addDistributeRoutes(app, clientsOf);
    // Base64 takes a third more, escaped signs of it in a form some more.
    addSubmitResultRoute(app, clientsOf, Math.ceil(maxAudioBytes * 1.5) + MAX_BODY_BYTES);
    addDocumentationRoutes(app);
    addPageRoutes(app);
  });
}
