import { Worker } from 'node:worker_threads';
import { OpenError } from './database.js';
import { fromWireError } from './sqlite-error.js';
import { pack } from './pack.js';
import type { Call, Reply, Request, Result, WorkerOptions } from './wire.js';
import { failpoint } from '../../runtime/failpoint.js';
import { Refusal } from '../../domain/errors.js';
import type { EffectsListener } from '../../queue/task-store.js';
import type { Effects } from './context.js';

/** Calls that one transaction takes at most. */
const MAX_GROUP = 512;

/** Adds to the effects of a commit what the caller alone knows of its call. */
export type Effect = (value: unknown, effects: Effects) => void;

/** A call and what becomes of it. */
interface Waiting {
  readonly call: Call;
  readonly effect: Effect | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface GroupCommitOptions extends WorkerOptions {
  /** The database cannot be trusted any more; nothing is answered after it. */
  readonly onFatal: (error: Error) => void;
}

/**
 * The calling side of a worker. Self-clocked: while a transaction is under way calls queue up, and all of
 * them go into the next one. Calls of one tick travel together, so that a submission and the claim that
 * it triggers share a commit.
 */
export class GroupCommit {
  readonly #worker: Worker;
  readonly #options: GroupCommitOptions;
  #waiting: Waiting[] = [];
  #running: Waiting[] = [];
  #scheduled = false;
  #listener: EffectsListener = () => undefined;
  #failure: Error | undefined;
  #closing: Promise<void> | undefined;
  #control: ((reply: Reply) => void) | undefined;

  private constructor(worker: Worker, options: GroupCommitOptions) {
    this.#worker = worker;
    this.#options = options;
    worker.on('message', (reply: Reply) => {
      this.#receive(reply);
    });
    worker.on('error', (error) => {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    });
  }

  /** @throws OpenError */
  static async open(options: GroupCommitOptions): Promise<GroupCommit> {
    const { onFatal, ...workerData } = options;
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData });
    const group = new GroupCommit(worker, options);
    const reply = await group.#answer();
    if (reply.kind === 'ready') return group;
    await worker.terminate();
    if (reply.kind === 'refused' && reply.explained) throw new OpenError(reply.message);
    throw new Error(reply.kind === 'refused' ? reply.message : `the store's worker said ${reply.kind}`);
  }

  listen(listener: EffectsListener): void {
    this.#listener = listener;
  }

  run(call: Call, effect?: Effect): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ call, effect, resolve, reject });
      this.#schedule();
    });
  }

  async moveClock(byMs: number): Promise<void> {
    await this.#idle();
    const answer = this.#answer();
    this.#post({ kind: 'move_clock', byMs });
    await answer;
  }

  /** Refuses further calls, runs those that wait, then closes the database. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    // One that cannot be trusted any more is left as it is: closing would write to it.
    if (this.#failure !== undefined) return;
    this.#failure = new Refusal('SERVER_DRAINING', 'the store is closed');
    await this.#idle();
    const answer = this.#answer();
    this.#post({ kind: 'close' });
    await answer;
    await this.#worker.terminate();
  }

  async #idle(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running.length > 0)
      await new Promise((resolve) => setImmediate(resolve));
  }

  #answer(): Promise<Reply> {
    return new Promise((resolve) => {
      this.#control = resolve;
    });
  }

  #post(request: Request, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #schedule(): void {
    if (this.#scheduled || this.#running.length > 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#running.length > 0 || this.#waiting.length === 0) return;
    this.#running = this.#waiting.splice(0, MAX_GROUP);
    const { calls, transfer } = pack(this.#running.map(({ call }) => call));
    this.#post({ kind: 'run', calls }, transfer);
  }

  #receive(reply: Reply): void {
    switch (reply.kind) {
      case 'ran': {
        const done = this.#running;
        this.#running = [];
        this.#flush();
        failpoint('before_reply');
        const { results, effects } = reply;
        done.forEach(({ effect }, place) => {
          const result = results[place];
          if (effect !== undefined && result?.ok === true) effect(result.value, effects);
        });
        this.#listener(effects);
        // Deliveries go out before the acknowledgements that share their commit are encoded.
        for (const claims of [true, false])
          done.forEach((waiting, place) => {
            if ((waiting.call.name === 'claim') === claims) answer(waiting, results[place]);
          });
        failpoint('after_reply');
        return;
      }
      case 'fatal':
        this.#fail(fromWireError(reply.error));
        return;
      default:
        this.#control?.(reply);
    }
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of [...this.#running, ...this.#waiting]) reject(error);
    this.#running = [];
    this.#waiting = [];
    this.#control?.({ kind: 'refused', message: error.message, explained: false });
    this.#options.onFatal(error);
  }
}

function answer({ resolve, reject }: Waiting, result: Result | undefined): void {
  if (result === undefined) reject(new Error('the worker gave no result'));
  else if (result.ok) resolve(result.value);
  else reject(fromWireError(result.error));
}
