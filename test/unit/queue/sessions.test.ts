import { expect } from 'chai';
import { Refusal } from '../../../src/domain/errors.js';
import { ANONYMOUS, type Owner, type TaskId } from '../../../src/domain/ids.js';
import { LEASE_MS } from '../../../src/domain/limits.js';
import type { OpenStream, SessionStream } from '../../../src/queue/queue.js';
import type { TaskQueue } from '../../../src/queue/task-queue.js';
import type { LeasedTask } from '../../../src/queue/task-store.js';
import type { SqliteTaskStore } from '../../../src/store/sqlite/store.js';
import { resultOf } from '../../support/new-task.js';
import { openQueue, RecordingSink, submission } from '../../support/queue.js';
import { ManualClock, until } from '../validator/manual-clock.js';

interface Stream {
  readonly sink: RecordingSink;
  readonly session: SessionStream;
}

describe('sessions', () => {
  let queue: TaskQueue;
  let store: SqliteTaskStore;
  let clock: ManualClock;
  let errors: unknown[];

  beforeEach(async () => {
    clock = new ManualClock();
    ({ queue, store, errors } = await openQueue({ clock, random: () => 0 }));
  });
  afterEach(async () => {
    await queue.close();
    expect(errors).to.deep.equal([]);
  });

  async function submitted(count = 1): Promise<TaskId[]> {
    const outcomes = await queue.submit(Array.from({ length: count }, () => submission()));
    return outcomes.map((outcome) => {
      if (outcome instanceof Refusal) throw outcome;
      return outcome.task.id;
    });
  }

  function stream(overrides: Partial<OpenStream> = {}): Stream {
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

  const read = (id: TaskId) => queue.get({ id, owner: ANONYMOUS, view: 'full' });
  const state = async (id: TaskId) => (await read(id)).status.state;
  const confirm = ({ session }: Stream, tasks: readonly LeasedTask[]) =>
    queue.extend({
      owner: ANONYMOUS,
      session: session.session,
      held: tasks.map(({ token }) => ({ token })),
      lastSequence: 0,
    });
  const revoked = ({ sink }: Stream) =>
    sink.events.flatMap((event) => (event.kind === 'leases_revoked' ? event.leases : []));
  /** Moves the queue's time and lets what it does at that time reach the store and come back. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 250) {
      await clock.advance(Math.min(250, left));
      // Whatever the sweep asked for is done once a later call of the store is.
      for (let turn = 0; turn < 3; turn++) await store.sweep();
    }
  }

  describe('a new idle validator', () => {
    it('gets half of what another one leaves unconfirmed, within a second', async () => {
      const sitter = stream({ maxInFlight: 100 });
      await submitted(10);
      await sitter.sink.until(() => sitter.sink.tasks.length === 10);
      const idle = stream();
      await pass(1_000);
      expect(idle.sink.tasks.length).to.be.at.least(5);
      expect(revoked(sitter).every(({ reason }) => reason === 'reclaimed')).to.equal(true);
      expect(revoked(sitter).map(({ id }) => id)).to.have.members(idle.sink.tasks.map(({ id }) => id));
    });

    it('gets nothing that is confirmed, nor what was delivered a moment ago', async () => {
      const holder = stream();
      const [id] = await submitted();
      await holder.sink.until(() => holder.sink.tasks.length === 1);
      await confirm(holder, holder.sink.tasks);
      const idle = stream();
      await pass(2_000);
      await submitted(7);
      await until(() => holder.sink.tasks.length + idle.sink.tasks.length === 8);
      expect(holder.sink.tasks.length).to.be.above(1);
      const newcomer = stream();
      await pass(250);
      expect([revoked(holder), revoked(idle), newcomer.sink.tasks]).to.deep.equal([[], [], []]);
      expect(await state(id!)).to.equal('processing');
    });

    it('gets no more than it has room for, and other sessions keep the rest', async () => {
      const sitter = stream({ maxInFlight: 100 });
      await submitted(40);
      await sitter.sink.until(() => sitter.sink.tasks.length === 40);
      const idle = stream({ maxInFlight: 2 });
      await pass(5_000);
      expect(idle.sink.tasks).to.have.length(2);
      expect(revoked(sitter)).to.have.length(2);
    });

    it('settles what it got, and the late holder changes nothing', async () => {
      const sitter = stream();
      const [id] = await submitted();
      await sitter.sink.until(() => sitter.sink.tasks.length === 1);
      const idle = stream();
      await pass(1_000);
      const [late, current] = [sitter.sink.tasks[0]!, idle.sink.tasks[0]!];
      const settle = ({ token }: LeasedTask) =>
        queue.settle([
          {
            id: id!,
            token,
            outcome: { kind: 'completed', result: resultOf(token) },
            responses: [],
          },
        ]);
      expect((await settle(late))[0]?.kind).to.equal('lease_lost');
      expect((await settle(current))[0]).to.deep.equal({ kind: 'settled', state: 'completed' });
      const { lost } = await store.extend({
        session: sitter.session.session,
        held: [late.token],
        delivered: [],
      });
      expect(lost).to.deep.equal([late.token]);
    });
  });

  it('take a task to and fro between validators that never confirm once, then leave it its lease', async () => {
    const first = stream();
    const [id] = await submitted();
    await first.sink.until(() => first.sink.tasks.length === 1);
    const second = stream();
    for (let beats = 0; beats < 3; beats++) {
      await pass(5_000);
      for (const holder of [first, second]) await confirm(holder, []);
    }
    expect([first.sink.tasks.length, second.sink.tasks.length]).to.deep.equal([1, 1]);
    await store.moveClock(LEASE_MS + 1_000);
    await pass(LEASE_MS);
    expect(first.sink.tasks.length + second.sink.tasks.length).to.equal(3);
    expect(await state(id!)).to.equal('processing');
    expect((await read(id!)).attemptCount).to.equal(0);
  });

  it('are served after all others once they lost what they did not confirm, until they are heard of', async () => {
    const sitter = stream();
    await submitted();
    await sitter.sink.until(() => sitter.sink.tasks.length === 1);
    const other = stream();
    await pass(1_000);
    await confirm(other, other.sink.tasks);
    for (let task = 0; task < 4; task++) await submitted();
    await other.sink.until(() => other.sink.tasks.length === 5);
    await confirm(sitter, []);
    await submitted();
    await sitter.sink.until(() => sitter.sink.tasks.length === 2);
  });

  it('that were never heard of get one task when nobody who was has room, and more once they are', async () => {
    const reader = stream({ maxInFlight: 2 });
    await confirm(reader, []);
    const silent = stream();
    for (let task = 0; task < 2; task++) await submitted();
    await reader.sink.until(() => reader.sink.tasks.length === 2);
    await submitted(3);
    await silent.sink.until(() => silent.sink.tasks.length === 1);
    await submitted();
    expect(silent.sink.tasks).to.have.length(1);
    const { id, token } = silent.sink.tasks[0]!;
    const outcome = { kind: 'completed', result: resultOf('done') } as const;
    await queue.settle([{ id, token, outcome, responses: [] }]);
    await silent.sink.until(() => silent.sink.tasks.length === 4);
  });

  it('get tasks by their load: what is in hand divided by the weight', async () => {
    const small = stream({ maxInFlight: 4 });
    const large = stream({ maxInFlight: 12 });
    for (let task = 0; task < 8; task++) {
      await submitted();
      await until(() => small.sink.tasks.length + large.sink.tasks.length > task);
    }
    expect([small.sink.tasks.length, large.sink.tasks.length]).to.deep.equal([2, 6]);
  });

  it('hear why each lease ended without them: cancelled, expired, out of time', async () => {
    const holder = stream();
    const [cancelled, expired] = await submitted(2);
    const [slow] = (await queue.submit([submission({ maxRunMs: 1_000 })])).map((outcome) =>
      outcome instanceof Refusal ? undefined : outcome.task.id,
    );
    await holder.sink.until(() => holder.sink.tasks.length === 3);
    const { tasks } = holder.sink;
    await confirm(
      holder,
      tasks.filter(({ id }) => id === slow),
    );
    await queue.cancel({ owner: ANONYMOUS, id: cancelled!, reason: '' });
    await store.moveClock(LEASE_MS + 1_000);
    // What it gets again is none of this test's.
    holder.sink.writable = false;
    await store.sweep();
    expect(Object.fromEntries(revoked(holder).map(({ id, reason }) => [id, reason]))).to.deep.equal({
      [cancelled!]: 'cancelled',
      [expired!]: 'expired',
      [slow!]: 'run_time_exceeded',
    });
  });

  it('give back what the older stream brought and was not confirmed when another one takes over', async () => {
    const older = stream();
    const [kept, lost] = await submitted(2);
    await older.sink.until(() => older.sink.tasks.length === 2);
    const { tasks } = older.sink;
    const named = tasks.filter(({ id }) => id === kept);
    await confirm(older, named);
    const newer = stream({ session: older.session.session });
    expect(newer.session.held).to.deep.equal(named.map(({ token }) => token));
    await newer.sink.until(() => newer.sink.tasks.length === 1);
    expect(newer.sink.tasks[0]?.id).to.equal(lost);
    older.session.close();
    expect(await state(lost!)).to.equal('processing');
  });

  it('are told to drain by the answer to a heartbeat, and get nothing of a claim under way', async () => {
    const holder = stream();
    await submitted();
    await holder.sink.until(() => holder.sink.tasks.length === 1);
    // The claim that found nothing more is over, so that the next one is for the task that follows.
    for (let turn = 0; turn < 2; turn++) await store.sweep();
    const late = submitted();
    queue.drain(1_000);
    expect((await confirm(holder, holder.sink.tasks)).action).to.equal('drain');
    const [id] = await late;
    await store.sweep();
    expect(holder.sink.tasks).to.have.length(1);
    expect(await state(id!)).to.equal('pending');
  });

  it('get nothing of a claim under way when their stream closes', async () => {
    const holder = stream();
    for (let round = 0; round < 20; round++) {
      const leaver = stream({ maxInFlight: 100 });
      const ids = Promise.all([submitted(), submitted()]);
      for (let turn = 0; turn < round % 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      leaver.session.close();
      await ids;
    }
    await store.sweep();
    await store.sweep();
    const { leases } = await queue.stats();
    holder.session.close();
    expect(leases).to.equal(holder.sink.tasks.length);
    for (let turn = 0; turn < 2; turn++) await store.sweep();
    expect((await queue.stats()).leases).to.equal(0);
  });

  describe('a call whose caller leaves while it claims', () => {
    const call = (signal: AbortSignal, handOut: boolean) =>
      queue.claim({
        owner: ANONYMOUS,
        holder: 'poller',
        limit: 10,
        kinds: [],
        waitMs: 60_000,
        handOut,
        signal,
      });

    for (const handOut of [false, true]) {
      it(`gives its leases back at once${handOut ? ', hand-outs too' : ''}`, async () => {
        const caller = new AbortController();
        const claimed = call(caller.signal, handOut);
        await new Promise((resolve) => setImmediate(resolve));
        const ids = submitted(3);
        caller.abort();
        expect((await claimed).tasks).to.deep.equal([]);
        for (const id of await ids) expect(await state(id)).to.equal('pending');
        for (let turn = 0; turn < 2; turn++) await store.sweep();
        expect((await queue.stats()).leases).to.equal(0);
      });
    }

    it('gives them back when the queue drains meanwhile', async () => {
      const claimed = call(new AbortController().signal, true).catch((error: unknown) => error);
      await new Promise((resolve) => setImmediate(resolve));
      const ids = submitted(3);
      queue.drain(0);
      expect(await claimed).to.include({ reason: 'SERVER_DRAINING' });
      await ids;
      for (let turn = 0; turn < 2; turn++) await store.sweep();
      expect((await queue.stats()).counts).to.include({ pending: 3, processing: 0 });
    });
  });

  describe('of another owner', () => {
    const OTHER = 'key:other' as Owner;
    const reason = (call: () => unknown): Promise<unknown> =>
      Promise.resolve()
        .then(call)
        .then(
          () => 'none',
          (error: unknown) => (error as Refusal).reason,
        );

    it('are neither resumed nor renewed nor claimed for, and go on', async () => {
      const [id] = await submitted();
      const own = stream();
      await own.sink.until(() => own.sink.tasks.length > 0);
      const { session } = own.session;
      expect(await reason(() => stream({ owner: OTHER, session }))).to.equal('SESSION_UNKNOWN');
      const held = own.sink.tasks.map(({ token }) => ({ token }));
      const beat = { owner: OTHER, session, held, lastSequence: 0 };
      expect(await reason(() => queue.extend(beat))).to.equal('SESSION_UNKNOWN');
      const { signal } = new AbortController();
      const claim = { session, holder: '', limit: 1, kinds: [], waitMs: 0, handOut: false, signal };
      expect(await reason(() => queue.claim({ ...claim, owner: OTHER }))).to.equal('SESSION_UNKNOWN');
      expect(own.sink.ended).to.equal(undefined);
      expect((await queue.extend({ ...beat, owner: ANONYMOUS })).revoked).to.deep.equal([]);
      expect(await state(id!)).to.equal('processing');
    });
  });
});
