import { Worker } from 'node:worker_threads';
import { OpenError } from './open-error.js';
import { fromWireError, type WireError } from './sqlite-error.js';
import { pack } from './pack.js';
import type { Call, GrantedReply, RanReply, Reply, Request, WorkerOptions } from './wire.js';
import { failpoint } from '../../runtime/failpoint.js';
import { Refusal } from '../../domain/errors.js';
import type { EffectsListener } from '../../queue/task-store.js';
import type { Effects } from './context.js';

const NO_CALLS: readonly Call[] = [];

/** Calls above which a transaction takes no further ones. */
const MAX_GROUP = 512;

/** Adds to the effects of a commit what the caller alone knows of its calls; told of those that succeeded. */
export type Effect = (value: unknown, place: number, effects: Effects) => void;

/** Calls that came together, and what becomes of them. */
interface Waiting {
  /** None any more once they crossed: what they carry is the larger part of what waits for a commit. */
  calls: readonly Call[];
  readonly count: number;
  readonly isClaim: boolean;
  /** It heard what it was granted before the rest of its group. */
  isAnswered: boolean;
  readonly effect: Effect | undefined;
  readonly resolve: (values: readonly unknown[]) => void;
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

  /**
   * Runs calls in one transaction, in order.
   *
   * @returns one value a call; rejects with the first failure when every call has ended
   */
  run(calls: readonly Call[], effect?: Effect): Promise<readonly unknown[]> {
    // A queue that is full refuses without a commit.
    if (calls.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const isClaim = calls[0]?.name === 'claim';
      this.#waiting.push({ calls, count: calls.length, isClaim, isAnswered: false, effect, resolve, reject });
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

  /**
   * At the end of the turn: what every connection brought in it goes together, where a microtask would send
   * what the first one brought alone.
   */
  #schedule(): void {
    if (this.#scheduled || this.#running.length > 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#running.length > 0 || this.#waiting.length === 0) return;
    this.#running = this.#next();
    const calls = pack(this.#running.flatMap(({ calls }) => calls));
    for (const waiting of this.#running) waiting.calls = NO_CALLS;
    this.#post({ kind: 'run', calls }, [calls.payloads]);
  }

  /** Takes the calls of the next transaction out; those that came together stay together. */
  #next(): Waiting[] {
    let count = 0;
    const end = this.#waiting.findIndex((waiting) => (count += waiting.count) > MAX_GROUP);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(1, end));
  }

  #receive(reply: Reply): void {
    switch (reply.kind) {
      case 'granted':
        this.#answerClaims(reply);
        return;
      case 'ran':
        this.#end(reply);
        return;
      case 'fatal':
        this.#fail(fromWireError(reply.error));
        return;
      default:
        this.#control?.(reply);
    }
  }

  /** A delivery need not wait for the disk: the task was acknowledged to nobody, and the lease is none after a loss. */
  #answerClaims({ values }: GrantedReply): void {
    let start = 0;
    for (const waiting of this.#running) {
      if (waiting.isClaim && values[start] !== undefined) {
        waiting.isAnswered = true;
        waiting.resolve(values.slice(start, start + waiting.count));
      }
      start += waiting.count;
    }
  }

  /**
   * Tells what the commit did, then those who wait for it: claims first, so that deliveries go out before
   * acknowledgements are encoded. Whoever claimed may claim again at once, and that claim goes into the same
   * transaction as the submissions that came meanwhile.
   */
  #end(reply: RanReply): void {
    failpoint('before_reply');
    const done = this.#running;
    const starts = this.#tell(done, reply);
    answerEach(done, starts, reply, true);
    afterMicrotasks(() => {
      this.#running = [];
      this.#flush();
      answerEach(done, starts, reply, false);
      failpoint('after_reply');
    });
  }

  /** @returns where the calls of each begin */
  #tell(done: readonly Waiting[], { values, errors, effects }: RanReply): readonly number[] {
    const starts: number[] = [];
    let start = 0;
    for (const { count, effect } of done) {
      starts.push(start);
      if (effect !== undefined)
        for (let place = 0; place < count; place++)
          if (!errors.has(start + place)) effect(values[start + place], place, effects);
      start += count;
    }
    this.#listener(effects);
    return starts;
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

/** Runs when nothing is left of what the current turn set off. */
function afterMicrotasks(run: () => void): void {
  queueMicrotask(() => {
    process.nextTick(run);
  });
}

/** Answers the claims, or all others. */
function answerEach(
  done: readonly Waiting[],
  starts: readonly number[],
  { values, errors }: RanReply,
  claims: boolean,
): void {
  done.forEach((waiting, place) => {
    if (waiting.isClaim === claims && !waiting.isAnswered)
      answer(waiting, starts[place] ?? 0, values, errors);
  });
}

function answer(
  { count, resolve, reject }: Waiting,
  start: number,
  values: readonly unknown[],
  errors: ReadonlyMap<number, WireError>,
): void {
  if (errors.size > 0)
    for (let place = start; place < start + count; place++) {
      const error = errors.get(place);
      if (error !== undefined) {
        reject(fromWireError(error));
        return;
      }
    }
  resolve(values.slice(start, start + count));
}
