import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to the stand-in. */
export interface ChatRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
  };
}

type Answer = (request: ChatRequest, response: ServerResponse) => void;

/** Stands in for an OpenAI-compatible server: a real HTTP server without a language model behind it. */
export class LlmStandIn {
  readonly requests: ChatRequest[] = [];
  readonly #server: Server;

  private constructor(public answer: Answer) {
    this.#server = createServer((request, response) => {
      void this.#take(request, response);
    });
  }

  static async start(answer: Answer = chat('{"faithful": 1, "complete": 1}')): Promise<LlmStandIn> {
    const standIn = new LlmStandIn(answer);
    standIn.#server.listen(0, '127.0.0.1');
    await once(standIn.#server, 'listening');
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as ChatRequest['body'];
    const taken = { path: request.url ?? '', authorization: request.headers.authorization, body };
    this.requests.push(taken);
    this.answer(taken, response);
  }
}

/** Answers as a chat server does whose model says `content`. */
export function chat(content: string): Answer {
  return (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content } }] }));
  };
}
