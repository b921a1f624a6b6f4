import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { NewTask } from '../../../../src/queue/task-store.js';
import { SqliteTaskStore } from '../../../../src/store/sqlite/store.js';
import { newTask } from '../../../support/new-task.js';
import { present, submitAtOnce } from '../../../support/store-faults.js';

describe('SqliteTaskStore with calls of one group', () => {
  let directory: string;
  let store: SqliteTaskStore;
  const open = async () => {
    store = await SqliteTaskStore.open({ file: join(directory, 'proxy.db') });
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'audio-subnet-store-'));
    await open();
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  it('fails the one that breaks a constraint alone', async () => {
    const known = newTask();
    await store.submit([known]);
    const fine = Array.from({ length: 50 }, () => newTask());
    const group: NewTask[] = [...fine];
    group.splice(25, 0, { ...newTask(), id: known.id });
    const outcomes = await Promise.allSettled(group.map((task) => store.submit([task])));
    expect(outcomes.map(({ status }) => status)).to.deep.equal([
      ...Array<string>(25).fill('fulfilled'),
      'rejected',
      ...Array<string>(25).fill('fulfilled'),
    ]);
    await store.close();
    await open();
    const ids = fine.map(({ id }) => id);
    expect(await present(store, ids)).to.deep.equal(ids);
    expect((await store.stats()).counts.pending).to.equal(51);
  });

  it('answers each before and while it closes: stored, or rejected and not there', async () => {
    const before = Array.from({ length: 50 }, () => newTask());
    const during = Array.from({ length: 50 }, () => newTask());
    const first = submitAtOnce(store, before);
    const closing = store.close();
    const meanwhile = submitAtOnce(store, during);
    await closing;
    const late = submitAtOnce(store, [newTask()]);
    const outcomes = [await first, await meanwhile, await late];
    expect(outcomes[0]?.acknowledged).to.have.length(50);
    expect(outcomes[2]?.refused.size).to.equal(1);
    await open();
    for (const { acknowledged, refused } of outcomes) {
      expect(await present(store, acknowledged)).to.deep.equal(acknowledged);
      expect(await present(store, refused.keys())).to.deep.equal([]);
    }
  });

  for (const turns of [0, 1, 2, 3, 5, 10])
    it(`answers a call that comes ${turns} turns after close() began`, async () => {
      await store.submit([newTask()]);
      const closing = store.close();
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      const calls = [store.submit([newTask()]), store.stats(), store.sweep()];
      const [submitted] = await Promise.allSettled(calls);
      await closing;
      await open();
      expect((await store.stats()).counts.pending).to.equal(submitted?.status === 'fulfilled' ? 2 : 1);
    });

  it('closes once however often it is told to', async () => {
    await Promise.all([store.close(), store.close()]);
    await store.close();
  });
});
