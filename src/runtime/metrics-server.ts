import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Logger } from './logger.js';

export interface MetricsServerOptions {
  readonly registry: Pick<Registry, 'metrics' | 'contentType'>;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whether the program can do its work, for `/healthz`. */
  readonly healthy: () => boolean;
  readonly logger: Pick<Logger, 'error'>;
}

export interface MetricsServer {
  readonly host: string;
  /** The port in use. */
  readonly port: number;
  /** Cuts what is open. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves `/metrics` in the text form of Prometheus and `/healthz`: 200 `ok`, or 503 `unhealthy`.
 * Rejects with the error of the socket when it cannot listen.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      options.logger.error({ err: error }, 'metrics cannot be read');
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end('metrics cannot be read\n');
    });
  });
  await listen(server, options);
  server.on('error', (error) => options.logger.error({ err: error }, 'metrics server'));
  const { address, port } = server.address() as AddressInfo; // a TCP server that listens has no other address
  let closed: Promise<void> | undefined;
  return { host: address, port, close: () => (closed ??= closeServer(server)) };
}

async function answer(
  { registry, healthy }: MetricsServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, body: string, headers: Readonly<Record<string, string>> = {}) => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  const path = request.url?.split('?', 1)[0];
  if (path !== '/metrics' && path !== '/healthz') send(404, 'see /metrics and /healthz\n');
  else if (request.method !== 'GET' && request.method !== 'HEAD')
    send(405, 'only GET and HEAD\n', { allow: 'GET, HEAD' });
  else if (path === '/metrics') send(200, await registry.metrics(), { 'content-type': registry.contentType });
  else if (healthy()) send(200, 'ok\n');
  else send(503, 'unhealthy\n');
}

function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
