import type { NewTask, SubmitOutcome } from '../../src/queue/task-store.js';
import { Refusal } from '../../src/domain/errors.js';
import type { TaskId } from '../../src/domain/ids.js';
import type { SqliteTaskStore } from '../../src/store/sqlite/store.js';

/** What became of submissions that were made at once, each by a call of its own. */
export interface Submissions {
  readonly acknowledged: readonly TaskId[];
  /** Tasks by the reason for which they were refused. */
  readonly refused: ReadonlyMap<TaskId, string>;
}

/** Submits all in one tick, so that they share transactions. */
export async function submitAtOnce(store: SqliteTaskStore, tasks: readonly NewTask[]): Promise<Submissions> {
  const outcomes = await Promise.allSettled(tasks.map((task) => store.submit([task])));
  const acknowledged: TaskId[] = [];
  const refused = new Map<TaskId, string>();
  for (const [place, { id }] of tasks.entries()) {
    const outcome = outcomes[place];
    if (outcome?.status === 'fulfilled' && outcome.value[0]?.kind === 'created') acknowledged.push(id);
    else refused.set(id, reasonOf(outcome));
  }
  return { acknowledged, refused };
}

/** Which of the tasks a store has. */
export async function present(store: SqliteTaskStore, ids: Iterable<TaskId>): Promise<TaskId[]> {
  const found: TaskId[] = [];
  for (const id of ids)
    if ((await store.get({ id, view: 'full' }))?.input.payload !== undefined) found.push(id);
  return found;
}

function reasonOf(outcome: PromiseSettledResult<readonly SubmitOutcome[]> | undefined): string {
  if (outcome?.status !== 'rejected') return outcome?.value[0]?.kind ?? 'no outcome';
  return outcome.reason instanceof Refusal ? outcome.reason.reason : String(outcome.reason);
}
