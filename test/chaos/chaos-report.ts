import type { Task, TaskState } from '../../src/domain/task.js';
import type { Violation } from './check-history.js';
import type { HistoryEvent } from './history.js';

/** What was played. */
interface Played {
  /** Of the first round. */
  readonly seed: number;
  readonly rounds: number;
  readonly seconds: number;
  /** How often each fault struck. */
  readonly faults: Readonly<Record<string, number>>;
}

/** What a run came to. */
export interface ChaosReport extends Played {
  /** Tasks that some call was told of. */
  readonly acknowledged: number;
  /** Tasks by their state in the end. */
  readonly states: Readonly<Partial<Record<TaskState, number>>>;
  readonly deliveries: number;
  /** Settles by outcome. */
  readonly settles: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
}

export function chaosReport(
  played: Played,
  {
    events,
    tasks,
    violations,
  }: {
    readonly events: readonly HistoryEvent[];
    readonly tasks: readonly Task[];
    readonly violations: readonly Violation[];
  },
): ChaosReport {
  const acknowledged = events.flatMap((event) =>
    event.kind === 'submit' && event.outcome.kind === 'ok' ? [event.outcome.taskId] : [],
  );
  const settles = events.filter((event) => event.kind === 'settle');
  return {
    ...played,
    acknowledged: new Set(acknowledged).size,
    states: tally(tasks.map(({ status }) => status.state)),
    deliveries: events.filter(({ kind }) => kind === 'delivery').length,
    settles: tally(
      settles.map(({ outcome }) => (outcome.kind === 'refused' ? outcome.reason : outcome.kind)),
    ),
    violations,
  };
}

function tally<Name extends string>(names: readonly Name[]): Partial<Record<Name, number>> {
  const counts: Partial<Record<Name, number>> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
