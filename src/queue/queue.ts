import type { LeaseToken, Owner, SessionId, TaskId } from '../domain/ids.js';
import type { Priority, Task, TaskInput, TaskKind, TaskProgress } from '../domain/task.js';
import type { Refusal } from '../domain/errors.js';
import type {
  GetQuery,
  LeasedTask,
  ListPage,
  ListQuery,
  PendingTask,
  QueueStats,
  Settlement,
  SettleOutcome,
} from './task-store.js';

/** What the edge asks of the queue. Refusals are thrown unless a method says otherwise. */
export interface Queue {
  /** One outcome an item, in order; an item's refusal is a value, so that a batch goes on. */
  submit(requests: readonly SubmitRequest[]): Promise<readonly (Submitted | Refusal)[]>;
  /** @throws Refusal TASK_NOT_FOUND */
  get(query: GetQuery & { readonly owner: Owner }): Promise<Task>;
  list(query: ListQuery): Promise<ListPage>;
  /** @throws Refusal TASK_NOT_FOUND, TASK_TERMINAL */
  cancel(request: { readonly owner: Owner; readonly id: TaskId; readonly reason: string }): Promise<Task>;
  /** @throws Refusal TASK_NOT_FOUND */
  erase(request: { readonly owner: Owner; readonly id: TaskId }): Promise<void>;
  /**
   * The task as it is, then after each change (the latest one when the reader is slow), ending after the
   * final state, which comes in the full view.
   *
   * @throws Refusal TASK_NOT_FOUND, SERVER_DRAINING
   */
  watch(request: WatchRequest): AsyncIterable<Task>;
  /** Milliseconds from now to the expected end of a task, by those that ended of late; undefined when not known. */
  endsInMs(task: Task): number | undefined;
  stats(): Promise<QueueStats>;
  peek(limit: number): Promise<readonly PendingTask[]>;

  /**
   * Opens or resumes a session whose tasks go to `sink`; a stream that has the session already is superseded.
   *
   * @throws Refusal SESSION_UNKNOWN for one of another owner, SERVER_DRAINING
   */
  openStream(request: OpenStream): SessionStream;
  /** Tells of each task as it becomes pending; takes nothing. The returned function ends it. */
  observe(sink: ObserverSink): () => void;
  /** @throws Refusal SESSION_UNKNOWN for a session of another owner, SERVER_DRAINING */
  claim(request: ClaimByCall): Promise<ClaimedByCall>;
  /** @throws Refusal SESSION_UNKNOWN, also for one of another owner */
  extend(request: ExtendBySession): Promise<ExtendedBySession>;
  settle(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]>;

  /** Stops handing out and tells every stream; settling goes on. */
  drain(graceMs: number): void;
  /** Ends every stream and watch with SERVER_DRAINING; other calls go on. */
  endStreams(): void;
  /** Closes the store; nothing may be asked afterwards. */
  close(): Promise<void>;
}

export interface SubmitRequest {
  readonly owner: Owner;
  readonly kind: TaskKind;
  readonly language: string;
  readonly priority: Priority;
  readonly input: TaskInput & { readonly payload: NonNullable<TaskInput['payload']> };
  /** Absent means the default. */
  readonly maxAttempts?: number;
  /** Absent means the maximum; above it is coerced. */
  readonly maxRunMs?: number;
  readonly expireAfterMs?: number;
  readonly callbackUrl?: string;
  /** Makes the submission idempotent. */
  readonly requestId?: string;
}

export interface Submitted {
  readonly task: Task;
  readonly deduplicated: boolean;
}

export interface WatchRequest {
  readonly owner: Owner;
  readonly id: TaskId;
  readonly afterRevision: number;
  readonly signal: AbortSignal;
}

/** Where a stream's events go. `send` never waits; the sink buffers at most what was sent while writable. */
export interface SessionSink {
  /** False while the reader is behind; no task is assigned then. The stream says `resume` afterwards. */
  readonly writable: boolean;
  /** Nothing that was sent waits to be taken by the connection. */
  readonly isRead: boolean;
  send(event: SessionEvent): void;
  /** Ends the stream for a reason: SESSION_SUPERSEDED, SERVER_DRAINING. */
  end(reason: Refusal): void;
}

export type SessionEvent =
  | { readonly kind: 'tasks_assigned'; readonly tasks: readonly LeasedTask[] }
  | { readonly kind: 'leases_revoked'; readonly leases: readonly RevokedLease[] }
  | { readonly kind: 'draining'; readonly graceMs: number };

export interface ObserverSink {
  task(task: PendingTask): void;
  end(reason: Refusal): void;
}

export type Revocation = 'cancelled' | 'expired' | 'run_time_exceeded' | 'reclaimed' | 'unknown';

export interface RevokedLease {
  /** Absent when the token was never a lease of the session. */
  readonly id?: TaskId;
  readonly token: LeaseToken;
  readonly reason: Revocation;
}

export interface OpenStream {
  /** Whose session it is: nobody else may use it. */
  readonly owner: Owner;
  /** Absent opens a new session. */
  readonly session?: SessionId;
  readonly holder: string;
  /** At least 1. */
  readonly maxInFlight: number;
  /** Empty means every kind. */
  readonly kinds: readonly TaskKind[];
  readonly sink: SessionSink;
}

export interface SessionStream {
  readonly session: SessionId;
  /** Leases the session holds from before. */
  readonly held: readonly LeaseToken[];
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** The reader caught up: assign again. */
  resume(): void;
  /** The stream is gone: unconfirmed leases go back. */
  close(): void;
  /** Which sequence number each `tasks_assigned` event got, for `ExtendBySession.lastSequence`. */
  sent(tasks: readonly LeasedTask[], sequence: number): void;
}

export interface ClaimByCall {
  readonly owner: Owner;
  readonly session?: SessionId;
  readonly holder: string;
  readonly limit: number;
  readonly maxInputBytes?: number;
  readonly kinds: readonly TaskKind[];
  readonly waitMs: number;
  readonly handOut: boolean;
  readonly signal: AbortSignal;
}

export interface ClaimedByCall {
  /** Absent under a hand-out. */
  readonly session?: SessionId;
  readonly tasks: readonly LeasedTask[];
}

export interface ExtendBySession {
  readonly owner: Owner;
  readonly session: SessionId;
  readonly held: readonly { readonly token: LeaseToken; readonly progress?: TaskProgress }[];
  /** Sequence number of the last event seen; 0 when none was. */
  readonly lastSequence: number;
}

export interface ExtendedBySession {
  readonly revoked: readonly RevokedLease[];
  readonly action: 'continue' | 'reconnect' | 'drain';
  readonly leaseMs: number;
}
