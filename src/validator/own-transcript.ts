import type { HearingBudget } from './hearing-budget.js';
import type { Clock } from '../runtime/clock.js';
import type { Judges, Recording } from './judges.js';
import { timedSignal } from '../runtime/wait.js';

export interface OwnTranscriptDeps {
  readonly judges: Judges;
  readonly budget: HearingBudget;
  readonly clock: Clock;
}

/** What the validator hears itself of one recording: at most once, and within the budget. */
export class OwnTranscript {
  private begun: Promise<string | undefined> | undefined;
  private readonly stopping = new AbortController();
  private over = false;

  constructor(
    private readonly deps: OwnTranscriptDeps,
    private readonly recording: Recording,
  ) {}

  /** Whether there is nothing more to wait for. */
  get isOver(): boolean {
    return this.over;
  }

  /** Begins to listen, without waiting for the end. */
  begin(signal: AbortSignal): void {
    this.begun ??= this.deps.budget.allows(this.recording.audioMs)
      ? this.listen(signal)
      : Promise.resolve(undefined);
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
      this.over = true;
      budget.spend(clock.now() - start);
    }
  }
}
