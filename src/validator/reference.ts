import type { Policy } from '../domain/score/policy.js';
import type { Clock } from '../runtime/clock.js';
import type { Judges, Recording } from './judges.js';
import { timedSignal } from './wait.js';

/**
 * What the validator's own transcripts may cost: a share of the time that miners worked on transcriptions. A
 * recognizer here takes as long as one there, so hearing everything again would double the work of the subnet.
 */
export class ReferenceBudget {
  private creditMs: number;

  constructor(private readonly policy: Policy['reference']) {
    this.creditMs = policy.creditSeconds * 1000;
  }

  /** Whether another transcript may begin. One may overdraw the credit; the next waits until it is earned again. */
  get isOpen(): boolean {
    return this.creditMs > 0;
  }

  earn(minersMs: number): void {
    const { maxCostShare, creditSeconds } = this.policy;
    this.creditMs = Math.min(creditSeconds * 1000, this.creditMs + maxCostShare * Math.max(0, minersMs));
  }

  spend(ownMs: number): void {
    this.creditMs -= ownMs;
  }
}

export interface OwnTranscriptDeps {
  readonly judges: Judges;
  readonly budget: ReferenceBudget;
  readonly clock: Clock;
}

/** What the validator hears itself of one recording: at most once, and within the budget. */
export class OwnTranscript {
  private begun: Promise<string | undefined> | undefined;
  private readonly stopping = new AbortController();

  constructor(
    private readonly deps: OwnTranscriptDeps,
    private readonly recording: Recording,
  ) {}

  /** Begins to listen, without waiting for the end. */
  begin(signal: AbortSignal): void {
    this.begun ??= this.deps.budget.isOpen ? this.listen(signal) : Promise.resolve(undefined);
  }

  /** The transcript, or undefined when there is none after `maxMs`; it is then given up. */
  async text(maxMs: number, signal: AbortSignal): Promise<string | undefined> {
    this.begin(signal);
    const timed = timedSignal(
      this.deps.clock,
      maxMs,
      signal,
      () => new Error('the own transcript took too long'),
    );
    const giveUp = (): void => this.stopping.abort(timed.signal.reason);
    timed.signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await this.begun;
    } finally {
      timed.signal.removeEventListener('abort', giveUp);
      timed.release();
    }
  }

  /** Never rejects. */
  private async listen(signal: AbortSignal): Promise<string | undefined> {
    const { judges, budget, clock } = this.deps;
    const start = clock.now();
    try {
      return await judges.transcribe(this.recording, AbortSignal.any([signal, this.stopping.signal]));
    } catch {
      return undefined;
    } finally {
      budget.spend(clock.now() - start);
    }
  }
}
