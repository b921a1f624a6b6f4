import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { credentials, makeClientConstructor } from '@grpc/grpc-js';
import { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { ECHO } from './echo.js';
import { LeanCalls } from './lean-calls.js';
import { nowMs } from '../chaos/history.js';
import { paced } from './paced.js';
import { submission } from './task.js';

/** Sends requests to the echo and notes when they come back. */
export class EchoLoad {
  readonly #client;
  readonly #calls;
  readonly #stream;
  readonly #request = Buffer.from(SubmitTaskRequest.encode(submission()).finish());
  #sentAt: number[] = [];
  #times: number[] = [];

  constructor(port: number) {
    const Client = makeClientConstructor(ECHO, 'bench.Echo');
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    this.#calls = new LeanCalls(`127.0.0.1:${port}`);
    const { path, requestSerialize, responseDeserialize } = ECHO.watch;
    this.#stream = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      Buffer.alloc(0),
    );
    this.#stream.on('error', () => undefined);
    // Requests go over one connection and come back in their order.
    this.#stream.on('data', () => this.#times.push(nowMs() - (this.#sentAt[this.#times.length] ?? NaN)));
  }

  async open(): Promise<void> {
    await once(this.#stream, 'metadata');
  }

  /** @returns milliseconds from each call to its event */
  async pace(perSecond: number, ms: number): Promise<readonly number[]> {
    this.#sentAt = [];
    this.#times = [];
    await paced(perSecond, ms, () => {
      this.#sentAt.push(nowMs());
      this.#calls.unary(ECHO.send.path, this.#request).catch((error: unknown) => {
        this.#stream.destroy(error instanceof Error ? error : undefined);
      });
    });
    while (this.#times.length < this.#sentAt.length) await pause(1);
    return this.#times;
  }

  close(): void {
    this.#stream.cancel();
    this.#calls.close();
    this.#client.close();
  }
}
