import type { LeaseToken, Owner, SessionId, Sha256, TaskId } from '../domain/ids.js';
import type {
  MinerResponse,
  Priority,
  Task,
  TaskFailure,
  TaskInput,
  TaskKind,
  TaskResult,
  TaskState,
} from '../domain/task.js';

/**
 * Where tasks are kept. Every implementation passes the same conformance suite.
 *
 * Promises:
 * - A mutation that resolved is durable; one that rejected changed nothing or is unknown to the caller
 *   alone: repeating it with the same request id or lease token is safe.
 * - Granting, confirming and returning leases may be forgotten in a power failure: their holders are
 *   refused then, and the tasks are handed out again. Nothing else ever is.
 * - A claim may be answered with a task whose submission is committed and not durable yet, and not resolved.
 * - Items of one call succeed or fail by themselves, in order.
 * - A task has at most one lease; each later write compares its random token and changes nothing when it
 *   is not the current one.
 * - Time is the store's clock; callers pass durations and get instants for showing alone.
 * - The listener is called after the commit and before the call that caused them resolves.
 */
export interface TaskStore {
  /** Adds tasks to the queue; idempotent by owner and request id. */
  submit(tasks: readonly NewTask[]): Promise<readonly SubmitOutcome[]>;
  /** Reads a task with all it holds, or without payload, attempts and responses. */
  get(query: GetQuery): Promise<Task | undefined>;
  /** Lists an owner's tasks in the basic view, newest first. */
  list(query: ListQuery): Promise<ListPage>;
  /** Leases the next tasks to a session, in the order of the queue. */
  claim(request: ClaimRequest): Promise<readonly LeasedTask[]>;
  /** Confirms and renews leases of a session; gives back those it does not name any more. */
  extend(request: ExtendRequest): Promise<ExtendOutcome>;
  /** Ends leases. */
  settle(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]>;
  /** Returns unconfirmed leases of a session to the queue. */
  giveBack(request: GiveBackRequest): Promise<void>;
  /** Cancels a task that is not final. */
  cancel(request: CancelRequest): Promise<CancelOutcome>;
  /** Erases a task and what only it refers to; false when there is none. */
  erase(request: { readonly owner: Owner; readonly id: TaskId }): Promise<boolean>;
  /**
   * Does what time demands: lost leases, due retries, expired tasks, finished tasks that are too old,
   * unreferenced content. Bounded; true when there is more to do already.
   */
  sweep(): Promise<boolean>;
  /** Counts by state and the oldest pending task. */
  stats(): Promise<QueueStats>;
  /** The next pending tasks in the order they will be handed out. */
  peek(limit: number): Promise<readonly PendingTask[]>;
  /** Every lease that is granted now. */
  leases(): Promise<readonly LeaseRecord[]>;
  /** Sets who is told of effects; the queue that is built on the store. */
  listen(listener: EffectsListener): void;
  close(): Promise<void>;
}

/** The rows beside the tasks that say which content there is; kept by the same store. */
export interface ContentIndex {
  /** Records content whose bytes are durable; names the file to keep, an earlier one when there is one. */
  addContent(content: NewContent): Promise<ContentRecord>;
  /** Keeps content from being removed as unreferenced for a while more; false when it is gone meanwhile. */
  touchContent(content: NewContent): Promise<boolean>;
  /** Finds content of an owner, or the input of the task that a lease is for. */
  findContent(query: ContentQuery): Promise<ContentRecord | undefined>;
  /** Whether a file is the one of some content. */
  isContentFile(file: string): Promise<boolean>;
  /** Whose task a lease is on. */
  leaseOwner(token: LeaseToken): Promise<Owner | undefined>;
}

/** What a store tells after a commit. */
export interface StoreEffects {
  /** By how much the number of pending tasks changed. */
  readonly pendingDelta: number;
  /** Webhooks that became due. */
  readonly announced: number;
  /** Tasks whose revision grew. */
  readonly changed: readonly TaskId[];
  /** Tasks that became pending. */
  readonly pending: readonly PendingTask[];
  /** Leases that ended, by whatever cause. */
  readonly ended: readonly EndedLease[];
  /** Tasks that became final. */
  readonly finished: readonly FinishedTask[];
  /** Content files to which nothing refers any more. */
  readonly unreferenced: readonly string[];
}

export type EffectsListener = (effects: StoreEffects) => void;

export interface NewTask {
  readonly id: TaskId;
  readonly owner: Owner;
  readonly kind: TaskKind;
  readonly language: string;
  readonly priority: Priority;
  readonly input: TaskInput & { readonly payload: NonNullable<TaskInput['payload']> };
  readonly maxAttempts: number;
  readonly maxRunMs: number;
  readonly expireAfterMs?: number;
  readonly callbackUrl?: string;
  /** Makes no new task: only one that an earlier submission with the same request id made is answered. */
  readonly repeatOnly?: boolean;
  /** The idempotency key and the digest of the body it stands for. */
  readonly request?: { readonly id: string; readonly bodyHash: string };
}

export type SubmitOutcome =
  | { readonly kind: 'created'; readonly task: Task }
  | { readonly kind: 'existing'; readonly task: Task }
  | { readonly kind: 'request_id_reused' }
  /** It would have been a new task, and none was wanted. */
  | { readonly kind: 'not_repeated' }
  | { readonly kind: 'content_missing' };

