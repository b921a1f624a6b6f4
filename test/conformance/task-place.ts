import { expect } from 'chai';
import type { Owner, TaskId } from '../../src/domain/ids.js';
import { MAX_PLACE, RANKED_PER_LINE } from '../../src/domain/limits.js';
import { PRIORITIES, TASK_KINDS } from '../../src/domain/task.js';
import type { NewTask, TaskStore } from '../../src/queue/task-store.js';
import { claimFor, newSession, newTask, resultOf } from '../support/new-task.js';
import { seeded } from '../unit/score/seeded.js';
import type { StoreUnderTest } from './task-store.js';

const owner = (name: string) => name as Owner;

/** Where a store says that a task stands, beside the order in which it hands tasks out. */
export function describeTaskPlace(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`place in the queue: ${name}`, () => {
    let under: StoreUnderTest;
    let store: TaskStore;
    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(() => under.dispose());

    const placeOf = async (id: TaskId): Promise<number | undefined> => {
      const status = (await store.get({ id, view: 'basic', place: true }))?.status;
      return status?.state === 'pending' ? status.place : undefined;
    };
    const submitted = async (count: number, overrides: Partial<NewTask> = {}): Promise<TaskId[]> => {
      const tasks = Array.from({ length: count }, () => newTask(overrides));
      await store.submit(tasks);
      return tasks.map(({ id }) => id);
    };
    const claimed = async (limit: number) => store.claim(claimFor(newSession(), { limit }));

    it('counts the tasks before it, ranked and waiting', async () => {
      const ids = await submitted(200);
      for (const place of [0, 1, RANKED_PER_LINE, RANKED_PER_LINE + 1, 130, 199])
        expect(await placeOf(ids[place]!)).to.equal(place);
      await claimed(30);
      expect(await placeOf(ids[29]!)).to.equal(undefined);
      expect(await placeOf(ids[30]!)).to.equal(0);
      expect(await placeOf(ids[199]!)).to.equal(169);
    });

    it('is told only where it is asked for', async () => {
      const [id] = await submitted(1);
      expect((await store.get({ id: id!, view: 'basic' }))?.status).to.deep.equal({ state: 'pending' });
    });

    it('puts the more urgent before, those that wait in their line too', async () => {
      const [low] = await submitted(1, { priority: 'low' });
      await submitted(40, { priority: 'urgent' });
      const [high] = await submitted(1, { priority: 'high' });
      expect(await placeOf(low!)).to.equal(41);
      expect(await placeOf(high!)).to.equal(40);
    });

    it('lets no flood of one owner stand before another owner', async () => {
      await submitted(500, { owner: owner('flood') });
      const [first, second] = await submitted(2, { owner: owner('other') });
      expect(await placeOf(first!)).to.equal(RANKED_PER_LINE);
      expect(await placeOf(second!)).to.equal(RANKED_PER_LINE + 1);
    });

    it('is not told of a task that is leased, final or gone', async () => {
      const [leased, cancelled, erased] = await submitted(3);
      await claimed(1);
      await store.cancel({ owner: newTask().owner, id: cancelled!, reason: '' });
      await store.erase({ owner: newTask().owner, id: erased! });
      for (const id of [leased, cancelled, erased]) expect(await placeOf(id!)).to.equal(undefined);
    });

    it('is not told of a task that waits for a retry', async () => {
      await submitted(1);
      const [{ id, token }] = (await claimed(1)) as [Awaited<ReturnType<typeof claimed>>[0]];
      const failure = { reason: 'ENGINE_FAILED', message: '' };
      await store.settle([
        { id, token, outcome: { kind: 'failed', failure, retryable: true }, responses: [] },
      ]);
      expect((await store.get({ id, view: 'basic', place: true }))?.status).to.deep.equal({
        state: 'pending',
      });
    });

    it('is not counted further than it is worth', async () => {
      const ids = await submitted(MAX_PLACE + 200);
      expect(await placeOf(ids[MAX_PLACE - 1]!)).to.equal(MAX_PLACE - 1);
      expect(await placeOf(ids[MAX_PLACE]!)).to.equal(undefined);
      expect(await placeOf(ids.at(-1)!)).to.equal(undefined);
    });

    it('does not count what was withdrawn', async () => {
      const ids = await submitted(100);
      for (const id of ids.slice(0, 50)) await store.cancel({ owner: newTask().owner, id, reason: '' });
      expect(await placeOf(ids[99]!)).to.equal(49);
    });

    it('is where the hand-out then comes to it, near enough among several owners', async () => {
      const random = seeded(7);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
      const owners = ['a', 'b', 'c'].map(owner);
      const tasks = Array.from({ length: 300 }, () =>
        newTask({ owner: pick(owners), priority: pick(PRIORITIES), kind: pick(TASK_KINDS) }),
      );
      await store.submit(tasks);
      if (under.reopen !== undefined) store = await under.reopen();
      const told = new Map<TaskId, number | undefined>();
      for (const { id } of tasks) told.set(id, await placeOf(id));
      const order: TaskId[] = [];
      while (order.length < tasks.length) order.push(...(await claimed(1)).map(({ id }) => id));
      for (const [place, id] of order.entries())
        expect(told.get(id), `task handed out as number ${place}`).to.be.within(
          place - RANKED_PER_LINE,
          place + RANKED_PER_LINE,
        );
    });

    it('tells when the attempt of a completed task was granted', async () => {
      const finished: unknown[] = [];
      store.listen((effects) => finished.push(...effects.finished.map(({ grantUs }) => grantUs)));
      await submitted(1);
      const [{ id, token, grantUs }] = (await claimed(1)) as [Awaited<ReturnType<typeof claimed>>[0]];
      await store.settle([
        { id, token, outcome: { kind: 'completed', result: resultOf('x') }, responses: [] },
      ]);
      expect(finished).to.deep.equal([grantUs]);
    });
  });
}
