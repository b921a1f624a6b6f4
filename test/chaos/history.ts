import type { Reason } from '../../src/domain/errors.js';
import type { LeaseToken, Owner, SessionId, Sha256, TaskId } from '../../src/domain/ids.js';
import type { TaskState } from '../../src/domain/task.js';

/** How a call ended for its caller. */
export type Outcome<Answer extends object = object> =
  | ({ readonly kind: 'ok' } & Answer)
  | { readonly kind: 'refused'; readonly reason: Reason }
  /** The connection broke, the deadline passed or the caller died: it may have happened, or not. */
  | { readonly kind: 'unknown' };

/** Instants are milliseconds of CLOCK_MONOTONIC, which all processes of one machine share. */
interface CallEvent<Kind extends string, Answer extends object> {
  readonly kind: Kind;
  readonly client: string;
  /** Before the request was sent. */
  readonly startMs: number;
  /** After the answer was read; absent when none came. */
  readonly endMs?: number;
  readonly outcome: Outcome<Answer>;
}

export interface Submit extends CallEvent<
  'submit',
  { readonly taskId: TaskId; readonly deduplicated: boolean }
> {
  readonly owner: Owner;
  /** Absent: the call makes a task each time. */
  readonly requestId?: string;
  /** Of the input's bytes, which no other submission has but one with the same request id. */
  readonly digest: Sha256;
}

/** Leases that arrived, each an event. */
export interface Delivery {
  readonly kind: 'delivery';
  readonly client: string;
  readonly session: SessionId;
  readonly taskId: TaskId;
  readonly token: LeaseToken;
  readonly attempt: number;
  /** Most unsettled leases that the session asked for; absent where it has no bound. */
  readonly maxInFlight?: number;
  /** When it was read. */
  readonly atMs: number;
}

/** A confirmation of leases; those named and not revoked were granted when it was served. */
export interface Extend extends CallEvent<'extend', { readonly revoked: readonly LeaseToken[] }> {
  readonly session: SessionId;
  readonly tokens: readonly LeaseToken[];
}

export type SettlementKind = 'completed' | 'failed' | 'retryable' | 'released';

export interface Settle extends CallEvent<'settle', { readonly state: TaskState }> {
  readonly session: SessionId;
  readonly taskId: TaskId;
  readonly token: LeaseToken;
  readonly settlement: SettlementKind;
  /** Of the result's output, of the failure's message or of the reason of the release; no two are alike. */
  readonly digest: Sha256;
}

export interface Cancel extends CallEvent<'cancel', object> {
  readonly taskId: TaskId;
}

/** The stream of a session, from its first event to its end. It never ends well: `refused` or `unknown`. */
export interface Stream extends CallEvent<'stream', object> {
  readonly session: SessionId;
  readonly maxInFlight: number;
}

/** A WatchTask call; `ok` is an end after the final state. */
export interface Watch extends CallEvent<'watch', object> {
  /** Names the call in its observations; unique. */
  readonly watch: string;
  readonly taskId: TaskId;
  readonly afterRevision: number;
}

/** A task as an answer or a watcher's stream showed it. */
export interface Observation {
  readonly kind: 'observation';
  readonly client: string;
  readonly taskId: TaskId;
  readonly revision: number;
  readonly state: TaskState;
  /** Of the output of a completed task, where it was shown. */
  readonly digest?: Sha256;
  /** Absent for an answer. */
  readonly watch?: string;
  /** It was read from the store at or after this: when the call began. */
  readonly startMs: number;
  /** It was read from the store before this: when it arrived. */
  readonly endMs: number;
}

export type Call = Submit | Extend | Settle | Cancel | Stream | Watch;
export type HistoryEvent = Call | Delivery | Observation;

type Begun<C> = C extends Call ? Omit<C, 'startMs' | 'endMs' | 'outcome'> : never;
type CallOf<Kind extends Call['kind']> = Extract<Call, { readonly kind: Kind }>;
/** Ends a call in the history. */
export type End<Kind extends Call['kind']> = (outcome: CallOf<Kind>['outcome']) => void;

/** A line for each event, so that a process that is killed has told everything up to then. */
export interface HistoryLine {
  /** A later line of the same number is the same call, ended. */
  readonly number: number;
  readonly event: HistoryEvent;
}

/** Records what the clients of one process did and saw, in the order in which it happened. */
export class History {
  readonly #events: HistoryEvent[] = [];
  readonly #write: (line: HistoryLine) => void;

  /** @param write gets each event as it is recorded, a call twice: before it is made and after its end */
  constructor(write: (line: HistoryLine) => void = () => undefined) {
    this.#write = write;
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  /** To be called before the request is sent; until its end is told the call's outcome is unknown. */
  begin<Kind extends Call['kind']>(call: Begun<CallOf<Kind>> & { readonly kind: Kind }): End<Kind> {
    // What `Begun` left out is put back; TypeScript cannot follow that through the parameter.
    const begun = { ...call, startMs: nowMs(), outcome: { kind: 'unknown' } } as unknown as CallOf<Kind>;
    const number = this.#add(begun);
    return (outcome) => {
      this.#set(number, { ...begun, endMs: nowMs(), outcome });
    };
  }

  delivered(delivery: Omit<Delivery, 'kind' | 'atMs'>): void {
    this.#add({ kind: 'delivery', ...delivery, atMs: nowMs() });
  }

  /** @param startMs when the call began that showed it */
  observed(observation: Omit<Observation, 'kind' | 'endMs'>): void {
    this.#add({ kind: 'observation', ...observation, endMs: nowMs() });
  }

  #add(event: HistoryEvent): number {
    this.#set(this.#events.length, event);
    return this.#events.length - 1;
  }

  #set(number: number, event: HistoryEvent): void {
    this.#events[number] = event;
    this.#write({ number, event });
  }
}

export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
