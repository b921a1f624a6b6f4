import { createReadStream } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { PassThrough, pipeline } from 'node:stream';

export interface RestUpload {
  /** `http://host:port` */
  readonly url: string;
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Told of each chunk that was handed to the connection, with the offset behind it. */
  readonly onSent?: (offset: number) => void;
}

/** Uploads a file as the documented commands do, again and again until it is there. @returns bytes sent in all */
export async function restUpload(upload: RestUpload): Promise<number> {
  let sent = 0;
  for (;;) {
    const state = await call(upload, { method: 'HEAD' });
    if (state.headers['upload-complete'] === '?1') return sent;
    const offset = Number(state.headers['upload-offset'] ?? 0);
    const answer = await call(upload, {
      method: 'PATCH',
      offset,
      onSent: (bytes) => {
        sent += bytes;
      },
    }).catch(() => undefined);
    if (answer?.statusCode === 503)
      await new Promise((resolve) => setTimeout(resolve, Number(answer.headers['retry-after']) * 1000));
    else if (answer !== undefined && answer.statusCode !== 204 && answer.statusCode !== 409)
      throw new Error(`PATCH was answered with ${answer.statusCode ?? ''}`);
  }
}

interface Call {
  readonly method: 'HEAD' | 'PATCH';
  readonly offset?: number;
  readonly onSent?: (bytes: number) => void;
}

function call(upload: RestUpload, { method, offset = 0, onSent }: Call): Promise<IncomingMessage> {
  const { url, path, sha256, sizeBytes } = upload;
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/api/v1/content/${sha256}`, {
      method,
      agent: false,
      ...(method === 'PATCH' && {
        headers: {
          'content-type': 'application/offset+octet-stream',
          'content-length': sizeBytes - offset,
          'upload-offset': offset,
          'upload-length': sizeBytes,
        },
      }),
    });
    outgoing.on('response', (answer) => {
      answer.resume();
      resolve(answer);
    });
    outgoing.on('error', reject);
    outgoing.on('close', () => reject(new Error('the connection was cut')));
    if (method === 'HEAD') {
      outgoing.end();
      return;
    }
    let at = offset;
    const counted = new PassThrough();
    counted.on('data', (chunk: Buffer) => {
      at += chunk.length;
      onSent?.(chunk.length);
      upload.onSent?.(at);
    });
    pipeline(
      createReadStream(path, { start: offset, highWaterMark: 256 * 1024 }),
      counted,
      outgoing,
      () => undefined,
    );
  });
}
