import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { checkTarget, guardedLookup, type GuardOptions } from './guard.js';

/** Bytes of an answer's body that are read, and thrown away, so that its sender is done. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface Letter {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  /** The header as it came. */
  readonly retryAfter?: string;
}

/** Sends a letter once. @throws ForbiddenTarget, UnknownHost, errors of the system, the reason of the signal */
export type Post = (letter: Letter, signal: AbortSignal) => Promise<Answer>;

/**
 * Posts on a connection of its own, to checked addresses alone, without following redirects: Node's requests
 * never do. Certificates are checked against the name in the URL.
 */
export function createPost(guard: GuardOptions): Post {
  return async ({ url, headers, body }, signal) => {
    checkTarget(url, guard);
    signal.throwIfAborted();
    const bytes = Buffer.from(body);
    const answer = await exchange(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': bytes.length },
        lookup: guardedLookup(guard, signal),
        agent: false,
        signal,
      },
      bytes,
    );
    await endOf(answer);
    const retryAfter = answer.headers['retry-after'];
    return { status: answer.statusCode ?? 0, ...(retryAfter !== undefined && { retryAfter }) };
  };
}

function exchange(url: string, options: RequestOptions, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = url.toLowerCase().startsWith('https:') ? httpsRequest : httpRequest;
    const sent = request(url, options, resolve);
    sent.on('error', reject);
    sent.on('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new Error('the receiver wanted to speak another protocol'));
    });
    sent.end(body);
  });
}

/** Reads the body away. One that is too long, breaks or does not come in time changes nothing: the status is there. */
function endOf(answer: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) answer.destroy();
    });
    answer.on('error', () => undefined);
    answer.on('close', resolve);
  });
}
