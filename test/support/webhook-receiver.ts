import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A webhook as it came in. */
export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Reply = (response: ServerResponse, request: IncomingMessage) => void;

/** A receiver of webhooks as a real HTTP server on the loopback interface. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** How it answers by path; 204 for the others. */
  readonly replies = new Map<string, Reply>();
  connections = 0;
  #waiting: (() => void)[] = [];
  #server = createServer();
  #port = 0;

  /** @param port the one it had before, to be up again */
  async listen(port = 0): Promise<this> {
    this.#server = createServer((request, response) => {
      void this.#take(request, response);
    });
    this.#server.on('connection', () => {
      this.connections += 1;
    });
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  get port(): number {
    return this.#port;
  }

  url(path = '/hook', host = '127.0.0.1'): string {
    return `http://${host}:${this.#port}${path}`;
  }

  at(path: string): readonly Received[] {
    return this.received.filter((webhook) => webhook.path === path);
  }

  /** Resolves once a condition on what came holds; the limit is the test's. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      // Its sender went away.
      return;
    }
    const path = request.url ?? '';
    const headers = request.headers as Record<string, string>;
    this.received.push({ path, headers, body: Buffer.concat(chunks).toString() });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
    const reply = this.replies.get(path) ?? ((answer) => answer.writeHead(204).end());
    reply(response, request);
  }
}
