import type { LeaseToken, TaskId } from '../../src/domain/ids.js';
import type { Task } from '../../src/domain/task.js';
import type { Webhook } from '../../src/queue/webhook-outbox.js';
import type {
  Cancel,
  Delivery,
  Extend,
  HistoryEvent,
  Observation,
  Outcome,
  Settle,
  Submit,
  Watch,
} from './history.js';

/** A broken promise of the queue, by its number in the list of invariants. */
export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I7' | 'I8' | 'I9' | 'I10' | 'I12';
  readonly taskId?: TaskId;
  readonly detail: string;
}

/** A task as the store holds it in the end. */
export type FinalTask = Task & {
  /** How its end is announced, where it has a callback URL. */
  readonly webhook?: Webhook;
};

/** What is known of one lease. */
export interface Lease {
  readonly token: LeaseToken;
  readonly deliveries: readonly Delivery[];
  /** In the order in which they began. */
  readonly settles: readonly Settle[];
  /** Confirmations that were accepted. */
  readonly extends: readonly Extend[];
  /**
   * A lease is valid in one stretch. It was granted before its delivery arrived, and a call that the proxy
   * accepted was served after it began: so it was valid at every instant from the arrival up to the latest
   * start of an accepted call. Absent when there is no such stretch. A settle that was answered OK may be
   * the repetition of an earlier one, so the earliest that may have taken effect counts.
   */
  readonly valid?: { readonly fromMs: number; readonly toMs: number };
  /** The latest start of a call that was accepted, also one before the delivery was read. */
  readonly acceptedMs: number;
  /** The earliest end of a call that said the lease is not granted. */
  readonly lostMs: number;
}

/** What is known of one task. */
export interface TaskHistory {
  readonly id: TaskId;
  /** Absent when the store has no such task in the end. */
  readonly final?: Task;
  readonly submits: readonly Submit[];
  readonly leases: readonly Lease[];
  readonly settles: readonly Settle[];
  readonly cancels: readonly Cancel[];
  readonly observations: readonly Observation[];
}

export interface Evidence {
  readonly submits: readonly Submit[];
  readonly watches: readonly Watch[];
  readonly finalTasks: readonly FinalTask[];
  readonly tasks: ReadonlyMap<TaskId, TaskHistory>;
  readonly leases: readonly Lease[];
}

export function isOk<Answer extends object>(
  outcome: Outcome<Answer>,
): outcome is { readonly kind: 'ok' } & Answer {
  return outcome.kind === 'ok';
}

/** It happened, or nobody can say that it did not. */
export function mayHaveHappened({ outcome }: { readonly outcome: Outcome }): boolean {
  return outcome.kind !== 'refused';
}

/** When its answer was read; a call without answer may be served at any time after its start. */
export function answeredMs(call: { readonly outcome: Outcome; readonly endMs?: number }): number {
  return call.outcome.kind === 'unknown' ? Infinity : (call.endMs ?? Infinity);
}

/** Puts events in order by what they tell of. */
export function gather(events: readonly HistoryEvent[], finalTasks: readonly FinalTask[]): Evidence {
  const submits = events.filter((event) => event.kind === 'submit');
  const acknowledged = new Map<TaskId, Submit[]>();
  for (const submit of submits) if (isOk(submit.outcome)) add(acknowledged, submit.outcome.taskId, submit);
  const leases = gatherLeases(events);
  const leasesOf = groupBy(leases, ({ deliveries, settles }) => (deliveries[0] ?? settles[0])?.taskId);
  const settles = groupBy(
    events.filter((event) => event.kind === 'settle'),
    ({ taskId }) => taskId,
  );
  const cancels = groupBy(
    events.filter((event) => event.kind === 'cancel'),
    ({ taskId }) => taskId,
  );
  const observations = groupBy(
    events.filter((event) => event.kind === 'observation'),
    ({ taskId }) => taskId,
  );
  const finals = new Map(finalTasks.map((task) => [task.id, task]));
  const ids = new Set(
    [finals, acknowledged, leasesOf, settles, cancels, observations].flatMap((map) => [...map.keys()]),
  );
  const tasks = [...ids].map((id): [TaskId, TaskHistory] => {
    const final = finals.get(id);
    const parts = {
      submits: acknowledged.get(id) ?? [],
      leases: leasesOf.get(id) ?? [],
      settles: settles.get(id) ?? [],
      cancels: cancels.get(id) ?? [],
      observations: observations.get(id) ?? [],
    };
    return [id, { id, ...parts, ...(final !== undefined && { final }) }];
  });
  return {
    submits,
    watches: events.filter((event) => event.kind === 'watch'),
    finalTasks,
    tasks: new Map(tasks),
    leases,
  };
}

interface LeaseParts {
  readonly deliveries: Delivery[];
  readonly settles: Settle[];
  readonly extends: Extend[];
  lostMs: number;
}

function gatherLeases(events: readonly HistoryEvent[]): readonly Lease[] {
  const leases = new Map<LeaseToken, LeaseParts>();
  const of = (token: LeaseToken) => {
    const parts = leases.get(token) ?? { deliveries: [], settles: [], extends: [], lostMs: Infinity };
    leases.set(token, parts);
    return parts;
  };
  for (const event of events) {
    if (event.kind === 'delivery') of(event.token).deliveries.push(event);
    if (event.kind === 'settle') {
      of(event.token).settles.push(event);
      if (event.outcome.kind === 'refused' && event.outcome.reason === 'LEASE_LOST')
        lost(of(event.token), event);
    }
    if (event.kind === 'extend' && isOk(event.outcome)) {
      const revoked = new Set(event.outcome.revoked);
      for (const token of event.tokens)
        if (revoked.has(token)) lost(of(token), event);
        else of(token).extends.push(event);
    }
  }
  return [...leases].map(([token, parts]) => describe(token, parts));
}

function lost(parts: LeaseParts, call: Settle | Extend): void {
  parts.lostMs = Math.min(parts.lostMs, answeredMs(call));
}

function describe(token: LeaseToken, parts: LeaseParts): Lease {
  const settles = [...parts.settles].sort((a, b) => a.startMs - b.startMs);
  const starts = parts.extends.map(({ startMs }) => startMs);
  for (const settle of settles) {
    if (!isOk(settle.outcome)) continue;
    starts.push(
      settles.find((earlier) => isSame(earlier, settle) && mayHaveHappened(earlier))?.startMs ?? Infinity,
    );
  }
  const acceptedMs = starts.reduce((latest, start) => Math.max(latest, start), -Infinity);
  const fromMs = parts.deliveries[0]?.atMs ?? Infinity;
  return {
    token,
    deliveries: parts.deliveries,
    settles,
    extends: parts.extends,
    ...(fromMs <= acceptedMs && { valid: { fromMs, toMs: acceptedMs } }),
    acceptedMs,
    lostMs: parts.lostMs,
  };
}

/** Whether two settles ask for the same, so that both get the same answer. */
export function isSame(a: Settle, b: Settle): boolean {
  return a.token === b.token && a.settlement === b.settlement && a.digest === b.digest;
}

function groupBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key | undefined,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== undefined) add(groups, key, item);
  }
  return groups;
}

function add<Key, Item>(groups: Map<Key, Item[]>, key: Key, item: Item): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}
