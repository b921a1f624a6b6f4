import type { LeaseToken, SessionId, Sha256, TaskId } from '../../domain/ids.js';
import type { MinerObservation } from './observation.js';
import type {
  MinerResponse,
  Payload,
  Priority,
  TaskFailure,
  TaskKind,
  TaskProgress,
  TaskResult,
  TaskState,
} from '../../domain/task.js';

/** A task and the lease on it, as a proxy handed it out. */
export interface FedTask {
  readonly id: TaskId;
  readonly token: LeaseToken;
  readonly kind: TaskKind;
  readonly language: string;
  readonly priority: Priority;
  readonly payload: Payload;
  readonly voice?: string;
  readonly maxSentences?: number;
  /** How long the lease lasts without renewal. */
  readonly leaseMs: number;
  /** How long the attempt may take at most. */
  readonly maxRunMs: number;
}

/** What a feed tells. Sequence numbers count per subscription. */
export type FeedEvent = { readonly sequence: number } & (
  | { readonly kind: 'started'; readonly session: SessionId; readonly heartbeatMs: number }
  | { readonly kind: 'assigned'; readonly tasks: readonly FedTask[] }
  | { readonly kind: 'revoked'; readonly leases: readonly RevokedLease[] }
  | { readonly kind: 'keep_alive' }
  | { readonly kind: 'draining'; readonly graceMs: number }
);

export interface RevokedLease {
  readonly token: LeaseToken;
  /** In words, for the log. */
  readonly reason: string;
}

export interface Subscription {
  /** Absent opens a new session. */
  readonly session?: SessionId;
  /** Hotkey or name of this validator. */
  readonly holder: string;
  /** At least 1. */
  readonly maxInFlight: number;
  /** Waits for a connection; otherwise it may fail at once because of one that failed a moment ago. */
  readonly patient: boolean;
  readonly signal: AbortSignal;
}

export interface HeldLease {
  readonly token: LeaseToken;
  readonly progress?: TaskProgress;
}

export interface Extension {
  readonly session: SessionId;
  readonly held: readonly HeldLease[];
  /** Of the last event seen on the current subscription; 0 when none was. */
  readonly lastSequence: number;
}

export interface Extended {
  readonly revoked: readonly RevokedLease[];
  readonly action: 'continue' | 'reconnect' | 'drain';
}

export type FeedOutcome =
  | { readonly kind: 'completed'; readonly result: TaskResult }
  | { readonly kind: 'failed'; readonly failure: TaskFailure; readonly retryable: boolean }
  | { readonly kind: 'released'; readonly reason: string };

export interface FeedSettlement {
  readonly id: TaskId;
  readonly kind: TaskKind;
  readonly token: LeaseToken;
  readonly outcome: FeedOutcome;
  readonly responses: readonly MinerResponse[];
}

/** `lost` and `refused` change nothing at the proxy; settling again is of no use. */
export type FeedSettled =
  | { readonly kind: 'settled'; readonly state?: TaskState }
  | { readonly kind: 'lost'; readonly message: string }
  | { readonly kind: 'content_missing' }
  | { readonly kind: 'refused'; readonly message: string };

/** What ends the work on one task: the way back for its outcome and the way to its bytes. */
export interface TaskDesk {
  /** Outputs above it go by `uploadOutput`, in bytes. */
  readonly maxInlineOutputBytes: number;
  /** Safe to repeat. @throws Refusal, UNAVAILABLE among them */
  settle(settlement: FeedSettlement, signal: AbortSignal): Promise<FeedSettled>;
  /** The input of a task whose payload is a reference. @throws Refusal */
  downloadInput(task: FedTask, signal: AbortSignal): Promise<Uint8Array>;
  /** Stores an output for the task's owner. @throws Refusal */
  uploadOutput(task: FedTask, bytes: Uint8Array, signal: AbortSignal): Promise<StoredOutput>;
}

export interface StoredOutput {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/** A proxy that pushes tasks. Failures are Refusals; one that cannot be reached is UNAVAILABLE. */
export interface TaskFeed extends TaskDesk {
  /** Ends by throwing a Refusal when the proxy or the connection ends it. */
  subscribe(subscription: Subscription): AsyncIterable<FeedEvent>;
  /** Confirms and renews leases. @throws Refusal SESSION_UNKNOWN */
  extend(extension: Extension, signal: AbortSignal): Promise<Extended>;
  report(report: MinerReport, signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface MinerReport {
  readonly holder: string;
  readonly policyVersion: string;
  /** SHA-256 in hexadecimal digits. */
  readonly policyHash: string;
  readonly netuid: number;
  readonly network: string;
  readonly miners: readonly MinerObservation[];
}

/** A proxy that is asked for tasks. */
export interface PolledFeed extends TaskDesk {
  /** Whether the proxy answers at all. @throws Refusal UNAVAILABLE naming the cause */
  check(signal: AbortSignal): Promise<void>;
  /** How many tasks wait. @throws Refusal */
  pending(signal: AbortSignal): Promise<number>;
  /** Takes up to `limit` tasks. @throws Refusal */
  take(limit: number, signal: AbortSignal): Promise<readonly FedTask[]>;
}
