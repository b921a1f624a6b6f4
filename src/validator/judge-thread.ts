import { Worker } from 'node:worker_threads';
import type { Policy } from '../domain/score/policy.js';
import type { Score } from '../domain/task.js';
import type { SpokenReply } from '../engines/listening/speech-ear.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { FromJudges, JudgeCall, JudgeThreadData, ToJudges } from './judge-wire.js';
import type { HeardSpeech, Judges, JudgeWork, Recording } from './judges.js';

/** Calls that the thread has at a time; the others wait here. */
const MAX_RUNNING = 8;
/**
 * A call that takes longer, from its turn on, has the thread ended: no judge takes so long on anything that a miner may
 * send. A transcript is bounded by its caller.
 */
const MAX_CALL_MS: Readonly<Record<JudgeCall['name'], number>> = {
  judge: 10_000,
  hear: 30_000,
  transcribe: 2 * 3_600_000,
};
/** Heap of the thread, so that a reply that makes it grow ends the thread and not the process. */
const MAX_HEAP_MB = 512;
/** A call that the thread had when it ended is tried once more, alone. */
const MAX_DEATHS = 2;

/** Why a call of the judges has no answer. */
export class JudgeError extends Error {
  override readonly name = 'JudgeError';
}

export interface JudgeThreadOptions {
  readonly policy: Policy;
  readonly clock: Clock;
  readonly log: Logger;
  /** For tests alone: what runs in the thread. */
  readonly script?: URL;
  /** For tests alone: heap of the thread. */
  readonly maxHeapMb?: number;
}

/** A call that is not answered yet. */
class PendingCall {
  readonly result: Promise<unknown>;
  /** How often the thread ended while it had this call. */
  deaths = 0;
  /** Nobody waits for it any more; the thread may still be busy with it. */
  isAbandoned = false;
  cancelTimer: () => void = () => undefined;
  #resolve: (value: unknown) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(
    readonly id: number,
    readonly call: JudgeCall,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(value: unknown): void {
    this.cancelTimer();
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.cancelTimer();
    this.#reject(error);
  }

  /** Its time goes on until the thread says that it is over. */
  abandon(reason: unknown): void {
    this.isAbandoned = true;
    this.#reject(reason);
  }
}

/**
 * Judges in a thread of its own, started by the first call. When the thread ends by itself, or hangs, the calls that
 * it had are tried once more, one after the other, so that the one that ends it again is known and fails alone.
 * Each rejects with a JudgeError when there is no answer.
 */
export class JudgeThread implements Judges {
  private worker: Worker | undefined;
  private lastId = 0;
  /** Those to be tried alone come first. */
  private waiting: PendingCall[] = [];
  private readonly running = new Map<number, PendingCall>();
  private closed = false;

  constructor(private readonly options: JudgeThreadOptions) {}

  async judge(work: JudgeWork, signal: AbortSignal): Promise<readonly Score[]> {
    return (await this.ask({ name: 'judge', argument: work }, signal)) as readonly Score[];
  }

  async hear(spoken: SpokenReply, signal: AbortSignal): Promise<HeardSpeech> {
    return (await this.ask({ name: 'hear', argument: spoken }, signal)) as HeardSpeech;
  }

  async transcribe(recording: Recording, signal: AbortSignal): Promise<string | undefined> {
    return (await this.ask({ name: 'transcribe', argument: recording }, signal)) as string | undefined;
  }

  async close(): Promise<void> {
    this.closed = true;
    const { worker } = this;
    this.worker = undefined;
    for (const pending of [...this.running.values(), ...this.waiting])
      pending.reject(new JudgeError('the judges are closed'));
    this.running.clear();
    this.waiting = [];
    await worker?.terminate();
  }

