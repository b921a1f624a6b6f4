import { expect } from 'chai';
import { Refusal } from '../../../src/domain/errors.js';
import { ANONYMOUS, type TaskId } from '../../../src/domain/ids.js';
import type { OpenStream } from '../../../src/queue/queue.js';
import type { TaskQueue } from '../../../src/queue/task-queue.js';
import type { SqliteTaskStore } from '../../../src/store/sqlite/store.js';
import { resultOf } from '../../support/new-task.js';
import { openQueue, RecordingSink, submission } from '../../support/queue.js';

describe('TaskQueue', () => {
  let queue: TaskQueue;
  let store: SqliteTaskStore;
  let errors: unknown[];

  beforeEach(async () => {
    ({ queue, store, errors } = await openQueue({ maxPending: 200 }));
  });
  afterEach(async () => {
    await queue.close();
    expect(errors).to.deep.equal([]);
  });

  async function submitted(overrides = {}): Promise<TaskId> {
    const [outcome] = await queue.submit([submission(overrides)]);
    if (outcome === undefined || outcome instanceof Refusal) throw outcome ?? new Error('no outcome');
    return outcome.task.id;
  }

  function stream(overrides: Partial<OpenStream> = {}) {
    const sink = new RecordingSink();
    const session = queue.openStream({
      owner: ANONYMOUS,
      holder: 'validator',
      maxInFlight: 8,
      kinds: [],
      sink,
      ...overrides,
    });
    return { sink, session };
  }

  const state = async (id: TaskId) => (await queue.get({ id, owner: ANONYMOUS, view: 'basic' })).status.state;

  it('delivers a task to an idle stream, leased', async () => {
    const { sink } = stream();
    const id = await submitted();
    await sink.until(() => sink.tasks.length === 1);
    expect(sink.tasks[0]?.id).to.equal(id);
    expect(await state(id)).to.equal('processing');
  });

  it('delivers what was submitted before the stream opened, most urgent first', async () => {
    const low: TaskId[] = [];
    for (let i = 0; i < 100; i++) low.push(await submitted({ priority: 'low' }));
    const urgent = await submitted({ priority: 'urgent' });
    const { sink } = stream({ maxInFlight: 20 });
    await sink.until(() => sink.tasks.length === 20);
    expect(sink.tasks.map(({ id }) => id)).to.deep.equal([urgent, ...low.slice(0, 19)]);
  });

  it('tells a waiting task its place, and its end once a task of its kind was completed', async () => {
    const read = (id: TaskId) => queue.get({ id, owner: ANONYMOUS, view: 'basic', place: true });
    const [first, second, third] = [await submitted(), await submitted(), await submitted()];
    const waiting = await read(third);
    expect(waiting.status).to.deep.equal({ state: 'pending', place: 2 });
    expect(queue.endsInMs(waiting)).to.equal(undefined);
    const { sink } = stream({ maxInFlight: 1 });
    await sink.until(() => sink.tasks.length === 1);
    const { id, token } = sink.tasks[0]!;
    expect(id).to.equal(first);
    await queue.settle([{ id, token, outcome: { kind: 'completed', result: resultOf('x') }, responses: [] }]);
    await sink.until(() => sink.tasks.length === 2);
    expect(sink.tasks[1]!.id).to.equal(second);
    const next = await read(third);
    expect(next.status).to.deep.equal({ state: 'pending', place: 0 });
    expect(queue.endsInMs(next)).to.be.within(0, 5_000);
  });

  it('tells who watches a task its place', async () => {
    await submitted();
    const id = await submitted();
    const { signal } = new AbortController();
    for await (const task of queue.watch({ id, owner: ANONYMOUS, afterRevision: 0, signal })) {
      expect(task.status).to.deep.equal({ state: 'pending', place: 1 });
      break;
    }
  });

  it('leaves a stream at most its credit, and settling gives credit back', async () => {
    const { sink } = stream({ maxInFlight: 2 });
    for (let i = 0; i < 3; i++) await submitted();
    await sink.until(() => sink.tasks.length === 2);
    expect((await queue.stats()).counts.pending).to.equal(1);
    const { id, token } = sink.tasks[0]!;
    await queue.settle([{ id, token, outcome: { kind: 'completed', result: resultOf('x') }, responses: [] }]);
    await sink.until(() => sink.tasks.length === 3);
  });

  it('assigns nothing to a stream whose reader is behind until it caught up', async () => {
    const { sink, session } = stream();
    sink.writable = false;
    const id = await submitted();
    expect(await state(id)).to.equal('pending');
    sink.writable = true;
    session.resume();
    await sink.until(() => sink.tasks.length === 1);
  });

  it('shows each task to observers without leasing it, and leases it once to the validator', async () => {
    const seen: TaskId[] = [];
    const stop = queue.observe({ task: ({ id }) => seen.push(id), end: () => undefined });
    const id = await submitted();
    expect(seen).to.deep.equal([id]);
    expect(await state(id)).to.equal('pending');
    const { sink } = stream();
    await sink.until(() => sink.tasks.length === 1);
    stop();
    await submitted();
    expect(seen).to.deep.equal([id]);
  });

  it('returns unconfirmed leases at once when the stream closes', async () => {
    const first = stream();
    const id = await submitted();
    await first.sink.until(() => first.sink.tasks.length === 1);
    const second = stream();
    first.session.close();
    await second.sink.until(() => second.sink.tasks.length === 1);
    expect(second.sink.tasks[0]?.id).to.equal(id);
  });

  it('keeps confirmed leases over a stream break and names them when the session comes back', async () => {
    const { sink, session } = stream();
    await submitted();
    await sink.until(() => sink.tasks.length === 1);
    const { token } = sink.tasks[0]!;
    await queue.extend({ owner: ANONYMOUS, session: session.session, held: [{ token }], lastSequence: 0 });
    session.close();
    const { action } = await queue.extend({
      owner: ANONYMOUS,
      session: session.session,
      held: [{ token }],
      lastSequence: 0,
    });
    expect(action).to.equal('reconnect');
    const again = stream({ session: session.session });
    expect(again.session.held).to.deep.equal([token]);
    expect(again.sink.tasks).to.deep.equal([]);
  });

  it('shows how far a task is until its lease ends, without a revision', async () => {
    const { sink, session } = stream();
    const id = await submitted();
    await sink.until(() => sink.tasks.length === 1);
    const { token } = sink.tasks[0]!;
    const progress = { fraction: 0.5, stage: 'recognizing' };
    const beat = (held: { token: typeof token; progress?: typeof progress }[]) =>
      queue.extend({ owner: ANONYMOUS, session: session.session, held, lastSequence: 0 });
    const task = () => queue.get({ owner: ANONYMOUS, id, view: 'basic' });
    await beat([{ token }]);
    const { revision } = await task();
    await beat([{ token, progress }]);
    expect(await task()).to.deep.include({ revision, status: { state: 'processing', progress } });
    const { tasks } = await queue.list({ owner: ANONYMOUS, limit: 10 });
    expect(tasks[0]?.status).to.deep.equal({ state: 'processing', progress });
    // A beat that is late shows nothing of the next attempt.
    const late = beat([{ token, progress }]);
    await queue.settle([{ id, token, outcome: { kind: 'released', reason: 'later' }, responses: [] }]);
    await late;
    await sink.until(() => sink.tasks.length === 2);
    expect((await task()).status).to.deep.equal({ state: 'processing' });
  });

  it('ends the older of two streams of one session', async () => {
    const first = stream();
    stream({ session: first.session.session });
    expect(first.sink.ended?.reason).to.equal('SESSION_SUPERSEDED');
    first.session.close();
    const id = await submitted();
    expect(await state(id)).to.equal('processing');
  });

  it('takes a lease back when two heartbeats in a row leave it out, not after one', async () => {
    const { sink, session } = stream();
    const id = await submitted();
    await sink.until(() => sink.tasks.length === 1);
    session.sent(sink.tasks, 2);
    const beat = () =>
      queue.extend({ owner: ANONYMOUS, session: session.session, held: [], lastSequence: 2 });
    await beat();
    expect(await state(id)).to.equal('processing');
    await beat();
    await sink.until(() => sink.tasks.length === 2);
    expect(sink.events.find((event) => event.kind === 'leases_revoked')).to.deep.equal({
      kind: 'leases_revoked',
      leases: [{ id, token: sink.tasks[0]?.token, reason: 'reclaimed' }],
    });
  });

  it('tells the holder of a cancelled task', async () => {
    const { sink } = stream();
    const id = await submitted();
    await sink.until(() => sink.tasks.length === 1);
    await queue.cancel({ owner: ANONYMOUS, id, reason: '' });
    const { token } = sink.tasks[0]!;
    expect(sink.events.at(-1)).to.deep.equal({
      kind: 'leases_revoked',
      leases: [{ id, token, reason: 'cancelled' }],
    });
  });

  it('keeps its credit when a task is cancelled in the commit that leases it', async () => {
    const { sink } = stream({ maxInFlight: 1 });
    await sink.until(() => true);
    const owner = ANONYMOUS;
    const id = await submitted({ priority: 'urgent' });
    await sink.until(() => sink.tasks.length === 1);
    // Both go into one commit: the settlement makes room, the claim follows, and so does the cancellation.
    const { token } = sink.tasks[0]!;
    const next = await submitted();
    const outcome = { kind: 'completed', result: resultOf('x') } as const;
    await Promise.all([
      queue.settle([{ id, token, outcome, responses: [] }]),
      queue.cancel({ owner, id: next, reason: '' }),
    ]);
    const last = await submitted();
    await sink.until(() => sink.tasks.some((task) => task.id === last));
  });

  describe('claim()', () => {
    const call = (overrides = {}) =>
      queue.claim({
        owner: ANONYMOUS,
        holder: 'poller',
        limit: 10,
        kinds: [],
        waitMs: 0,
        handOut: false,
        signal: new AbortController().signal,
        ...overrides,
      });

    it('answers at once when nothing is pending', async () => {
      expect((await call()).tasks).to.deep.equal([]);
    });

    it('gives several tasks and a session to renew them with', async () => {
      const ids = [await submitted(), await submitted()];
      const { session, tasks } = await call();
      expect(tasks.map(({ id }) => id)).to.deep.equal(ids);
      const held = tasks.map(({ token }) => ({ token }));
      expect(
        (await queue.extend({ owner: ANONYMOUS, session: session!, held, lastSequence: 0 })).revoked,
      ).to.deep.equal([]);
    });

    it('waits for the first task', async () => {
      const claimed = call({ waitMs: 60_000 });
      const id = await submitted();
      expect((await claimed).tasks.map((task) => task.id)).to.deep.equal([id]);
    });

    it('takes nothing once its caller is gone', async () => {
      const caller = new AbortController();
      const claimed = call({ waitMs: 60_000, signal: caller.signal });
      caller.abort();
      expect((await claimed).tasks).to.deep.equal([]);
      const id = await submitted();
      expect(await state(id)).to.equal('pending');
    });
  });

  describe('watch()', () => {
    it('gives the task as it is, then its changes, and ends with the final one', async () => {
      const id = await submitted();
      const seen: string[] = [];
      const { signal } = new AbortController();
      for await (const task of queue.watch({ owner: ANONYMOUS, id, afterRevision: 0, signal })) {
        seen.push(task.status.state);
        if (seen.length === 1) {
          const { sink } = stream();
          await sink.until(() => sink.tasks.length === 1);
        } else if (task.status.state === 'processing') {
          await queue.cancel({ owner: ANONYMOUS, id, reason: '' });
        }
      }
      expect(seen).to.deep.equal(['pending', 'processing', 'cancelled']);
    });

    it('ends with TASK_NOT_FOUND when the task is erased, and with SERVER_DRAINING at shutdown', async () => {
      const reasons: string[] = [];
      const follow = async (id: TaskId) => {
        const { signal } = new AbortController();
        try {
          for await (const task of queue.watch({ owner: ANONYMOUS, id, afterRevision: 0, signal }))
            expect(task.id).to.equal(id);
        } catch (error) {
          reasons.push(error instanceof Refusal ? error.reason : String(error));
        }
      };
      const id = await submitted();
      const watching = [follow(id), follow(await submitted())];
      await queue.erase({ owner: ANONYMOUS, id });
      await watching[0];
      await queue.close();
      await watching[1];
      expect(reasons).to.deep.equal(['TASK_NOT_FOUND', 'SERVER_DRAINING']);
      ({ queue, store, errors } = await openQueue());
    });
  });

  it('refuses by the rules of the operator, item by item', async () => {
    const short = {
      payload: { kind: 'inline', bytes: Buffer.from('short') },
      payloadBytes: 5,
      textLength: 5,
    } as const;
    const [refused, fine] = await queue.submit([submission({ input: short }), submission()]);
    expect(refused).to.include({ reason: 'INVALID_FIELD' });
    expect(fine).to.not.be.instanceOf(Refusal);
  });

  it('refuses submissions above the largest number of pending tasks', async () => {
    await queue.submit(Array.from({ length: 200 }, () => submission()));
    const [refused] = await queue.submit([submission()]);
    expect(refused).to.include({ reason: 'QUEUE_FULL' });
    await store.claim({ session: 's' as never, holder: '', limit: 1, kinds: [], handOut: true });
    expect((await queue.submit([submission()]))[0]).to.not.be.instanceOf(Refusal);
  });

  it('answers a repeated submission also while the queue is full', async () => {
    const first = await submitted({ requestId: 'r' });
    await queue.submit(Array.from({ length: 199 }, () => submission()));
    const [again, other] = await queue.submit([
      submission({ requestId: 'r' }),
      submission({ requestId: 'another' }),
    ]);
    expect(again).to.deep.include({ deduplicated: true }).and.to.have.nested.property('task.id', first);
    expect(other).to.include({ reason: 'QUEUE_FULL' });
    expect((await store.stats()).counts.pending).to.equal(200);
  });

  it('refuses submissions alone while the disk is nearly full', async () => {
    await queue.close();
    let low: { freeBytes: number; floorBytes: number } | undefined;
    ({ queue, store, errors } = await openQueue({ lowDisk: () => low }));
    const { sink, session } = stream({ maxInFlight: 1 });
    const [leased, waiting, erased] = [await submitted(), await submitted(), await submitted()];
    await sink.until(() => sink.tasks.length === 1);
    low = { freeBytes: 10, floorBytes: 20 };
    const [refused] = await queue.submit([submission()]);
    expect(refused).to.include({ reason: 'DISK_LOW', retryAfterMs: 30_000 });
    expect(refused).to.deep.include({ metadata: { free_bytes: '10', floor_bytes: '20' } });
    const { token } = sink.tasks[0]!;
    const held = [{ token }];
    const extended = await queue.extend({
      owner: ANONYMOUS,
      session: session.session,
      held,
      lastSequence: 0,
    });
    expect(extended.revoked).to.deep.equal([]);
    const outcome = { kind: 'completed', result: resultOf('x') } as const;
    expect(await queue.settle([{ id: leased, token, outcome, responses: [] }])).to.deep.equal([
      { kind: 'settled', state: 'completed' },
    ]);
    await queue.erase({ owner: ANONYMOUS, id: erased });
    expect((await queue.cancel({ owner: ANONYMOUS, id: waiting, reason: '' })).status.state).to.equal(
      'cancelled',
    );
    low = undefined;
    await submitted();
    await sink.until(() => sink.tasks.length >= 2);
  });

  it('tells streams that it drains and hands nothing out any more, while settling goes on', async () => {
    const { sink } = stream();
    await submitted();
    await sink.until(() => sink.tasks.length === 1);
    queue.drain(1_000);
    expect(sink.events.at(-1)).to.deep.equal({ kind: 'draining', graceMs: 1_000 });
    const { id, token } = sink.tasks[0]!;
    const outcome = { kind: 'completed', result: resultOf('x') } as const;
    expect(await queue.settle([{ id, token, outcome, responses: [] }])).to.deep.equal([
      { kind: 'settled', state: 'completed' },
    ]);
    expect(await state(await submitted())).to.equal('pending');
    expect(() => stream()).to.throw(Refusal);
  });
});