export interface GetQuery {
  readonly id: TaskId;
  /** Absent reads any owner's. */
  readonly owner?: Owner;
  readonly view: 'basic' | 'full';
  /** Tells also how many tasks stand before one that waits, as far as that is cheap to tell. */
  readonly place?: boolean;
}

export interface ListQuery {
  readonly owner: Owner;
  readonly limit: number;
  readonly state?: TaskState;
  readonly kind?: TaskKind;
  /** `ListPage.next` of the page before. */
  readonly after?: number;
}

export interface ListPage {
  readonly tasks: readonly Task[];
  /** Absent at the end. */
  readonly next?: number;
}

export interface ClaimRequest {
  readonly session: SessionId;
  /** Hotkey or name of the validator. */
  readonly holder: string;
  /** Tasks wanted, at least 1. */
  readonly limit: number;
  /** Most unsettled leases of the session; the store takes those it has off. Absent: no bound. */
  readonly maxInFlight?: number;
  /** Most bytes of input in all; one task is given however large it is. */
  readonly maxInputBytes?: number;
  /** Empty means every kind. */
  readonly kinds: readonly TaskKind[];
  /** Cannot be renewed, may be settled without its token; its attempt counts when it is settled. */
  readonly handOut: boolean;
}

export interface LeasedTask {
  readonly id: TaskId;
  readonly token: LeaseToken;
  /** Number the attempt gets once confirmed. */
  readonly attempt: number;
  readonly kind: TaskKind;
  readonly language: string;
  readonly priority: Priority;
  readonly input: TaskInput;
  readonly createUs: number;
  readonly grantUs: number;
  readonly leaseMs: number;
  readonly maxRunMs: number;
}

export interface ExtendRequest {
  readonly session: SessionId;
  readonly held: readonly LeaseToken[];
  /** Leases the session was told of; those among them that it does not hold go back to the queue. */
  readonly delivered: readonly LeaseToken[];
}

export interface ExtendOutcome {
  /** Leases named as held that are not granted to the session any more. */
  readonly lost: readonly LeaseToken[];
}

export interface GiveBackRequest {
  readonly session: SessionId;
  /**
   * The leases meant; those that are confirmed or not the session's are left alone. Counts neither as an
   * attempt nor as a delivery. Absent means all of them, hand-outs left out: nobody confirmed these
   * deliveries, and as such they count.
   */
  readonly tokens?: readonly LeaseToken[];
}

export type SettlementOutcome =
  | { readonly kind: 'completed'; readonly result: TaskResult }
  | { readonly kind: 'failed'; readonly failure: TaskFailure; readonly retryable: boolean }
  | { readonly kind: 'released'; readonly reason: string };

export interface Settlement {
  readonly id: TaskId;
  /** Absent only for a task under a hand-out or pending after one. */
  readonly token?: LeaseToken;
  readonly outcome: SettlementOutcome;
  readonly responses: readonly MinerResponse[];
}

export type SettleOutcome =
  | { readonly kind: 'settled'; readonly state: TaskState }
  | { readonly kind: 'lease_lost'; readonly state: TaskState }
  | { readonly kind: 'settled_differently'; readonly state: TaskState }
  | { readonly kind: 'content_missing'; readonly state: TaskState }
  | { readonly kind: 'not_found' };

export interface CancelRequest {
  readonly owner: Owner;
  readonly id: TaskId;
  readonly reason: string;
}

export type CancelOutcome =
  | { readonly kind: 'cancelled'; readonly task: Task }
  | { readonly kind: 'terminal'; readonly state: TaskState }
  | { readonly kind: 'not_found' };

export interface QueueStats {
  readonly counts: Readonly<Record<TaskState, number>>;
  readonly leases: number;
  /** Unix microseconds of the store's clock. */
  readonly nowUs: number;
  /** When the oldest pending task was submitted; absent when none waits. */
  readonly oldestPendingUs?: number;
}

export interface PendingTask {
  readonly id: TaskId;
  readonly kind: TaskKind;
  readonly language: string;
  readonly priority: Priority;
  readonly createUs: number;
  readonly payloadBytes: number;
}

export interface LeaseRecord {
  readonly id: TaskId;
  readonly token: LeaseToken;
  readonly session: SessionId;
  readonly holder: string;
  readonly confirmed: boolean;
}

export type LeaseEnd = 'settled' | 'cancelled' | 'expired' | 'run_time_exceeded' | 'given_back';

export interface EndedLease {
  readonly id: TaskId;
  readonly token: LeaseToken;
  readonly session: SessionId;
  readonly cause: LeaseEnd;
}

export interface FinishedTask {
  readonly id: TaskId;
  readonly kind: TaskKind;
  readonly state: TaskState;
  readonly createUs: number;
  /** When its first attempt was confirmed; absent when none was. */
  readonly startUs?: number;
  /** When its last attempt was granted; set for completed ones. */
  readonly grantUs?: number;
  readonly endUs: number;
}

export interface NewContent {
  readonly owner: Owner;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Name of the file that holds the bytes. */
  readonly file: string;
}

export interface ContentRecord {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly file: string;
}

export type ContentQuery =
  | { readonly owner: Owner; readonly sha256: Sha256 }
  | { readonly token: LeaseToken; readonly sha256: Sha256 };
