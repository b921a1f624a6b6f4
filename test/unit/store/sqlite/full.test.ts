import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { TaskId } from '../../../../src/domain/ids.js';
import type { LeasedTask, NewTask, TaskStore } from '../../../../src/queue/task-store.js';
import { SqliteTaskStore } from '../../../../src/store/sqlite/store.js';
import { claimFor, newSession, newTask, resultOf } from '../../../support/new-task.js';
import { SmallVolume } from '../../../support/small-volume.js';
import { present, submitAtOnce } from '../../../support/store-faults.js';

/** Text that takes about `bytes` in the database. */
function taskOf(bytes: number): NewTask {
  const payload = { kind: 'inline', bytes: randomBytes(bytes) } as const;
  return newTask({ input: { payload, payloadBytes: bytes, textLength: bytes } });
}

const tasksOf = (count: number, bytes: number) => Array.from({ length: count }, () => taskOf(bytes));

async function leases(store: TaskStore, count: number): Promise<readonly LeasedTask[]> {
  await store.submit(tasksOf(count, 100));
  const leased = await store.claim(claimFor(newSession(), { limit: count }));
  expect(leased).to.have.length(count);
  return leased;
}

/** Settles with small results and submits large tasks, all in one tick. */
async function settleAndSubmit(store: SqliteTaskStore, leased: readonly LeasedTask[], tasks: NewTask[]) {
  const submitting = submitAtOnce(store, tasks);
  const settling = Promise.allSettled(
    leased.map(({ id, token }) =>
      store.settle([{ id, token, outcome: { kind: 'completed', result: resultOf('gist') }, responses: [] }]),
    ),
  );
  const settled: TaskId[] = [];
  for (const [place, outcome] of (await settling).entries())
    if (outcome.status === 'fulfilled' && outcome.value[0]?.kind === 'settled')
      settled.push(leased[place]!.id);
  return { submissions: await submitting, settled };
}

describe('SqliteTaskStore on a full disk', function () {
  this.timeout(60_000);

  describe('whose file may not grow', () => {
    let directory: string;
    let store: SqliteTaskStore;
    const open = async (maxPages?: number) => {
      store = await SqliteTaskStore.open({
        file: join(directory, 'proxy.db'),
        ...(maxPages !== undefined && { maxPages }),
      });
    };

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'audio-subnet-store-'));
      await open(300);
    });
    afterEach(async () => {
      await store.close();
      await rm(directory, { recursive: true });
    });

    it('acknowledges what it stored and nothing else', async () => {
      const { acknowledged, refused } = await submitAtOnce(store, tasksOf(200, 20_000));
      expect(new Set(refused.values())).to.deep.equal(new Set(['DISK_LOW']));
      expect(acknowledged.length).to.be.above(0);
      expect((await store.stats()).counts.pending).to.equal(acknowledged.length);
      await store.close();
      await open();
      expect(await present(store, acknowledged)).to.deep.equal(acknowledged);
      expect(await present(store, refused.keys())).to.deep.equal([]);
      expect((await store.stats()).counts.pending).to.equal(acknowledged.length);
    });

    it('keeps the items of a group apart: those that fit are stored', async () => {
      const large = tasksOf(40, 60_000);
      const small = tasksOf(40, 100);
      const mixed = large.flatMap((task, place) => [task, small[place]!]);
      const { acknowledged, refused } = await submitAtOnce(store, mixed);
      expect(refused.size).to.be.above(0);
      const fits = acknowledged.filter((id) => small.some((task) => task.id === id));
      expect(fits.length).to.be.above(refused.size / 2);
    });

    it('takes the settlements of a group first, though they came last', async () => {
      const leased = await leases(store, 20);
      // Fills all but a little.
      for (let more = true; more;) more = (await submitAtOnce(store, [taskOf(20_000)])).refused.size === 0;
      const { submissions, settled } = await settleAndSubmit(store, leased, tasksOf(50, 3_000));
      expect(settled).to.deep.equal(leased.map(({ id }) => id));
      expect(submissions.refused.size).to.be.above(0);
      await store.close();
      await open();
      for (const id of settled)
        expect((await store.get({ id, view: 'basic' }))?.status.state).to.equal('completed');
    });

    it('goes on without a restart once tasks were erased', async () => {
      const { acknowledged, refused } = await submitAtOnce(store, tasksOf(200, 20_000));
      expect(refused.size).to.be.above(0);
      for (const id of acknowledged.slice(0, 10)) await store.erase({ owner: newTask().owner, id });
      const later = await submitAtOnce(store, tasksOf(5, 20_000));
      expect([...later.refused]).to.deep.equal([]);
      expect(await present(store, later.acknowledged)).to.deep.equal(later.acknowledged);
    });
  });

  describe('whose volume is full', () => {
    /** Absent where the tests are skipped. */
    let mounted: SmallVolume | undefined;
    let volume: SmallVolume;
    let store: SqliteTaskStore;
    let fatal: Error[];
    const open = async () => {
      fatal = [];
      store = await SqliteTaskStore.open({
        file: join(volume.directory, 'proxy.db'),
        onFatal: (error) => fatal.push(error),
      });
    };

    before(async function () {
      volume = mounted = await SmallVolume.mount(4 * 1024 ** 2, this);
    });
    after(() => mounted?.dispose());
    beforeEach(() => open());
    afterEach(async () => {
      await store.close();
      await volume.makeRoom();
      for (const name of ['proxy.db', 'proxy.db-wal', 'proxy.db-shm', 'proxy.db.lock'])
        await rm(join(volume.directory, name), { force: true });
    });

    it('acknowledges what it stored and nothing else', async () => {
      const { acknowledged, refused } = await submitAtOnce(store, tasksOf(400, 20_000));
      expect(new Set(refused.values())).to.deep.equal(new Set(['DISK_LOW']));
      expect(acknowledged.length).to.be.above(0);
      expect(await present(store, acknowledged)).to.deep.equal(acknowledged);
      await store.close();
      await open();
      expect(await present(store, acknowledged)).to.deep.equal(acknowledged);
      expect(await present(store, refused.keys())).to.deep.equal([]);
      expect((await store.stats()).counts.pending).to.equal(acknowledged.length);
    });

    it('settles first, though the settlements came last', async () => {
      const leased = await leases(store, 20);
      // A settlement in a transaction of its own appends about 37 kB to the log.
      await volume.fill(1_000_000);
      const { submissions, settled } = await settleAndSubmit(store, leased, tasksOf(100, 20_000));
      expect(submissions.refused.size).to.be.above(0);
      expect(settled).to.deep.equal(leased.map(({ id }) => id));
    });

    it('reads on, refuses writes with DISK_LOW, and goes on without a restart once there is room', async () => {
      const [leased] = await leases(store, 1);
      await volume.fill();
      const { refused } = await submitAtOnce(store, tasksOf(20, 20_000));
      expect([...refused.values()]).to.deep.equal(Array(20).fill('DISK_LOW'));
      expect((await store.get({ id: leased!.id, view: 'basic' }))?.status.state).to.equal('processing');
      expect((await store.stats()).counts).to.include({ pending: 0, processing: 1 });
      await volume.makeRoom();
      const { acknowledged } = await submitAtOnce(store, tasksOf(20, 20_000));
      expect(acknowledged).to.have.length(20);
      const { settled } = await settleAndSubmit(store, [leased!], []);
      expect(settled).to.deep.equal([leased!.id]);
      expect(fatal).to.deep.equal([]);
    });
  });
});
