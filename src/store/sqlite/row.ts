import type { LeaseToken, Owner, SessionId, Sha256, TaskId } from '../../domain/ids.js';
import {
  PRIORITIES,
  TASK_KINDS,
  TASK_STATES,
  type Attempt,
  type MinerResponse,
  type Payload,
  type Priority,
  type ShownResult,
  type Task,
  type TaskFailure,
  type TaskInput,
  type TaskKind,
  type TaskResult,
  type TaskState,
  type TaskStatus,
} from '../../domain/task.js';
import type { PendingTask } from '../../queue/task-store.js';

/** A row of `task`. What is not readonly is written by `saveTask` alone. */
export interface TaskRow {
  readonly seq: number;
  readonly id: TaskId;
  readonly owner: Owner;
  readonly kind: number;
  readonly language: string;
  readonly priority: number;
  state: number;
  revision: number;
  /** Its place among the ranked ones, kept while it waits for another attempt; absent before the first. */
  rank: number | null;
  readonly create_us: number;
  queue_us: number;
  start_us: number | null;
  end_us: number | null;
  /** When its wait for a retry ends; absent when it does not wait for one. */
  due_us: number | null;
  attempts: number;
  readonly max_attempts: number;
  readonly max_run_ms: number;
  lost_leases: number;
  deliveries: number;
  handed_out: number;
  readonly payload_bytes: number;
  readonly input_sha: Sha256 | null;
  output_sha: Sha256 | null;
  settled_token: LeaseToken | null;
  settled_digest: string | null;
  readonly callback_url: string | null;
}

/** A row of `lease`. */
export interface LeaseRow {
  readonly seq: number;
  readonly token: LeaseToken;
  readonly session: SessionId;
  readonly holder: string;
  readonly hand_out: number;
  readonly rank: number;
  /** Of the task, from the grant on. */
  readonly revision: number;
  readonly grant_us: number;
  readonly confirm_us: number | null;
}

/** The JSON of `input.detail`. */
export type InputDetail = Omit<TaskInput, 'payload' | 'payloadBytes'>;

/** The JSON of `outcome.detail`; the column is null while the task is open. */
export type OutcomeDetail =
  | {
      readonly kind: 'completed';
      readonly result: Omit<TaskResult, 'output'>;
      readonly outputBytes: number;
    }
  | { readonly kind: 'failed'; readonly failure: TaskFailure }
  | { readonly kind: 'cancelled'; readonly reason: string };

/** A row of `attempt`. */
export interface AttemptRow {
  readonly number: number;
  readonly holder: string;
  readonly start_us: number;
  readonly end_us: number;
  readonly outcome: string;
  readonly message: string;
}

export const kindOf = (place: number): TaskKind => at(TASK_KINDS, place);
export const priorityOf = (place: number): Priority => at(PRIORITIES, place);
export const stateOf = (place: number): TaskState => at(TASK_STATES, place);
export const kindPlace = (kind: TaskKind): number => TASK_KINDS.indexOf(kind);
export const priorityPlace = (priority: Priority): number => PRIORITIES.indexOf(priority);
export const statePlace = (state: TaskState): number => TASK_STATES.indexOf(state);

function at<T>(list: readonly T[], place: number): T {
  const item = list[place];
  if (item === undefined) throw new Error(`the database holds the unknown code ${place}`);
  return item;
}

/** How much of a task is read; a list leaves out what may be long. */
export type View = 'list' | 'basic' | 'full';

/** The part of a lease that shows with its task. */
export type ShownLease = Pick<LeaseRow, 'revision' | 'confirm_us'>;

/** What the rows beside `task` add to it; absent ones were not read or are not there. */
export interface TaskParts {
  readonly input: InputDetail;
  readonly payload?: Payload;
  readonly outcome?: OutcomeDetail;
  readonly validator?: string;
  readonly responses?: readonly MinerResponse[];
  readonly output?: Payload;
  readonly lease?: ShownLease;
  readonly attempts?: readonly AttemptRow[];
  readonly view: View;
}

export function toTask(row: TaskRow, parts: TaskParts): Task {
  const { lease, attempts = [], responses = [] } = parts;
  const isConfirmed = lease !== undefined && lease.confirm_us !== null;
  const startUs = row.start_us ?? lease?.confirm_us ?? null;
  return {
    id: row.id,
    owner: row.owner,
    kind: kindOf(row.kind),
    language: row.language,
    priority: priorityOf(row.priority),
    status: toStatus(row, parts),
    revision: lease?.revision ?? row.revision,
    createUs: row.create_us,
    queueUs: row.queue_us,
    ...(startUs !== null && { startUs }),
    ...(row.end_us !== null && { endUs: row.end_us }),
    attemptCount: row.attempts + (isConfirmed ? 1 : 0),
    maxAttempts: row.max_attempts,
    input: {
      ...parts.input,
      payloadBytes: row.payload_bytes,
      ...(parts.payload !== undefined && { payload: parts.payload }),
    },
    ...(row.callback_url !== null && { callbackUrl: row.callback_url }),
    attempts: attempts.map(toAttempt),
    responses,
  };
}

/** A task with a lease is processed; the row itself says so only once it is over. */
function toStatus(row: TaskRow, { outcome, validator = '', output, lease, view }: TaskParts): TaskStatus {
  if (lease !== undefined) return { state: 'processing' };
  const state = stateOf(row.state);
  switch (state) {
    case 'pending':
      return { state };
    case 'completed':
      if (outcome?.kind !== 'completed') throw missing(row);
      return { state, result: toResult(outcome.result, output, view), validator };
    case 'failed':
      if (outcome?.kind !== 'failed') throw missing(row);
      return { state, failure: outcome.failure };
    case 'cancelled':
      if (outcome?.kind !== 'cancelled') throw missing(row);
      return { state, reason: outcome.reason };
    case 'processing':
      throw new Error(`task ${row.id} is said to be processed without a lease`);
  }
}

function toResult(result: Omit<TaskResult, 'output'>, output: Payload | undefined, view: View): ShownResult {
  if (view !== 'list') return { ...result, ...(output !== undefined && { output }) };
  return {
    ...result,
    segments: [],
    ...(result.score !== undefined && { score: { ...result.score, parts: [] } }),
  };
}

function missing(row: TaskRow): Error {
  return new Error(`task ${row.id} is final and has no outcome of its state`);
}

function toAttempt(row: AttemptRow): Attempt {
  return {
    number: row.number,
    validator: row.holder,
    startUs: row.start_us,
    endUs: row.end_us,
    outcome: row.outcome,
    message: row.message,
  };
}

/** A payload from its two possible places; absent when it was not read or was erased. */
export function toPayload(
  inline: Uint8Array | null,
  sha256: Sha256 | null,
  sizeBytes: number,
): Payload | undefined {
  if (inline !== null) return { kind: 'inline', bytes: inline };
  if (sha256 !== null) return { kind: 'content', sha256, sizeBytes };
  return undefined;
}

export function toPending(
  row: Pick<TaskRow, 'id' | 'kind' | 'language' | 'priority' | 'create_us' | 'payload_bytes'>,
): PendingTask {
  return {
    id: row.id,
    kind: kindOf(row.kind),
    language: row.language,
    priority: priorityOf(row.priority),
    createUs: row.create_us,
    payloadBytes: row.payload_bytes,
  };
}
