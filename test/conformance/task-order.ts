import { expect } from 'chai';
import type { LeaseToken, Owner, TaskId } from '../../src/domain/ids.js';
import { TASK_KINDS } from '../../src/domain/task.js';
import type { TaskStore } from '../../src/queue/task-store.js';
import { claimFor, newSession, newTask, resultOf } from '../support/new-task.js';
import { seeded } from '../unit/score/seeded.js';
import type { StoreUnderTest } from './task-store.js';

/** Few lines, so that each is empty, short and long in turn. */
const OWNERS = ['a', 'b'] as readonly string[] as readonly Owner[];
const STEPS = 400;

/** What the test knows of the tasks of a store. */
interface Known {
  readonly waiting: Set<TaskId>;
  readonly leased: Map<
    TaskId,
    { readonly token: LeaseToken; readonly session: ReturnType<typeof newSession> }
  >;
  readonly ended: Set<TaskId>;
}

/**
 * Random steps beside a plain picture of what waits and what is leased: no task is handed out twice, none
 * that waits is forgotten, whatever came before.
 */
export function describeTaskOrder(
  name: string,
  open: () => Promise<StoreUnderTest>,
  seeds: readonly number[],
): void {
  describe(`order of the tasks at random steps: ${name}`, function () {
    this.timeout(30_000);
    for (const seed of seeds)
      it(`hands out each waiting task once, seed ${seed}`, async () => {
        const under = await open();
        try {
          await walk(under, seeded(seed));
        } finally {
          await under.dispose();
        }
      });
  });
}

async function walk(under: StoreUnderTest, random: () => number): Promise<void> {
  let store: TaskStore = under.store;
  const known: Known = { waiting: new Set(), leased: new Map(), ended: new Set() };
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  for (let step = 0; step < STEPS; step++) {
    const choice = random();
    if (choice < 0.35) await submitSome(store, known, pick, random);
    else if (choice < 0.6) await claimSome(store, known, pick, random);
    else if (choice < 0.7) await settleOne(store, known, pick, random);
    else if (choice < 0.8) await giveBackSession(store, known, pick);
    else if (choice < 0.95) await cancelOne(store, known, pick);
    else if (under.reopen !== undefined && random() < 0.3) store = await under.reopen();
    const { counts } = await store.stats();
    expect([counts.pending, counts.processing]).to.deep.equal([known.waiting.size, known.leased.size]);
  }
  for (;;) {
    const before = known.waiting.size;
    take(known, await store.claim(claimFor(newSession())), newSession());
    if (known.waiting.size === before) break;
  }
  expect(known.waiting.size).to.equal(0);
}

type Pick = <T>(list: readonly T[]) => T;

async function submitSome(store: TaskStore, known: Known, pick: Pick, random: () => number): Promise<void> {
  const count = random() < 0.2 ? 40 : 3;
  const owner = pick(OWNERS);
  const tasks = Array.from({ length: count }, () =>
    newTask({ owner, kind: pick(TASK_KINDS), priority: pick(['low', 'urgent']) }),
  );
  await store.submit(tasks);
  for (const { id } of tasks) known.waiting.add(id);
}

async function claimSome(store: TaskStore, known: Known, pick: Pick, random: () => number): Promise<void> {
  const kinds = random() < 0.4 ? [pick(TASK_KINDS)] : [];
  const limit = pick([1, 5, 100]);
  const session = newSession();
  const tasks = await store.claim(claimFor(session, { limit, kinds }));
  expect(tasks.every(({ kind }) => kinds.length === 0 || kinds.includes(kind))).to.equal(true);
  if (kinds.length === 0) expect(tasks.length).to.equal(Math.min(limit, known.waiting.size));
  take(known, tasks, session);
}

function take(
  known: Known,
  tasks: Awaited<ReturnType<TaskStore['claim']>>,
  session: ReturnType<typeof newSession>,
): void {
  for (const { id, token } of tasks) {
    expect(known.waiting.delete(id), `${id} was handed out while it did not wait`).to.equal(true);
    known.leased.set(id, { token, session });
  }
}

async function settleOne(store: TaskStore, known: Known, pick: Pick, random: () => number): Promise<void> {
  if (known.leased.size === 0) return;
  const [id, { token }] = pick([...known.leased]);
  const isReleased = random() < 0.5;
  const outcome = isReleased
    ? ({ kind: 'released', reason: '' } as const)
    : ({ kind: 'completed', result: resultOf('x') } as const);
  expect(await store.settle([{ id, token, outcome, responses: [] }])).to.deep.equal([
    { kind: 'settled', state: isReleased ? 'pending' : 'completed' },
  ]);
  known.leased.delete(id);
  (isReleased ? known.waiting : known.ended).add(id);
}

async function giveBackSession(store: TaskStore, known: Known, pick: Pick): Promise<void> {
  if (known.leased.size === 0) return;
  const [, { session }] = pick([...known.leased]);
  const held = [...known.leased].filter(([, lease]) => lease.session === session);
  await store.giveBack({ session, tokens: held.map(([, { token }]) => token) });
  for (const [id] of held) {
    known.leased.delete(id);
    known.waiting.add(id);
  }
}

async function cancelOne(store: TaskStore, known: Known, pick: Pick): Promise<void> {
  const ids = [...known.waiting, ...known.leased.keys()];
  if (ids.length === 0) return;
  const id = pick(ids);
  const owner = (await store.get({ id, view: 'basic' }))?.owner;
  if (owner === undefined) throw new Error(`${id} is gone`);
  expect((await store.cancel({ owner, id, reason: '' })).kind).to.equal('cancelled');
  known.waiting.delete(id);
  known.leased.delete(id);
  known.ended.add(id);
}
