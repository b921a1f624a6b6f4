import {
  request,
  type Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Refusal } from '../domain/errors.js';
import type { Outgoing } from './outgoing.js';

export interface PostTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly agent: Agent;
  readonly signal: AbortSignal;
  readonly maxReplyBytes: number;
}

export interface Posted {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** When the request was sent, by `performance.now()`. */
  readonly sentAtMs: number;
  /** When the head of the reply came. */
  readonly headAtMs: number;
  /** When its last byte came. */
  readonly endAtMs: number;
}

/** A kept connection was closed by the other side before it took this request. */
export class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

/**
 * Sends one request over HTTP/1.1 and reads the whole reply.
 *
 * @throws StaleConnection, Refusal UNAVAILABLE, ENGINE_FAILED for a reply above the limit, and why the signal was aborted
 */
export async function post({ headers, body }: Outgoing, target: PostTarget): Promise<Posted> {
  const { host, port, path, agent, signal, maxReplyBytes } = target;
  signal.throwIfAborted();
  const sentAtMs = performance.now();
  const sent = request({ host, port, path, agent, signal, method: 'POST', headers });
  try {
    const response = await responseOf(sent, body);
    const headAtMs = performance.now();
    const read = await readReply(response, maxReplyBytes);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: read,
      sentAtMs,
      headAtMs,
      endAtMs: performance.now(),
    };
  } catch (error) {
    sent.destroy();
    signal.throwIfAborted();
    throw error;
  }
}

function responseOf(sent: ClientRequest, body: readonly Uint8Array[]): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.on('error', (cause: NodeJS.ErrnoException) => {
      const closed = cause.code === 'ECONNRESET' || cause.code === 'EPIPE';
      reject(
        sent.reusedSocket && closed
          ? new StaleConnection('the connection was closed', { cause })
          : unavailable(cause),
      );
    });
    for (const piece of body) if (piece.length > 0) sent.write(piece);
    sent.end();
  });
}

async function readReply(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new Refusal('ENGINE_FAILED', `the reply is above ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof Refusal ? error : unavailable(error);
  }
  return Buffer.concat(chunks);
}

function unavailable(cause: unknown): Refusal {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  return new Refusal('UNAVAILABLE', `the miner cannot be reached over HTTP (${code})`, { cause });
}
