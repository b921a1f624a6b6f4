import type { Policy } from '../domain/score/policy.js';

/** A recording is at most so many times as long as the credit: recognizers take 0.2 to 0.5 of its length. */
const LONGEST_CREDITS = 5;

/**
 * What the validator's own listening may cost: a share of the time that miners worked on tasks of the same kind. A
 * recognizer here takes as long as one there, and to follow the words of a spoken reply takes half as long as
 * speaking them: hearing everything would double the work of the subnet.
 */
export class HearingBudget {
  private creditMs: number;

  constructor(private readonly policy: Policy['reference']) {
    this.creditMs = policy.creditSeconds * 1000;
  }

  /**
   * Whether a recording of so many milliseconds may be listened to: one that is long would use up in advance what is
   * earned over hours, and keep its task waiting.
   */
  allows(audioMs: number): boolean {
    return this.isOpen && audioMs <= LONGEST_CREDITS * this.policy.creditSeconds * 1000;
  }

  /** Whether more may be listened to. One task may overdraw the credit; the next waits until it is earned again. */
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

/** One for each kind that is listened to. */
export interface HearingBudgets {
  readonly transcription: HearingBudget;
  readonly tts: HearingBudget;
}

export function createHearingBudgets(policy: Policy): HearingBudgets {
  return {
    transcription: new HearingBudget(policy.reference),
    tts: new HearingBudget(policy.reference),
  };
}
