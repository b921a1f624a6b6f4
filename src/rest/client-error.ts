import type { Socket } from 'node:net';

const ANSWERS: Readonly<Record<string, { readonly line: string; readonly detail: string }>> = {
  HPE_HEADER_OVERFLOW: {
    line: '431 Request Header Fields Too Large',
    detail: 'The request head is too large',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { line: '408 Request Timeout', detail: 'The request did not come in time' },
};
const BAD_REQUEST = { line: '400 Bad Request', detail: 'The bytes are no HTTP request' };

/** Answers bytes that Node could not read as a request, then closes. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // A connection that is gone, or in the middle of an answer, can be told nothing.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const { line, detail } = ANSWERS[error.code ?? ''] ?? BAD_REQUEST;
  const body = JSON.stringify({ detail });
  const head = [
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`HTTP/1.1 ${[line, ...head].join('\r\n')}\r\n\r\n${body}`);
}
