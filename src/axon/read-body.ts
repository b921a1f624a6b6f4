import type { IncomingMessage } from 'node:http';
import { Refusal } from '../domain/errors.js';

/** Bodies that may be in memory together, as a multiple of the largest one. */
const BODIES_AT_A_TIME = 4;

/** Reads bodies of bounded size, and so many at a time that memory is bounded too. */
export class BodyReader {
  #reserved = 0;

  constructor(private readonly maxBytes: number) {}

  /**
   * The body, for as long as `use` runs.
   *
   * @throws Refusal CONTENT_TOO_LARGE, before anything is read when the length was announced; MINER_BUSY when others take the
   * memory; why the signal was aborted
   */
  async with<T>(
    request: IncomingMessage,
    signal: AbortSignal,
    use: (body: Uint8Array) => Promise<T>,
  ): Promise<T> {
    const announced = request.headers['content-length'];
    const bytes = announced === undefined ? this.maxBytes : Number(announced);
    if (bytes > this.maxBytes) throw this.#tooLarge();
    if (this.#reserved + bytes > this.maxBytes * BODIES_AT_A_TIME)
      throw new Refusal('MINER_BUSY', 'too many bodies are being read');
    this.#reserved += bytes;
    try {
      return await use(await this.#read(request, signal));
    } finally {
      this.#reserved -= bytes;
    }
  }

  #read(request: IncomingMessage, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const end = (error?: Error): void => {
        signal.removeEventListener('abort', abort);
        request.off('data', take);
        if (error === undefined) resolve(Buffer.concat(chunks));
        else reject(error);
      };
      const abort = (): void => end(signal.reason as Error);
      const take = (chunk: Buffer): void => {
        bytes += chunk.length;
        if (bytes > this.maxBytes) end(this.#tooLarge());
        else chunks.push(chunk);
      };
      signal.addEventListener('abort', abort, { once: true });
      request.on('data', take);
      request.once('end', () => end());
      request.once('error', (cause) => end(new Refusal('CANCELLED', 'the connection broke', { cause })));
    });
  }

  #tooLarge(): Refusal {
    return new Refusal('CONTENT_TOO_LARGE', `the body is above ${this.maxBytes} bytes`);
  }
}
