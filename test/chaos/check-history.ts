import { checkAnnouncements } from './check-announcements.js';
import { checkCredit, checkExclusion, checkFencing } from './check-leases.js';
import { checkFinality, checkSettlements, checkTraces } from './check-outcomes.js';
import { checkRevisions } from './check-revisions.js';
import { checkDeduplication, checkPresence } from './check-submissions.js';
import { gather, type FinalTask, type Violation } from './evidence.js';
import type { HistoryEvent } from './history.js';

export type { Violation } from './evidence.js';

const CHECKS = [
  checkPresence,
  checkFinality,
  checkExclusion,
  checkFencing,
  checkSettlements,
  checkTraces,
  checkDeduplication,
  checkRevisions,
  checkCredit,
  checkAnnouncements,
];

/**
 * Compares what the clients did and saw with what the store holds in the end. A call of unknown outcome
 * counts for and against nothing that it alone could tell; what is reported is broken for sure.
 *
 * @param events of all clients of all processes; each process's in the order in which they happened
 * @param finalTasks every task, in the full view with its payloads inline, after the queue was drained
 */
export function checkHistory(
  events: readonly HistoryEvent[],
  finalTasks: readonly FinalTask[],
): readonly Violation[] {
  const evidence = gather(events, finalTasks);
  return CHECKS.flatMap((check) => [...check(evidence)]);
}