  private async ask(call: JudgeCall, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    if (this.closed) throw new JudgeError('the judges are closed');
    this.lastId += 1;
    const pending = new PendingCall(this.lastId, call);
    const abort = (): void => this.abandon(pending, signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.waiting.push(pending);
    this.next();
    try {
      return await pending.result;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Sends what the thread has room for; a call that it ended with before has it for itself. */
  private next(): void {
    for (let next = this.ready(); next !== undefined; next = this.ready()) {
      const pending = next;
      this.waiting = this.waiting.filter((other) => other !== pending);
      this.running.set(pending.id, pending);
      this.worker ??= this.start();
      this.send({ kind: 'call', id: pending.id, call: pending.call });
    }
  }

  /** The first that the thread has room for; hearings wait for each other, since each may take much memory. */
  private ready(): PendingCall | undefined {
    const running = [...this.running.values()];
    const [first] = this.waiting;
    if (first === undefined) return undefined;
    if (first.deaths > 0) return running.length === 0 ? first : undefined;
    if (running.length >= MAX_RUNNING || running.some(({ deaths }) => deaths > 0)) return undefined;
    const isHearing = running.some(({ call }) => call.name === 'hear');
    return isHearing ? this.waiting.find(({ call }) => call.name !== 'hear') : first;
  }

  private watch(pending: PendingCall): void {
    const limitMs = MAX_CALL_MS[pending.call.name];
    pending.cancelTimer = this.options.clock.after(limitMs, () => {
      const { worker } = this;
      this.ended(worker, new Error(`${pending.call.name} took longer than ${limitMs / 1000} s`));
      void worker?.terminate();
    });
  }

  private start(): Worker {
    const { policy, maxHeapMb = MAX_HEAP_MB } = this.options;
    const { script = new URL('./judge-worker.js', import.meta.url) } = this.options;
    const workerData: JudgeThreadData = { policy };
    const resourceLimits = { maxOldGenerationSizeMb: maxHeapMb };
    const worker = new Worker(script, { workerData, resourceLimits });
    worker.on('message', (message: FromJudges) => {
      if (worker === this.worker) this.receive(message);
    });
    worker.on('error', (error) => this.ended(worker, error));
    worker.on('exit', (code) => this.ended(worker, new Error(`it ended with code ${code}`)));
    return worker;
  }

  private send(message: ToJudges): void {
    this.worker?.postMessage(message);
  }

  private receive(message: FromJudges): void {
    const pending = this.running.get(message.id);
    if (pending === undefined) return;
    if (message.kind === 'began') {
      this.watch(pending);
      return;
    }
    this.running.delete(message.id);
    if (message.kind === 'done') pending.resolve(message.value);
    else pending.reject(new JudgeError(`${pending.call.name} failed: ${message.message}`));
    this.next();
  }

  /** Nobody waits for the answer any more. */
  private abandon(pending: PendingCall, reason: unknown): void {
    if (this.running.has(pending.id)) this.send({ kind: 'cancel', id: pending.id });
    this.waiting = this.waiting.filter((other) => other !== pending);
    pending.abandon(reason);
    this.next();
  }

  /** The thread is no more, or not to be used any more; the next call starts another one. */
  private ended(worker: Worker | undefined, cause: unknown): void {
    if (worker === undefined || worker !== this.worker) return;
    this.worker = undefined;
    const calls = [...this.running.values()].filter((pending) => {
      pending.cancelTimer();
      return !pending.isAbandoned;
    });
    this.running.clear();
    this.options.log.warn(
      { err: cause, calls: calls.length },
      'the thread that judges ended; it is started again',
    );
    for (const pending of calls) pending.deaths += 1;
    const [again, lost] = [
      calls.filter(({ deaths }) => deaths < MAX_DEATHS),
      calls.filter(({ deaths }) => deaths >= MAX_DEATHS),
    ];
    this.waiting.unshift(...again);
    for (const pending of lost)
      pending.reject(new JudgeError(`${pending.call.name} ended the thread`, { cause }));
    this.next();
  }
}
