import { expect } from 'chai';
import { ANONYMOUS } from '../../../../src/domain/ids.js';
import { SqliteTaskStore } from '../../../../src/store/sqlite/store.js';
import { newTask } from '../../../support/new-task.js';

describe('SqliteTaskStore with a retention of its own', () => {
  it('keeps finished tasks that long', async () => {
    const store = await SqliteTaskStore.open({ file: ':memory:', retentionMs: 3_600_000 });
    const task = newTask();
    await store.submit([task]);
    await store.cancel({ owner: ANONYMOUS, id: task.id, reason: '' });
    await store.moveClock(3_500_000);
    await store.sweep();
    expect((await store.get({ id: task.id, view: 'basic' }))?.status.state).to.equal('cancelled');
    await store.moveClock(200_000);
    await store.sweep();
    expect(await store.get({ id: task.id, view: 'basic' })).to.equal(undefined);
    await store.close();
  });
});
