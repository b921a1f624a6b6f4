import { once } from 'node:events';
import { connect, type ClientHttp2Stream } from 'node:http2';
import { GRPC_HEADERS, grpcBody } from './grpc-body.js';

/**
 * Calls of a client that never reads an answer.
 *
 * @param windowBytes what the server may send into each call all the same
 */
export class UnreadStreams {
  readonly #session;
  readonly #streams: ClientHttp2Stream[] = [];

  constructor(address: string, windowBytes: number) {
    this.#session = connect(`http://${address}`, { settings: { initialWindowSize: windowBytes } });
    this.#session.on('error', () => undefined);
  }

  /** Resolves when the server has taken the call. */
  async open(path: string, request: Uint8Array): Promise<void> {
    const stream = this.#session.request({ ':method': 'POST', ':path': path, ...GRPC_HEADERS });
    stream.on('error', () => undefined);
    this.#streams.push(stream);
    stream.end(grpcBody(request));
    await once(stream, 'response');
  }

  /** Calls that the server gave up. */
  get cut(): number {
    return this.#streams.filter(({ closed }) => closed).length;
  }

  close(): void {
    this.#session.destroy();
  }
}
