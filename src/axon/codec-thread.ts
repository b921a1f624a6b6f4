import { Worker } from 'node:worker_threads';
import { Refusal } from '../domain/errors.js';
import { runCodec, type Codec, type CodecCall, type FromCodec, type ToCodec } from './codec-wire.js';

/** JSON up to this size is read and written in place; it takes about 1 ms. */
const INLINE_BYTES = 256 * 1024;
/** A body takes several times its size while it is text; one that takes more ends the thread and not the process. */
const MAX_HEAP_MB = 1_024;

interface Waiting {
  readonly message: ToCodec;
  readonly resolve: (value: ReturnType<Codec[keyof Codec]>) => void;
  readonly reject: (error: Error) => void;
}

/** Reads and writes the bodies of AudioTask; large ones in a thread of its own, so that nobody waits for them. */
export class CodecThread {
  private worker: Worker | undefined;
  private lastId = 0;
  /** In the order in which the thread takes them. */
  private readonly waiting = new Map<number, Waiting>();

  /** @param maxHeapMb of the thread; another one for tests alone */
  constructor(private readonly maxHeapMb = MAX_HEAP_MB) {}

  /** @throws Refusal as `readQuestion` does */
  async readQuestion(...args: Parameters<Codec['readQuestion']>): Promise<ReturnType<Codec['readQuestion']>> {
    const value = await this.run({ name: 'readQuestion', args }, args[0].byteLength);
    return value as ReturnType<Codec['readQuestion']>;
  }

  async writeQuestion(
    ...args: Parameters<Codec['writeQuestion']>
  ): Promise<ReturnType<Codec['writeQuestion']>> {
    const value = await this.run({ name: 'writeQuestion', args }, args[0].input.byteLength);
    return value as ReturnType<Codec['writeQuestion']>;
  }

  /** @throws Refusal as `readReply` does */
  async readReply(...args: Parameters<Codec['readReply']>): Promise<ReturnType<Codec['readReply']>> {
    const value = await this.run({ name: 'readReply', args }, args[0].byteLength);
    return value as ReturnType<Codec['readReply']>;
  }

  async writeReply(...args: Parameters<Codec['writeReply']>): Promise<ReturnType<Codec['writeReply']>> {
    const [question, answer] = args;
    const size = question.input.byteLength + answer.output.byteLength;
    return (await this.run({ name: 'writeReply', args }, size)) as ReturnType<Codec['writeReply']>;
  }

  async close(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    for (const { reject } of this.waiting.values()) reject(new Error('the thread was closed'));
    this.waiting.clear();
    await worker?.terminate();
  }

  private async run(call: CodecCall, bytes: number): Promise<ReturnType<Codec[keyof Codec]>> {
    if (bytes <= INLINE_BYTES) return runCodec(call);
    this.worker ??= this.start();
    const { worker } = this;
    this.lastId += 1;
    const message: ToCodec = { id: this.lastId, call };
    return new Promise((resolve, reject) => {
      this.waiting.set(message.id, { message, resolve, reject });
      worker.postMessage(message);
    });
  }

  private start(): Worker {
    const worker = new Worker(new URL('./codec-worker.js', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: this.maxHeapMb },
    });
    worker.unref();
    worker.on('message', (message: FromCodec) => {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.kind === 'done') waiting?.resolve(message.value);
      else waiting?.reject(new Refusal(message.reason, message.message, { violations: message.violations }));
    });
    worker.on('error', (error) => this.ended(worker, error));
    worker.on('exit', () => this.ended(worker, new Error('the thread ended')));
    return worker;
  }

  /** Fails the body that it was at, since that may have ended it; another thread goes on with the others. */
  private ended(worker: Worker, error: unknown): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    const [culprit] = this.waiting.values();
    if (culprit === undefined) return;
    this.waiting.delete(culprit.message.id);
    culprit.reject(
      new Refusal('MALFORMED_MESSAGE', 'the body ended the thread that reads it', { cause: error }),
    );
    if (this.waiting.size === 0) return;
    this.worker = this.start();
    for (const { message } of this.waiting.values()) this.worker.postMessage(message);
  }
}
