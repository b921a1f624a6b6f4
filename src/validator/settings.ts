import type { AnswerPolicy } from '../domain/answer-policy.js';
import type { ChallengeSettings } from './challenge/challenge-rate.js';

/** What an operator can choose of a validator's work. */
export interface ValidatorSettings {
  /** SS58 address of the hotkey, or a name for it; shown with the tasks it settles. */
  readonly holder: string;
  readonly enableProxyIntegration: boolean;
  /** Shown in messages, without a slash at the end. */
  readonly proxyServerUrl: string;
  /** Between two polls while tasks cannot be streamed. */
  readonly proxyCheckIntervalMs: number;
  /** Tasks worked on at a time, at least 1. */
  readonly maxInFlight: number;
  /** Miners asked for one task, at least 1. */
  readonly minersPerTask: number;
  readonly answers: AnswerPolicy;
  readonly challenges: ChallengeSettings;
}

/** How often every miner is asked what it can do. */
export const PROBE_INTERVAL_MS = 10_000;
/** How long one miner may take to answer that. */
export const PROBE_TIMEOUT_MS = 3_000;
/** How often the miners are reported to the proxy when nothing changes. */
export const REPORT_INTERVAL_MS = 30_000;
/** How long a task waits for a miner that can do it; the answer must stand within 10 s of its arrival. */
export const CAPABLE_WAIT_MS = 7_000;
/** Least time that the validator's own transcript gets when the miners are done. */
export const MIN_OWN_TRANSCRIPT_MS = 2_000;
/** How long a task waits for the critic of summaries, all its replies together. */
export const MAX_CRITIC_MS = 15_000;
/** Deadline of a question, however small the work. */
export const MIN_DEADLINE_MS = 60_000;
