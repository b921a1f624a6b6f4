import { ANONYMOUS, type LeaseToken, type SessionId, type TaskId } from '../../src/domain/ids.js';
import { checkHistory } from '../chaos/check-history.js';
import { finalTasks } from '../chaos/final-tasks.js';
import { digestOf } from '../chaos/history-lines.js';
import type { HistoryEvent } from '../chaos/history.js';
import type { BenchProxy } from './bench-proxy.js';
import { BenchViolation } from './bench-violation.js';
import type { LifeLoad } from './life-load.js';
import type { LifeLog } from './life-log.js';
import { outputOf, textOf } from './task.js';

/** A passed check, as it is printed beside the figures that it vouches for. */
export interface PassedHistory {
  readonly history: 'ok';
  readonly events: number;
}

/**
 * Ends the proxy and compares what its clients saw with what its database holds.
 *
 * @param loads all that ever submitted to this proxy, drained
 * @throws BenchViolation
 */
export async function passHistory(proxy: BenchProxy, ...loads: readonly LifeLoad[]): Promise<PassedHistory> {
  await proxy.stop();
  const events = loads.flatMap(({ log, maxInFlight }, place) => eventsOf(log, `load ${place}`, maxInFlight));
  const violations = checkHistory(events, await finalTasks(proxy.installation.dataDir, ANONYMOUS));
  const [first] = violations;
  if (first !== undefined)
    throw new BenchViolation(
      `${violations.length} broken promises, the first: ${first.invariant} ${first.detail}`,
    );
  return { history: 'ok', events: events.length };
}

function eventsOf(
  { submits, deliveries, settles }: LifeLog,
  client: string,
  maxInFlight: number,
): readonly HistoryEvent[] {
  const submitted = submits.flatMap(({ startMs, endMs, firstSerial, ids }) =>
    ids.map((id, place): HistoryEvent => ({
      kind: 'submit',
      client,
      startMs,
      endMs,
      owner: ANONYMOUS,
      digest: digestOf(textOf(firstSerial + place)),
      outcome: { kind: 'ok', taskId: id as TaskId, deduplicated: false },
    })),
  );
  const delivered = deliveries.flatMap(({ atMs, session, tasks }) =>
    tasks.map(({ id, token, attempt }): HistoryEvent => ({
      kind: 'delivery',
      client,
      session: session as SessionId,
      taskId: id as TaskId,
      token: token as LeaseToken,
      attempt,
      maxInFlight,
      atMs,
    })),
  );
  const settled = settles.flatMap(({ startMs, endMs, session, leases }) =>
    leases.map(({ id, token }): HistoryEvent => ({
      kind: 'settle',
      client,
      startMs,
      endMs,
      session: session as SessionId,
      taskId: id as TaskId,
      token: token as LeaseToken,
      settlement: 'completed',
      digest: digestOf(outputOf(id)),
      outcome: { kind: 'ok', state: 'completed' },
    })),
  );
  return [...submitted, ...delivered, ...settled];
}
