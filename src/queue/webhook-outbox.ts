import type { Owner, TaskId } from '../domain/ids.js';
import type { TaskState } from '../domain/task.js';
import type { WebhookFailure, WebhookState, WebhookTry } from '../domain/webhook.js';

/**
 * The announcements of tasks that ended, one a task with a callback URL, written in the transaction of the
 * final state. Kept by the store of the tasks and removed with them; a finished task is not removed for its
 * age while its announcement is pending.
 *
 * Promises:
 * - An announcement is claimed by one caller at a time. A claim lapses by itself, and when an embedded store
 *   is opened again: what was being tried is tried once more.
 * - A record with a claim that is not the current one changes nothing.
 * - An endpoint has at most ENDPOINT_TRIES claims, and after CIRCUIT_FAILURES failures in a row one after
 *   each pause; whatever waits for it keeps no announcement of another endpoint from being claimed.
 * - Claims and records may be forgotten in a power failure; the announcement is then tried again.
 */
export interface WebhookOutbox {
  claimWebhooks(request: ClaimWebhooks): Promise<ClaimedWebhooks>;
  /** False when the claim is not the current one. */
  recordTry(record: TryRecord): Promise<boolean>;
  /** What became of a task's announcement. */
  findWebhook(query: { readonly owner: Owner; readonly id: TaskId }): Promise<WebhookOutcome>;
  /** Makes an announcement due now for another WEBHOOK_LIFE_MS, unless it is being tried. */
  redeliver(request: { readonly owner: Owner; readonly id: TaskId }): Promise<WebhookOutcome>;
  webhookStats(): Promise<WebhookStats>;
}

export interface ClaimWebhooks {
  /** Most to claim for endpoints whose last try was answered, or that are new. */
  readonly limit: number;
  /** Most to claim for endpoints whose last try failed. */
  readonly failingLimit: number;
  /** When the claims lapse. */
  readonly claimMs: number;
}

export interface ClaimedWebhooks {
  readonly webhooks: readonly ClaimedWebhook[];
  /**
   * After how long there may be more to claim, 0 when there is already; absent when nothing waits, and for
   * what waits where a limit is reached.
   */
  readonly nextMs?: number;
}

export interface ClaimedWebhook {
  readonly id: TaskId;
  /** Random; the right to record the try. */
  readonly claim: string;
  readonly url: string;
  readonly state: TaskState;
  /** Of the task in its final state. */
  readonly revision: number;
  /** When the task ended, Unix microseconds. */
  readonly endUs: number;
  /** Tries since the task ended or the announcement was asked for again, this one left out. */
  readonly failures: number;
  /** Whether the last try of its endpoint failed; counts to `failingLimit`. */
  readonly isFailing: boolean;
}

export interface TryRecord {
  readonly id: TaskId;
  readonly claim: string;
  readonly durationMs: number;
  readonly httpStatus?: number;
  readonly outcome: TryOutcome;
}

export type TryOutcome =
  | { readonly kind: 'delivered' }
  /** Tried again after `retryMs`, unless its life is over by then. */
  | {
      readonly kind: 'failed';
      readonly failure: WebhookFailure;
      readonly retryMs: number;
      /** Says something of the endpoint and not of this one URL; counts to its circuit. */
      readonly isEndpointDown: boolean;
    }
  /** Never tried again by itself. */
  | { readonly kind: 'dead'; readonly failure: WebhookFailure };

export type WebhookOutcome =
  | { readonly kind: 'found'; readonly webhook: Webhook }
  | { readonly kind: 'task_not_found' }
  /** The task has no callback URL, or is not final. */
  | { readonly kind: 'no_webhook' };

/** An announcement as its owner reads it. Instants are Unix microseconds. */
export interface Webhook {
  readonly id: TaskId;
  readonly url: string;
  readonly taskState: TaskState;
  readonly state: WebhookState;
  readonly endUs: number;
  /** Of all tries, those that are forgotten too. */
  readonly tryCount: number;
  /** Absent when it is being tried, or will not be. */
  readonly nextTryUs?: number;
  /** Newest first, at most MAX_KEPT_TRIES. */
  readonly tries: readonly WebhookTry[];
}

export interface WebhookStats {
  readonly pending: number;
  readonly dead: number;
  readonly nowUs: number;
  /** When the task of the oldest pending one ended; absent when none is. */
  readonly oldestPendingUs?: number;
}
