import { expect } from 'chai';
import type { Owner, TaskId } from '../../../src/domain/ids.js';
import type { Task } from '../../../src/domain/task.js';
import { Changes } from '../../../src/queue/changes.js';
import type { GetQuery } from '../../../src/queue/task-store.js';
import { ProgressBoard } from '../../../src/queue/progress.js';
import { watchTask } from '../../../src/queue/watch.js';
import { newId, newTask } from '../../support/new-task.js';
import { ManualClock } from '../validator/manual-clock.js';

const WATCHERS = 2_000;

describe('watchTask()', () => {
  let tasks: Map<TaskId, Task>;
  let reads: GetQuery['view'][];
  let failure: Error | undefined;
  let changes: Changes;
  let progress: ProgressBoard;
  let clock: ManualClock;

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
    clock = new ManualClock();
    progress = new ProgressBoard(clock, (id) => changes.ring(id));
  });

  function changed(id: TaskId, revision: number, status: Task['status']): void {
    const { maxAttempts, ...task } = newTask({ id });
    const rest = { revision, status, attemptCount: 0, attempts: [], responses: [] };
    tasks.set(id, { ...task, ...rest, maxAttempts, createUs: 0 } as unknown as Task);
    changes.tell([id]);
  }

  function watch(id: TaskId, owner = 'anonymous' as Owner, afterRevision = 0) {
    const { signal } = new AbortController();
    return watchTask({ changes, progress, isEnded: () => false }, { owner, id, afterRevision, signal });
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

  describe('while a task is worked on', () => {
    const seen: (readonly [number, number | undefined])[] = [];
    let id: TaskId;

    function follow(afterRevision?: number): Promise<void> {
      return (async () => {
        for await (const { revision, status } of watch(id, undefined, afterRevision))
          seen.push([revision, status.state === 'processing' ? status.progress?.fraction : undefined]);
      })();
    }

    beforeEach(() => {
      seen.length = 0;
      id = newId();
      changed(id, 2, { state: 'processing' });
    });

    async function end(watching: Promise<void>): Promise<void> {
      progress.end(id);
      changed(id, 3, { state: 'cancelled', reason: '' });
      await watching;
    }

    it('gives each progress with the revision that it belongs to, without reading', async () => {
      const watching = follow();
      await turn();
      for (const fraction of [0.25, 0.5]) {
        progress.note(id, { fraction, stage: '' });
        await turn();
        await clock.advance(1_000);
        await turn();
      }
      expect(seen).to.deep.equal([
        [2, undefined],
        [2, 0.25],
        [2, 0.5],
      ]);
      expect(reads).to.deep.equal(['basic']);
      await end(watching);
      expect(seen.at(-1)).to.deep.equal([3, undefined]);
    });

    it('tells at most one change a second, the last one for certain', async () => {
      const watching = follow();
      await turn();
      for (let step = 1; step <= 9; step++) {
        progress.note(id, { fraction: step / 10, stage: '' });
        await turn();
      }
      expect(seen).to.have.length(2);
      await clock.advance(1_000);
      await turn();
      expect(seen.slice(1)).to.deep.equal([
        [2, 0.1],
        [2, 0.9],
      ]);
      await end(watching);
    });

    it('gives a revision that is known again only with progress that is made after', async () => {
      progress.note(id, { fraction: 0.25, stage: '' });
      const watching = follow(2);
      await turn();
      expect(seen).to.deep.equal([]);
      await clock.advance(1_000);
      progress.note(id, { fraction: 0.5, stage: '' });
      await turn();
      expect(seen).to.deep.equal([[2, 0.5]]);
      await end(watching);
    });

    it('tells nothing where nothing changed, and nothing of an attempt that is over', async () => {
      const watching = follow();
      await turn();
      for (let times = 0; times < 3; times++) {
        progress.note(id, { fraction: 0.5, stage: '' });
        await clock.advance(2_000);
        await turn();
      }
      expect(seen).to.have.length(2);
      progress.note(id, { fraction: 0.6, stage: '' });
      await turn();
      progress.note(id, { fraction: 0.7, stage: '' });
      progress.end(id);
      await clock.advance(2_000);
      await turn();
      expect(seen).to.have.length(3);
      await end(watching);
    });
  });
});
