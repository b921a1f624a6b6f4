import { setMaxListeners } from 'node:events';
import { Refusal, type Reason } from '../domain/errors.js';
import type { TaskProgress } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';
import type { Candidate } from './choose.js';
import type { InFlight } from './in-flight.js';
import type { AudioTask, MinerAddress, MinerClient, MinerReply } from './ports/miner-client.js';
import { unusable } from './usable-reply.js';

export interface AskedMiner extends Candidate {
  readonly uid: number;
  readonly address: MinerAddress;
  /** Least round trip of late; absent when there were too few. */
  readonly roundTripMs?: number;
}

type Outcome =
  | { readonly kind: 'reply'; readonly reply: MinerReply }
  | { readonly kind: 'failure'; readonly refusal: Refusal; readonly totalMs: number };

export type Answer = Outcome & {
  readonly miner: AskedMiner;
  /** By the validator's clock, from the moment when the first miner was asked. */
  readonly arrivedMs: number;
};

export type Reply = Extract<Answer, { kind: 'reply' }>;

/** In the order in which they came. */
export function repliesOf(answers: readonly Answer[]): readonly Reply[] {
  return answers.filter((answer) => answer.kind === 'reply');
}

/** A miner that fails for one of these did not look at the input; another one is asked in its place. */
const SKIPPED: ReadonlySet<Reason> = new Set([
  'ENGINE_UNAVAILABLE',
  'MINER_BUSY',
  'CONTENT_TOO_LARGE',
  'UNAVAILABLE',
  'SERVER_DRAINING',
  'UNIMPLEMENTED',
]);

/** Reasons that say nothing of how much a miner can do at a time. */
const HARMLESS: ReadonlySet<Reason> = new Set([
  'CANCELLED',
  'AUDIO_UNDECODABLE',
  'CONTENT_TOO_LARGE',
  'ENGINE_UNAVAILABLE',
]);

export function isSkipped(answer: Answer): boolean {
  if (answer.kind === 'reply') return false;
  const { reason, metadata } = answer.refusal;
  // Audio that this miner lacks the program for, another one may decode.
  return SKIPPED.has(reason) || (reason === 'AUDIO_UNDECODABLE' && metadata['cure'] !== undefined);
}

export interface AskingDeps {
  readonly client: MinerClient;
  readonly inFlight: InFlight;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called when the one that is furthest gets further. */
  readonly onProgress: (progress: TaskProgress) => void;
}

/** Asks several miners the same question side by side. */
export class Asking {
  /** In the order in which they came. */
  readonly answers: Answer[] = [];
  readonly startedAt: number;
  /** Those that may still answer, and since when. */
  private readonly outstanding = new Map<AskedMiner, number>();
  private readonly replaced = new Set<Reply>();
  private next = 0;
  /** Fraction of the miner that is furthest. */
  private furthest = 0;
  private wake: () => void = () => undefined;
  private news: Promise<void>;

  /**
   * @param miners in the order in which they are asked
   * @param count how many are asked at a time
   */
  constructor(
    private readonly deps: AskingDeps,
    private readonly question: AudioTask,
    private readonly miners: readonly AskedMiner[],
    count: number,
  ) {
    this.startedAt = deps.clock.now();
    // Each question under way listens; from the eleventh on Node would warn of a leak.
    setMaxListeners(0, deps.signal);
    this.news = this.arm();
    for (let asked = 0; asked < count; asked += 1) this.askNext();
  }

  get isOver(): boolean {
    return this.outstanding.size === 0;
  }

  /** How long ago the last one of those was asked that may still answer. */
  get newestMs(): number {
    return this.deps.clock.now() - Math.max(this.startedAt, ...this.outstanding.values());
  }

  /** Miners that may still answer. */
  get outstandingCount(): number {
    return this.outstanding.size;
  }

  /** Asks one more miner, if there is one, in place of one whose reply is of no use; once for each reply. */
  replace(reply: Reply): void {
    if (this.replaced.has(reply)) return;
    this.replaced.add(reply);
    this.askNext();
  }

  /** Resolves when there are more answers than `seen`; at once when no more can come. */
  async beyond(seen: number): Promise<void> {
    while (!this.isOver && this.answers.length <= seen) await this.news;
  }

  /** Resolves when every miner that was asked has answered or given up. */
  async finished(): Promise<void> {
    while (!this.isOver) await this.news;
  }

  private askNext(): void {
    const miner = this.miners[this.next];
    if (miner === undefined || this.deps.signal.aborted) return;
    this.next += 1;
    this.outstanding.set(miner, this.deps.clock.now());
    void this.ask(miner).then((outcome) => {
      const arrivedMs = this.deps.clock.now() - this.startedAt;
      const answer: Answer = { miner, arrivedMs, ...outcome };
      this.answers.push(answer);
      if (isSkipped(answer)) this.askNext();
      this.outstanding.delete(miner);
      const wake = this.wake;
      this.news = this.arm();
      wake();
    });
  }

  /** Never rejects. */
  private async ask(miner: AskedMiner): Promise<Outcome> {
    const { client, inFlight, clock, signal } = this.deps;
    const onProgress = (progress: TaskProgress): void => this.further(progress);
    const start = clock.now();
    const end = inFlight.begin(miner.hotkey);
    try {
      const reply = await client.query(miner.address, this.question, { signal, onProgress });
      const refusal = unusable(this.question.kind, reply);
      end(refusal === undefined ? 'reply' : 'failure');
      if (refusal === undefined) return { kind: 'reply', reply };
      return { kind: 'failure', refusal, totalMs: reply.totalMs };
    } catch (error) {
      const refusal =
        error instanceof Refusal
          ? error
          : new Refusal('INTERNAL', 'asking the miner failed', { cause: error });
      end(HARMLESS.has(refusal.reason) ? 'neither' : 'failure');
      return { kind: 'failure', refusal, totalMs: clock.now() - start };
    }
  }

  /** The task is as far as the best of those that work on it. */
  private further(progress: TaskProgress): void {
    if (progress.fraction <= this.furthest) return;
    this.furthest = progress.fraction;
    this.deps.onProgress(progress);
  }

  private arm(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
