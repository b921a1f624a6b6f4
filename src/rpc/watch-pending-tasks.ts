import type {
  WatchPendingTasksRequest,
  WatchPendingTasksResponse,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { Owner, SessionId } from '../domain/ids.js';
import type { TaskKind } from '../domain/task.js';
import type { Queue, SessionEvent, SessionStream } from '../queue/queue.js';
import type { LeasedTask } from '../queue/task-store.js';
import type { Clock } from '../runtime/clock.js';
import { failpoint } from '../runtime/failpoint.js';
import { defined, textOrAbsent } from './convert/defined.js';
import { kindFromProto } from './convert/enums.js';
import { leasedTaskToProto, revokedLeaseToProto } from './convert/lease.js';
import { pendingTaskToProto } from './convert/queue.js';
import { durationFromMs } from './convert/time.js';
import { aborted } from '../runtime/aborted.js';
import type { CallContext, ResponseSink } from './call.js';
import { createEventStream, type EventStream } from './event-stream.js';

const MAX_TASKS_PER_EVENT = 64;
/** Inline input of the tasks of one event, a quarter of what a message may hold. */
const MAX_INPUT_PER_EVENT = 1024 * 1024;

export interface WatchDeps {
  readonly queue: Queue;
  readonly clock: Clock;
}

/** Serves one stream until it ends; always by rejecting, for it has no good end. */
export async function watchPendingTasks(
  { queue, clock }: WatchDeps,
  request: WatchPendingTasksRequest,
  sink: ResponseSink<WatchPendingTasksResponse>,
  { signal, caller }: CallContext,
): Promise<void> {
  const events = createEventStream(sink, clock);
  const close =
    request.maxInFlight === 0
      ? observe(queue, request, events)
      : lease(queue, { owner: caller.owner, request }, events);
  try {
    await Promise.race([events.ended, aborted(signal)]);
  } finally {
    close();
    events.close();
  }
}

function observe(queue: Queue, request: WatchPendingTasksRequest, events: EventStream): () => void {
  const kinds = wantedKinds(request);
  events.send({ $case: 'sessionStarted', value: { sessionId: '', heldLeaseTokens: [] } });
  return queue.observe({
    task(task) {
      if (kinds.length > 0 && !kinds.includes(task.kind)) return;
      events.send({ $case: 'taskObserved', value: { task: pendingTaskToProto(task) } });
    },
    end: events.end,
  });
}

function lease(
  queue: Queue,
  { owner, request }: { readonly owner: Owner; readonly request: WatchPendingTasksRequest },
  events: EventStream,
): () => void {
  /** What the queue says before the session is announced. */
  const early: SessionEvent[] = [];
  const announced: { stream?: SessionStream } = {};
  const opened = queue.openStream({
    owner,
    holder: request.validatorHotkey,
    maxInFlight: request.maxInFlight,
    kinds: wantedKinds(request),
    ...defined({ session: textOrAbsent(request.sessionId) as SessionId | undefined }),
    sink: {
      get writable() {
        return announced.stream !== undefined && events.writable;
      },
      get isRead() {
        return events.isRead;
      },
      send(event) {
        if (announced.stream === undefined) early.push(event);
        else forward(event, announced.stream, events);
      },
      end: events.end,
    },
  });
  announce(opened, events);
  announced.stream = opened;
  for (const event of early) forward(event, opened, events);
  events.onDrain(() => {
    opened.resume();
  });
  opened.resume();
  return () => {
    opened.close();
  };
}

function announce({ session, held, leaseMs, heartbeatMs }: SessionStream, events: EventStream): void {
  events.send({
    $case: 'sessionStarted',
    value: {
      sessionId: session,
      leaseDuration: durationFromMs(leaseMs),
      heartbeatInterval: durationFromMs(heartbeatMs),
      heldLeaseTokens: [...held],
    },
  });
}

function forward(event: SessionEvent, stream: SessionStream, events: EventStream): void {
  switch (event.kind) {
    case 'tasks_assigned':
      failpoint('between_claim_and_write');
      for (const tasks of portions(event.tasks)) {
        const value = { tasks: tasks.map(leasedTaskToProto) };
        stream.sent(tasks, events.send({ $case: 'tasksAssigned', value }));
      }
      return;
    case 'leases_revoked':
      events.send({ $case: 'leasesRevoked', value: { leases: event.leases.map(revokedLeaseToProto) } });
      return;
    case 'draining':
      events.send({ $case: 'draining', value: { grace: durationFromMs(event.graceMs) } });
  }
}

/** In order, each small enough for one event. */
function portions(tasks: readonly LeasedTask[]): readonly (readonly LeasedTask[])[] {
  const all: LeasedTask[][] = [];
  let bytes = Infinity;
  for (const task of tasks) {
    const size = inlineBytes(task);
    const last = all.at(-1);
    if (last === undefined || last.length >= MAX_TASKS_PER_EVENT || bytes + size > MAX_INPUT_PER_EVENT) {
      all.push([task]);
      bytes = size;
    } else {
      last.push(task);
      bytes += size;
    }
  }
  return all;
}

export function inlineBytes({ input: { payload } }: LeasedTask): number {
  return payload?.kind === 'inline' ? payload.bytes.byteLength : 0;
}

export function wantedKinds({ kinds }: Pick<WatchPendingTasksRequest, 'kinds'>): readonly TaskKind[] {
  return kinds.map(kindFromProto).filter((kind) => kind !== undefined);
}
