import { expect } from 'chai';
import type { Owner, TaskId } from '../../../src/domain/ids.js';
import type { Task } from '../../../src/domain/task.js';
import { Changes } from '../../../src/queue/changes.js';
import type { GetQuery } from '../../../src/queue/task-store.js';
import { watchTask } from '../../../src/queue/watch.js';
import { newId, newTask } from '../../support/new-task.js';

const WATCHERS = 2_000;

describe('watchTask()', () => {
  let tasks: Map<TaskId, Task>;
  let reads: GetQuery['view'][];
  let failure: Error | undefined;
  let changes: Changes;

  beforeEach(() => {
    tasks = new Map();
    reads = [];
    failure = undefined;
    changes = new Changes({
      get: ({ id, view }) => {
        reads.push(view);
        return failure === undefined ? Promise.resolve(tasks.get(id)) : Promise.reject(failure);
      },
    });
  });

  function changed(id: TaskId, revision: number, status: Task['status']): void {
    const { maxAttempts, ...task } = newTask({ id });
    const rest = { revision, status, attemptCount: 0, attempts: [], responses: [] };
    tasks.set(id, { ...task, ...rest, maxAttempts, createUs: 0 } as unknown as Task);
    changes.tell([id]);
  }

  function watch(id: TaskId, owner = 'anonymous' as Owner) {
    const { signal } = new AbortController();
    return watchTask({ changes, isEnded: () => false }, { owner, id, afterRevision: 0, signal });
  }

  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('reads a change once for all who watch the task, and all of it once it is final', async () => {
    const id = newId();
    changed(id, 1, { state: 'pending' });
    const seen = Array.from({ length: WATCHERS }, () => [] as string[]);
    const watching = seen.map(async (states) => {
      for await (const { status } of watch(id)) states.push(status.state);
    });
    await turn();
    changed(id, 2, { state: 'processing' });
    await turn();
    changed(id, 3, { state: 'cancelled', reason: '' });
    await Promise.all(watching);
    expect(reads).to.deep.equal(['basic', 'basic', 'basic', 'full']);
    expect(new Set(seen.map((states) => states.join()))).to.deep.equal(
      new Set(['pending,processing,cancelled']),
    );
  });

  it('reads nothing for those who watch other tasks', async () => {
    const ids = Array.from({ length: WATCHERS }, newId);
    for (const id of ids) changed(id, 1, { state: 'pending' });
    const watching = ids.map(async (id) => {
      const states: string[] = [];
      for await (const { status } of watch(id)) states.push(status.state);
      return states.length;
    });
    await turn();
    expect(reads).to.have.length(WATCHERS);
    changed(ids[0]!, 2, { state: 'processing' });
    await turn();
    expect(reads).to.have.length(WATCHERS + 1);
    for (const id of ids) changed(id, 3, { state: 'cancelled', reason: '' });
    expect(new Set(await Promise.all(watching))).to.deep.equal(new Set([2, 3]));
    expect(reads.filter((view) => view === 'full')).to.have.length(WATCHERS);
  });

  it('reads again what changed while it was read', async () => {
    const id = newId();
    changed(id, 1, { state: 'pending' });
    const states: string[] = [];
    const watching = (async () => {
      for await (const { status } of watch(id)) states.push(status.state);
    })();
    changed(id, 2, { state: 'processing' });
    changed(id, 3, { state: 'cancelled', reason: '' });
    await watching;
    expect(states.at(-1)).to.equal('cancelled');
  });

  it("knows nothing of others' tasks", async () => {
    const id = newId();
    changed(id, 1, { state: 'pending' });
    const refused = await watch(id, 'somebody' as Owner)
      .next()
      .catch((error: unknown) => error);
    expect(refused).to.include({ reason: 'TASK_NOT_FOUND' });
  });

  it('forgets a reading that failed', async () => {
    const id = newId();
    changed(id, 1, { state: 'pending' });
    const first = watch(id);
    await first.next();
    failure = new Error('disk');
    changed(id, 2, { state: 'processing' });
    expect(await first.next().catch((error: unknown) => error)).to.equal(failure);
    failure = undefined;
    expect((await watch(id).next()).value).to.include({ revision: 2 });
  });
});
