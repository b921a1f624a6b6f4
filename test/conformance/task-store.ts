import { expect } from 'chai';
import type { LeaseToken, Owner, Sha256, TaskId } from '../../src/domain/ids.js';
import { DEFAULT_RETENTION_MS, LEASE_MS, MAX_DELIVERIES } from '../../src/domain/limits.js';
import type { Priority } from '../../src/domain/task.js';
import type {
  ContentIndex,
  EndedLease,
  FinishedTask,
  LeasedTask,
  NewTask,
  Settlement,
  StoreEffects,
  TaskStore,
} from '../../src/queue/task-store.js';
import type { WebhookOutbox } from '../../src/queue/webhook-outbox.js';
import { claimFor, newId, newSession, newTask, resultOf } from '../support/new-task.js';

/** A store under test with the default retention, and the means that only tests have. */
export interface StoreUnderTest {
  readonly store: TaskStore & ContentIndex & WebhookOutbox;
  moveClock(byMs: number): Promise<void>;
  /** Closes the store and opens it again on the same data; absent where nothing outlives it. */
  reopen?: () => Promise<StoreUnderTest['store']>;
  dispose(): Promise<void>;
}

const SHA = 'ab'.repeat(32) as Sha256;

/** The promises of TaskStore, the same for every implementation. */
export function describeTaskStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`task store: ${name}`, () => {
    let under: StoreUnderTest;
    let store: TaskStore & ContentIndex;
    let effects: StoreEffects[];

    beforeEach(async () => {
      under = await open();
      store = under.store;
      effects = [];
      store.listen((effect) => effects.push(effect));
    });
    afterEach(() => under.dispose());

    const ended = (): EndedLease[] => effects.flatMap((effect) => effect.ended);
    const finished = (): FinishedTask[] => effects.flatMap((effect) => effect.finished);

    async function submitted(overrides: Partial<NewTask> = {}): Promise<TaskId> {
      const [outcome] = await store.submit([newTask(overrides)]);
      if (outcome?.kind !== 'created') throw new Error(`not created: ${String(outcome?.kind)}`);
      return outcome.task.id;
    }

    async function claimedOne(overrides = {}): Promise<LeasedTask> {
      const [task] = await store.claim(claimFor(newSession(), { limit: 1, ...overrides }));
      if (task === undefined) throw new Error('nothing to claim');
      return task;
    }

    async function stateOf(id: TaskId): Promise<string> {
      return (await store.get({ id, view: 'basic' }))?.status.state ?? 'gone';
    }

    async function settleOne(settlement: Omit<Settlement, 'responses'>): Promise<string> {
      const [outcome] = await store.settle([{ responses: [], ...settlement }]);
      return outcome?.kind ?? 'none';
    }

    const completed = (text = 'short'): Settlement['outcome'] => ({
      kind: 'completed',
      result: resultOf(text),
    });
    const failed = (retryable: boolean): Settlement['outcome'] => ({
      kind: 'failed',
      failure: { reason: 'ALL_MINERS_FAILED', message: 'none answered' },
      retryable,
    });

    describe('submit()', () => {
      it('stores a pending task with its input', async () => {
        const id = await submitted({ priority: 'high', language: 'de' });
        const task = await store.get({ id, view: 'full' });
        expect(task).to.include({ id, kind: 'summarization', language: 'de', priority: 'high', revision: 1 });
        expect(task?.status).to.deep.equal({ state: 'pending' });
        const payload = task?.input.payload;
        expect(payload?.kind === 'inline' && Buffer.from(payload.bytes).toString()).to.equal(
          'a text to summarize',
        );
      });

      it('gives the same task for the same request id and body, another body is refused', async () => {
        const first = newTask({ request: { id: 'r1', bodyHash: 'x' } });
        const [created, again, other] = await store.submit([
          first,
          newTask({ request: { id: 'r1', bodyHash: 'x' } }),
          newTask({ request: { id: 'r1', bodyHash: 'y' } }),
        ]);
        expect(created?.kind).to.equal('created');
        expect(again?.kind === 'existing' && again.task.id).to.equal(first.id);
        expect(other?.kind).to.equal('request_id_reused');
      });

      it('keeps request ids apart by owner and forgets them with their task', async () => {
        const request = { id: 'r1', bodyHash: 'x' };
        const id = await submitted({ request });
        const [other] = await store.submit([newTask({ request, owner: 'somebody' as Owner })]);
        expect(other?.kind).to.equal('created');
        await under.moveClock(DEFAULT_RETENTION_MS);
        const [known] = await store.submit([newTask({ request })]);
        expect(known?.kind).to.equal('existing');
        await store.erase({ owner: 'anonymous' as Owner, id });
        const [later] = await store.submit([newTask({ request: { id: 'r1', bodyHash: 'y' } })]);
        expect(later?.kind).to.equal('created');
      });

      it('makes one task of 100 parallel submissions with one request id', async () => {
        const outcomes = await Promise.all(
          Array.from({ length: 100 }, () => store.submit([newTask({ request: { id: 'r', bodyHash: 'x' } })])),
        );
        const ids = new Set(
          outcomes.flat().map((outcome) => ('task' in outcome ? outcome.task.id : outcome.kind)),
        );
        expect(ids.size).to.equal(1);
        expect((await store.stats()).counts.pending).to.equal(1);
      });

      it('refuses a task whose content is not there, alone', async () => {
        const payload = { kind: 'content', sha256: SHA, sizeBytes: 5 } as const;
        const input = { payload, payloadBytes: 5, textLength: 0 };
        const [missing, fine] = await store.submit([newTask({ kind: 'transcription', input }), newTask()]);
        expect(missing?.kind).to.equal('content_missing');
        expect(fine?.kind).to.equal('created');
      });
    });

    describe('claim()', () => {
      it('hands out urgent before high before normal before low, each in order of arrival', async () => {
        const order: Priority[] = ['low', 'normal', 'high', 'urgent', 'low', 'normal', 'high', 'urgent'];
        const ids: TaskId[] = [];
        for (const priority of order) ids.push(await submitted({ priority }));
        const claimed = await store.claim(claimFor(newSession()));
        expect(claimed.map(({ id }) => ids.indexOf(id))).to.deep.equal([3, 7, 2, 6, 1, 5, 0, 4]);
      });

      it('hands out an urgent task before 100 low ones and keeps those in order of arrival', async () => {
        const low = await Promise.all(Array.from({ length: 100 }, () => submitted({ priority: 'low' })));
        const urgent = await submitted({ priority: 'urgent' });
        const claimed = await store.claim(claimFor(newSession(), { limit: 101 }));
        expect(claimed.map(({ id }) => id)).to.deep.equal([urgent, ...low]);
      });

      it('lets a low task go first once it waited longer than the gap of the boosts', async () => {
        const low = await submitted({ priority: 'low' });
        await under.moveClock(16 * 60_000);
        await submitted({ priority: 'normal' });
        expect((await claimedOne()).id).to.equal(low);
      });

      it("puts at most 16 of another owner's tasks before a single one", async () => {
        for (let i = 0; i < 100; i++) await submitted({ owner: 'flood' as Owner });
        const single = await submitted({ owner: 'single' as Owner });
        const claimed = await store.claim(claimFor(newSession(), { limit: 101 }));
        expect(claimed.findIndex(({ id }) => id === single)).to.be.at.most(16);
        expect(claimed).to.have.length(101);
      });

      it('gives each lease a token of its own and shows the attempt it becomes', async () => {
        await submitted();
        await submitted();
        const tasks = await store.claim(claimFor(newSession()));
        expect(new Set(tasks.map(({ token }) => token)).size).to.equal(2);
        for (const task of tasks) {
          expect(task.token).to.match(/^[0-9a-f]{32}$/);
          expect(task.attempt).to.equal(1);
        }
      });

      it('never leases a task twice', async () => {
        for (let i = 0; i < 50; i++) await submitted();
        const claims = await Promise.all(
          Array.from({ length: 20 }, () => store.claim(claimFor(newSession(), { limit: 10 }))),
        );
        const ids = claims.flat().map(({ id }) => id);
        expect(ids).to.have.length(50);
        expect(new Set(ids).size).to.equal(50);
      });

      it('leaves a session at most its unsettled leases', async () => {
        for (let i = 0; i < 5; i++) await submitted();
        const session = newSession();
        const first = await store.claim(claimFor(session, { maxInFlight: 3 }));
        expect(first).to.have.length(3);
        expect(await store.claim(claimFor(session, { maxInFlight: 3 }))).to.have.length(0);
        await settleOne({ id: first[0]!.id, token: first[0]!.token, outcome: completed() });
        expect(await store.claim(claimFor(session, { maxInFlight: 3 }))).to.have.length(1);
      });

      it('gives only the wanted kinds', async () => {
        const speech = {
          payload: { kind: 'inline', bytes: Buffer.from('hi') },
          payloadBytes: 2,
          textLength: 2,
        } as const;
        await submitted();
        const tts = await submitted({ kind: 'tts', input: speech });
        expect((await claimedOne({ kinds: ['tts', 'transcription'] })).id).to.equal(tts);
      });

      it('gives a wanted kind that waits behind a whole line of unwanted ones', async () => {
        for (let i = 0; i < 20; i++) await submitted();
        const bytes = Buffer.from('hi');
        const input = { payload: { kind: 'inline', bytes }, payloadBytes: 2, textLength: 2 } as const;
        const tts = await submitted({ kind: 'tts', input });
        expect((await claimedOne({ kinds: ['tts'] })).id).to.equal(tts);
      });

      it('stops at the wanted bytes but gives one task however large', async () => {
        for (let i = 0; i < 3; i++) await submitted();
        expect(await store.claim(claimFor(newSession(), { maxInputBytes: 1 }))).to.have.length(1);
        expect(await store.claim(claimFor(newSession(), { maxInputBytes: 38 }))).to.have.length(2);
      });
    });

    describe('extend()', () => {
      it('counts the attempt when the lease is named the first time, and only then', async () => {
        await submitted();
        const session = newSession();
        const task = await claimedOne({ session });
        expect((await store.get({ id: task.id, view: 'basic' }))?.attemptCount).to.equal(0);
        for (let i = 0; i < 2; i++) await store.extend({ session, held: [task.token], delivered: [] });
        const read = await store.get({ id: task.id, view: 'basic' });
        expect(read?.attemptCount).to.equal(1);
        expect(read?.startUs).to.be.a('number');
      });

      it('keeps a lease alive beyond its first time', async () => {
        await submitted();
        const session = newSession();
        const task = await claimedOne({ session });
        for (let i = 0; i < 4; i++) {
          await store.extend({ session, held: [task.token], delivered: [] });
          await under.moveClock(LEASE_MS - 1000);
          await store.sweep();
        }
        expect(await stateOf(task.id)).to.equal('processing');
      });

      it('names leases that are not granted to the session', async () => {
        await submitted();
        const task = await claimedOne();
        const unknown = 'f'.repeat(32) as LeaseToken;
        const { lost } = await store.extend({
          session: newSession(),
          held: [task.token, unknown],
          delivered: [],
        });
        expect(lost).to.deep.equal([task.token, unknown]);
      });

      it('returns a lease that the holder was told of and does not hold', async () => {
        await submitted();
        const session = newSession();
        const task = await claimedOne({ session });
        await store.extend({ session, held: [], delivered: [task.token] });
        expect(await stateOf(task.id)).to.equal('pending');
        expect(ended()).to.deep.equal([{ id: task.id, token: task.token, session, cause: 'given_back' }]);
      });

      it('counts attempts of a holder that forgets its tasks, up to the last one', async () => {
        const id = await submitted();
        for (let i = 0; i < 3; i++) {
          const session = newSession();
          const { token } = await claimedOne({ session });
          await store.extend({ session, held: [token], delivered: [] });
          await store.extend({ session, held: [], delivered: [token] });
          await under.moveClock(120_000);
          await store.sweep();
        }
        const task = await store.get({ id, view: 'basic' });
        expect(task?.status.state === 'failed' && task.status.failure.reason).to.equal('ATTEMPTS_EXHAUSTED');
      });
    });

    describe('settle()', () => {
      it('completes a task with its result, responses and attempt', async () => {
        await submitted();
        const { id, token } = await claimedOne();
        const responses = [{ hotkey: 'm', errorMessage: '', selected: true, model: 'x' }];
        await store.settle([{ id, token, outcome: completed('the gist'), responses }]);
        const task = await store.get({ id, view: 'full' });
        if (task?.status.state !== 'completed') throw new Error('not completed');
        const { output } = task.status.result;
        expect(output?.kind === 'inline' && Buffer.from(output.bytes).toString()).to.equal('the gist');
        const [listed] = (await store.list({ owner: task.owner, limit: 1 })).tasks;
        expect(listed?.status.state === 'completed' && 'output' in listed.status.result).to.equal(false);
        expect(task.status.validator).to.equal('validator');
        expect(task.responses).to.deep.equal(responses);
        expect(task.attempts.map(({ outcome }) => outcome)).to.deep.equal(['COMPLETED']);
        expect(finished().map((task) => [task.id, task.state])).to.deep.equal([[id, 'completed']]);
      });

      it('changes nothing for a token that is not the current one', async () => {
        await submitted();
        const { id } = await claimedOne();
        const outcome = completed();
        expect(await settleOne({ id, token: '0'.repeat(32) as LeaseToken, outcome })).to.equal('lease_lost');
        expect(await settleOne({ id, outcome })).to.equal('lease_lost');
        expect(await stateOf(id)).to.equal('processing');
      });

      it('is fine twice the same way and refused with another outcome', async () => {
        await submitted();
        const { id, token } = await claimedOne();
        expect(await settleOne({ id, token, outcome: completed('a') })).to.equal('settled');
        expect(await settleOne({ id, token, outcome: completed('a') })).to.equal('settled');
        expect(await settleOne({ id, token, outcome: completed('b') })).to.equal('settled_differently');
        expect(finished()).to.have.length(1);
      });

      it('refuses a late holder after its lease ended, whatever became of the task', async () => {
        await submitted();
        const late = await claimedOne();
        await under.moveClock(LEASE_MS + 1000);
        await store.sweep();
        expect(await settleOne({ id: late.id, token: late.token, outcome: completed() })).to.equal(
          'lease_lost',
        );
        const current = await claimedOne();
        expect(current.id).to.equal(late.id);
        expect(await settleOne({ id: late.id, token: late.token, outcome: completed() })).to.equal(
          'lease_lost',
        );
        expect(await settleOne({ id: current.id, token: current.token, outcome: completed() })).to.equal(
          'settled',
        );
        expect(await settleOne({ id: late.id, token: late.token, outcome: completed('x') })).to.equal(
          'lease_lost',
        );
      });

      it('lets exactly one of many settlements of one lease win', async () => {
        await submitted();
        const { id, token } = await claimedOne();
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, (_, i) => settleOne({ id, token, outcome: completed(`answer ${i}`) })),
        );
        expect(outcomes.filter((kind) => kind === 'settled')).to.have.length(1);
        expect(finished()).to.have.length(1);
      });

      it('retries a retryable failure after a delay, until the attempts are used up', async () => {
        const id = await submitted({ maxAttempts: 2 });
        const first = await claimedOne();
        await settleOne({ id, token: first.token, outcome: failed(true) });
        expect(await stateOf(id)).to.equal('pending');
        expect(await store.claim(claimFor(newSession()))).to.have.length(0);
        await under.moveClock(60_000);
        await store.sweep();
        const second = await claimedOne();
        expect(second.attempt).to.equal(2);
        await settleOne({ id, token: second.token, outcome: failed(true) });
        const task = await store.get({ id, view: 'full' });
        expect(task?.status).to.deep.equal({
          state: 'failed',
          failure: { reason: 'ALL_MINERS_FAILED', message: 'none answered' },
        });
        expect(task?.attempts.map(({ number, outcome }) => [number, outcome])).to.deep.equal([
          [1, 'ALL_MINERS_FAILED'],
          [2, 'ALL_MINERS_FAILED'],
        ]);
      });

      it('ends a task at once on a failure that no attempt can mend', async () => {
        await submitted();
        const { id, token } = await claimedOne();
        await settleOne({ id, token, outcome: failed(false) });
        expect(await stateOf(id)).to.equal('failed');
      });

      it('gives a released task back at once, in its old place, uncounted', async () => {
        const id = await submitted();
        await submitted();
        const session = newSession();
        const { token } = await claimedOne({ session });
        await store.extend({ session, held: [token], delivered: [] });
        await settleOne({ id, token, outcome: { kind: 'released', reason: 'shutdown' } });
        const again = await claimedOne();
        expect(again.id).to.equal(id);
        expect(again.attempt).to.equal(1);
      });

      it('refuses a result whose content is not there', async () => {
        await submitted();
        const { id, token } = await claimedOne();
        const result = { ...resultOf(''), output: { kind: 'content', sha256: SHA, sizeBytes: 3 } as const };
        expect(await settleOne({ id, token, outcome: { kind: 'completed', result } })).to.equal(
          'content_missing',
        );
        await store.addContent({ owner: 'anonymous' as Owner, sha256: SHA, sizeBytes: 3, file: 'f' });
        expect(await settleOne({ id, token, outcome: { kind: 'completed', result } })).to.equal('settled');
      });

      it('takes the outcome of a hand-out without a token, also after it ended, but of no other lease', async () => {
        const id = await submitted();
        await claimedOne({ handOut: true });
        await under.moveClock(46_000);
        await store.sweep();
        expect(await stateOf(id)).to.equal('pending');
        expect(await settleOne({ id, outcome: completed() })).to.equal('settled');
        expect(await settleOne({ id, outcome: completed() })).to.equal('settled');
        expect(await settleOne({ id, outcome: completed('other') })).to.equal('lease_lost');
        const other = await submitted();
        expect(await settleOne({ id: other, outcome: completed() })).to.equal('lease_lost');
      });

      it('counts a failure without a token once however often it is repeated', async () => {
        const id = await submitted();
        await claimedOne({ handOut: true });
        for (let i = 0; i < 4; i++)
          expect(await settleOne({ id, outcome: failed(true) })).to.equal('settled');
        expect((await store.get({ id, view: 'basic' }))?.attemptCount).to.equal(1);
      });
    });

    describe('the order of the queue', () => {
      const FLOOD = 10_000;
      /** A task of the first priority that waited for so many minutes goes before a new one of the second. */
      const GAPS = [
        ['low', 'normal', 15],
        ['low', 'high', 120],
        ['low', 'urgent', 24 * 60],
        ['normal', 'high', 105],
        ['normal', 'urgent', 24 * 60 - 15],
        ['high', 'urgent', 24 * 60 - 120],
      ] as const;

      async function flood(owner: string, count: number): Promise<void> {
        const tasks = Array.from({ length: count }, () => newTask({ owner: owner as Owner }));
        for (let at = 0; at < count; at += 1_000) await store.submit(tasks.slice(at, at + 1_000));
      }

      it(`lets one owner's single task wait behind at most 16 of another one's ${FLOOD}`, async () => {
        await flood('flood', FLOOD);
        const claimed = await store.claim(claimFor(newSession(), { limit: 50 }));
        expect(claimed).to.have.length(50);
        const single = await submitted({ owner: 'single' as Owner });
        const next = await store.claim(claimFor(newSession(), { limit: 17 }));
        expect(next.map(({ id }) => id)).to.include(single);
      });

      for (const [lower, higher, minutes] of GAPS) {
        it(`puts a ${lower} task before new ${higher} ones once it waited ${minutes} minutes, not sooner`, async () => {
          const old = await submitted({ priority: lower });
          await under.moveClock(minutes * 60_000 - 30_000);
          const sooner = await submitted({ priority: higher });
          expect((await claimedOne()).id).to.equal(sooner);
          await under.moveClock(60_000);
          await submitted({ priority: higher });
          expect((await claimedOne()).id).to.equal(old);
        });
      }

      it('never starves a low task under a constant stream of urgent ones', async () => {
        const low = await submitted({ priority: 'low' });
        const session = newSession();
        let hours = 0;
        // Two come an hour and one is served: those of its first 24 hours go before it, no later ones.
        for (let id: TaskId | undefined; id !== low; hours++) {
          expect(hours).to.be.at.most(51);
          for (let i = 0; i < 2; i++) await submitted({ priority: 'urgent', owner: `o${hours}` as Owner });
          const claimed = await claimedOne({ session });
          ({ id } = claimed);
          await settleOne({ id, token: claimed.token, outcome: completed() });
          await under.moveClock(3_600_000);
        }
        expect(hours).to.be.within(48, 51);
      });

      it('keeps what waits in order of arrival and priority over claims, releases and retries', async () => {
        const owner = 'one' as Owner;
        const ids: TaskId[] = [];
        for (let i = 0; i < 40; i++)
          ids.push(await submitted({ owner, priority: i < 20 ? 'normal' : 'high' }));
        const order = [...ids.slice(20), ...ids.slice(0, 20)];
        const session = newSession();
        const taken = await store.claim(claimFor(session, { limit: 6 }));
        expect(taken.map(({ id }) => id)).to.deep.equal(order.slice(0, 6));
        const [released, reclaimed, lost, ...others] = taken;
        await settleOne({ ...released!, outcome: { kind: 'released', reason: '' } });
        await store.giveBack({ session, tokens: [reclaimed!.token] });
        await store.extend({ session, held: [lost!.token], delivered: [] });
        await store.extend({ session, held: [], delivered: [lost!.token] });
        await store.giveBack({ session });
        expect(others).to.have.length(3);
        if (under.reopen !== undefined) store = await under.reopen();
        const all = await store.claim(claimFor(newSession()));
        expect(all.map(({ id }) => ids.indexOf(id))).to.deep.equal(order.map((id) => ids.indexOf(id)));
      });

      it('hands out a task that comes after the last one was deleted', async () => {
        const owner = 'deleting' as Owner;
        const ids: TaskId[] = [];
        for (let i = 0; i < 20; i++) ids.push(await submitted({ owner }));
        await claimedOne();
        await store.erase({ owner, id: ids[19]! });
        const late = await submitted({ owner });
        const rest = await store.claim(claimFor(newSession()));
        expect(rest.map(({ id }) => id)).to.deep.equal([...ids.slice(1, 19), late]);
      });

      it('forgets no task when leases return after a restart', async function () {
        if (under.reopen === undefined) {
          this.skip();
          return;
        }
        const ids: TaskId[] = [];
        for (let i = 0; i < 4; i++)
          for (const outcome of await store.submit(Array.from({ length: 64 }, () => newTask())))
            if (outcome.kind === 'created') ids.push(outcome.task.id);
        const [gone, here] = [newSession(), newSession()];
        await store.claim(claimFor(gone, { limit: 128 }));
        const held = await store.claim(claimFor(here, { limit: 128 }));
        await store.giveBack({ session: gone });
        store = await under.reopen();
        const { id, token } = held[72]!;
        await settleOne({ id, token, outcome: { kind: 'released', reason: '' } });
        const again = await store.claim(claimFor(newSession(), { limit: 500 }));
        expect(again.map((task) => task.id)).to.have.members([...ids.slice(0, 128), id]);
      });

      it('serves three owners with floods about evenly', async () => {
        const owners = ['a', 'b', 'c'];
        for (const owner of owners) await flood(owner, 400);
        const shares = new Map<string | undefined, number>();
        for (let round = 0; round < 10; round++)
          for (const { id } of await store.claim(claimFor(newSession(), { limit: 30 }))) {
            const owner = (await store.get({ id, view: 'basic' }))?.owner;
            shares.set(owner, (shares.get(owner) ?? 0) + 1);
          }
        // 16 of an owner are ranked before the next one's.
        for (const owner of owners) expect(shares.get(owner)).to.be.within(100 - 16, 100 + 16);
      });
    });

    describe('leases that end by themselves', () => {
      it('return unconfirmed when their stream closes, confirmed ones stay', async () => {
        const session = newSession();
        await submitted();
        await submitted();
        const [first, second] = await store.claim(claimFor(session));
        await store.extend({ session, held: [first!.token], delivered: [] });
        await store.giveBack({ session });
        expect(await stateOf(first!.id)).to.equal('processing');
        expect(await stateOf(second!.id)).to.equal('pending');
      });

      it('return by their tokens: unconfirmed ones of the session alone', async () => {
        const [session, other] = [newSession(), newSession()];
        for (let i = 0; i < 4; i++) await submitted();
        const [confirmed, named, unnamed] = await store.claim(claimFor(session, { limit: 3 }));
        const foreign = await claimedOne({ session: other });
        await store.extend({ session, held: [confirmed!.token], delivered: [] });
        effects = [];
        const unknown = 'f'.repeat(32) as LeaseToken;
        const tokens = [confirmed!.token, named!.token, foreign.token, unknown];
        await store.giveBack({ session, tokens });
        expect(ended()).to.deep.equal([{ id: named!.id, token: named!.token, session, cause: 'given_back' }]);
        expect(await stateOf(named!.id)).to.equal('pending');
        for (const { id } of [confirmed!, unnamed!, foreign])
          expect(await stateOf(id)).to.equal('processing');
        expect((await claimedOne()).id).to.equal(named!.id);
        await store.giveBack({ session, tokens: [] });
        expect(await stateOf(unnamed!.id)).to.equal('processing');
      });

      it('return by their tokens also when they are hand-outs', async () => {
        const id = await submitted();
        const session = newSession();
        const { token } = await claimedOne({ session, handOut: true });
        await store.giveBack({ session });
        expect(await stateOf(id)).to.equal('processing');
        await store.giveBack({ session, tokens: [token] });
        expect(await stateOf(id)).to.equal('pending');
      });

      it('return by their tokens however often without counting', async () => {
        const id = await submitted();
        for (let i = 0; i <= MAX_DELIVERIES; i++) {
          const session = newSession();
          const { token } = await claimedOne({ session });
          await store.giveBack({ session, tokens: [token] });
          expect(await stateOf(id)).to.equal('pending');
        }
        expect((await store.get({ id, view: 'basic' }))?.attemptCount).to.equal(0);
      });

      it('return at once after the first loss and count the attempt when it was confirmed', async () => {
        await submitted();
        const session = newSession();
        const { id, token } = await claimedOne({ session });
        await store.extend({ session, held: [token], delivered: [] });
        await under.moveClock(LEASE_MS + 1000);
        await store.sweep();
        const again = await claimedOne();
        expect(again.id).to.equal(id);
        expect(again.attempt).to.equal(2);
      });

      it('fail the task after the last attempt, with the history of attempts', async () => {
        const id = await submitted();
        for (let i = 0; i < 3; i++) {
          const session = newSession();
          const { token } = await claimedOne({ session });
          await store.extend({ session, held: [token], delivered: [] });
          await under.moveClock(LEASE_MS + 120_000);
          await store.sweep();
          await under.moveClock(120_000);
          await store.sweep();
        }
        const task = await store.get({ id, view: 'full' });
        expect(task?.status.state === 'failed' && task.status.failure.reason).to.equal('ATTEMPTS_EXHAUSTED');
        expect(task?.attempts.map(({ outcome }) => outcome)).to.deep.equal(Array(3).fill('LEASE_EXPIRED'));
      });

      it('fail the task after 20 deliveries that nobody confirmed', async () => {
        const id = await submitted();
        for (let i = 0; i < MAX_DELIVERIES; i++) {
          expect(await stateOf(id)).to.equal('pending');
          const session = newSession();
          await claimedOne({ session });
          await store.giveBack({ session });
        }
        const task = await store.get({ id, view: 'basic' });
        expect(task?.status.state === 'failed' && task.status.failure.reason).to.equal(
          'DELIVERIES_EXHAUSTED',
        );
        expect(task?.attemptCount).to.equal(0);
      });

      it('end when the attempt takes longer than it may, renewed or not', async () => {
        const id = await submitted({ maxRunMs: 30_000 });
        const session = newSession();
        const { token } = await claimedOne({ session });
        for (let i = 0; i < 4; i++) {
          await store.extend({ session, held: [token], delivered: [] });
          await under.moveClock(10_000);
          await store.sweep();
        }
        expect(await stateOf(id)).to.equal('pending');
        expect(ended().map(({ cause }) => cause)).to.deep.equal(['run_time_exceeded']);
      });
    });

    describe('sweep()', () => {
      it('fails a task that waited longer than it may', async () => {
        const id = await submitted({ expireAfterMs: 5_000 });
        await under.moveClock(6_000);
        await store.sweep();
        const task = await store.get({ id, view: 'basic' });
        expect(task?.status.state === 'failed' && task.status.failure.reason).to.equal('TASK_EXPIRED');
      });

      it('forgets content to which no task refers after a day, and only that', async () => {
        const owner = 'anonymous' as Owner;
        const other = 'cd'.repeat(32) as Sha256;
        await store.addContent({ owner, sha256: SHA, sizeBytes: 5, file: 'kept' });
        await store.addContent({ owner, sha256: other, sizeBytes: 5, file: 'dropped' });
        const payload = { kind: 'content', sha256: SHA, sizeBytes: 5 } as const;
        await submitted({ kind: 'transcription', input: { payload, payloadBytes: 5, textLength: 0 } });
        await under.moveClock(25 * 3_600_000);
        await store.sweep();
        expect(await store.findContent({ owner, sha256: SHA })).to.include({ file: 'kept' });
        expect(await store.findContent({ owner, sha256: other })).to.equal(undefined);
        expect(effects.flatMap((effect) => effect.unreferenced)).to.deep.equal(['dropped']);
      });
    });

    describe('retention', () => {
      const owner = 'anonymous' as Owner;
      const other = 'cd'.repeat(32) as Sha256;
      const contentOf = (sha256: Sha256) => {
        const payload = { kind: 'content', sha256, sizeBytes: 5 } as const;
        return { kind: 'transcription', input: { payload, payloadBytes: 5, textLength: 0 } } as const;
      };

      /** Sweeps for as long as the proxy would within five minutes, of which a sweep may do a part. */
      async function sweepOn(): Promise<void> {
        for (let i = 0; i < 5; i++) {
          await store.sweep();
          await under.moveClock(61_000);
        }
      }

      /** Tasks in each final state, with attempts, responses and results. */
      async function finishedTasks(requestId: string = newId()): Promise<TaskId[]> {
        const cancelled = await submitted();
        await store.cancel({ owner, id: cancelled, reason: '' });
        await submitted();
        const session = newSession();
        const first = await claimedOne({ session });
        await store.extend({ session, held: [first.token], delivered: [] });
        const responses = [{ hotkey: 'm', errorMessage: '', selected: true, model: 'x' }];
        await store.settle([{ id: first.id, token: first.token, outcome: completed(), responses }]);
        await submitted({ request: { id: requestId, bodyHash: 'x' } });
        const second = await claimedOne();
        await settleOne({ id: second.id, token: second.token, outcome: failed(false) });
        return [cancelled, first.id, second.id];
      }

      it('removes a finished task that long after its end, and none that ended later', async () => {
        const old = await finishedTasks();
        await under.moveClock(20_000);
        const young = await finishedTasks();
        await under.moveClock(DEFAULT_RETENTION_MS - 10_000);
        for (let i = 0; i < 3; i++) await store.sweep();
        expect(await Promise.all(old.map(stateOf))).to.deep.equal(['gone', 'gone', 'gone']);
        expect(await Promise.all(young.map(stateOf))).to.deep.equal(['cancelled', 'completed', 'failed']);
        const { counts } = await store.stats();
        expect(counts).to.deep.equal({ pending: 0, processing: 0, completed: 1, failed: 1, cancelled: 1 });
      });

      it('leaves nothing of it', async () => {
        const ids = await finishedTasks('r1');
        await under.moveClock(DEFAULT_RETENTION_MS + 10_000);
        effects = [];
        await sweepOn();
        for (const id of ids) {
          expect(await store.get({ id, view: 'full' })).to.equal(undefined);
          expect((await store.cancel({ owner, id, reason: '' })).kind).to.equal('not_found');
          expect(await settleOne({ id, outcome: completed() })).to.equal('not_found');
          expect(await store.erase({ owner, id })).to.equal(false);
        }
        expect((await store.list({ owner, limit: 10 })).tasks).to.deep.equal([]);
        expect(Object.values((await store.stats()).counts)).to.deep.equal([0, 0, 0, 0, 0]);
        expect(finished()).to.deep.equal([]);
        const [again] = await store.submit([newTask({ request: { id: 'r1', bodyHash: 'y' } })]);
        expect(again?.kind).to.equal('created');
        await store.submit([newTask(), newTask()]);
        // A store may number new tasks as it did those that are gone.
        for (const { id } of await store.claim(claimFor(newSession()))) {
          const task = await store.get({ id, view: 'full' });
          expect(task).to.deep.include({ attempts: [], responses: [], attemptCount: 0 });
        }
      });

      it('never removes what is pending or worked on, however old', async () => {
        const ids = await Promise.all([submitted(), submitted(), submitted()]);
        const { id, token } = await claimedOne();
        await settleOne({ id, token, outcome: failed(true) });
        await under.moveClock(10 * DEFAULT_RETENTION_MS);
        for (let i = 0; i < 3; i++) await store.sweep();
        const session = newSession();
        const held = await claimedOne({ session });
        await store.extend({ session, held: [held.token], delivered: [] });
        for (let i = 0; i < 3; i++) await store.sweep();
        const states = await Promise.all(ids.map(stateOf));
        expect(states.sort()).to.deep.equal(['pending', 'pending', 'processing']);
      });

      it('counts from the end of a task, not from its submission', async () => {
        const id = await submitted();
        await under.moveClock(2 * DEFAULT_RETENTION_MS);
        await store.cancel({ owner, id, reason: '' });
        for (let i = 0; i < 3; i++) await store.sweep();
        expect(await stateOf(id)).to.equal('cancelled');
      });

      it('drops the content of its input and its result', async () => {
        await store.addContent({ owner, sha256: SHA, sizeBytes: 5, file: 'spoken' });
        await store.addContent({ owner, sha256: other, sizeBytes: 5, file: 'answer' });
        await submitted(contentOf(SHA));
        const { id, token } = await claimedOne();
        const result = { ...resultOf(''), output: { kind: 'content', sha256: other, sizeBytes: 5 } as const };
        await settleOne({ id, token, outcome: { kind: 'completed', result } });
        await under.moveClock(DEFAULT_RETENTION_MS - 600_000);
        await sweepOn();
        expect(await store.findContent({ owner, sha256: SHA })).to.include({ file: 'spoken' });
        expect(effects.flatMap(({ unreferenced }) => unreferenced)).to.deep.equal([]);
        await under.moveClock(600_000);
        await sweepOn();
        expect(effects.flatMap(({ unreferenced }) => unreferenced).sort()).to.deep.equal([
          'answer',
          'spoken',
        ]);
        expect(await store.findContent({ owner, sha256: SHA })).to.equal(undefined);
        expect(await store.findContent({ owner, sha256: other })).to.equal(undefined);
      });

      it('keeps content that a living task refers to', async () => {
        await store.addContent({ owner, sha256: SHA, sizeBytes: 5, file: 'shared' });
        const done = await submitted(contentOf(SHA));
        await store.cancel({ owner, id: done, reason: '' });
        await under.moveClock(1_000);
        const living = await submitted(contentOf(SHA));
        await under.moveClock(DEFAULT_RETENTION_MS + 10_000);
        await sweepOn();
        expect(await stateOf(done)).to.equal('gone');
        expect(await stateOf(living)).to.equal('pending');
        expect(await store.findContent({ owner, sha256: SHA })).to.include({ file: 'shared' });
        expect(effects.flatMap(({ unreferenced }) => unreferenced)).to.deep.equal([]);
      });

      it('keeps content that was uploaded again since', async () => {
        await store.addContent({ owner, sha256: SHA, sizeBytes: 5, file: 'again' });
        const done = await submitted(contentOf(SHA));
        await store.cancel({ owner, id: done, reason: '' });
        await under.moveClock(DEFAULT_RETENTION_MS + 10_000);
        await store.touchContent({ owner, sha256: SHA, sizeBytes: 5, file: 'again' });
        await sweepOn();
        expect(await stateOf(done)).to.equal('gone');
        expect(await store.findContent({ owner, sha256: SHA })).to.include({ file: 'again' });
      });

      it('takes at most 500 tasks a sweep, so that nothing waits for long, and gets through', async () => {
        const tasks = Array.from({ length: 1_200 }, () => newTask());
        await store.submit(tasks);
        await Promise.all(tasks.map(({ id }) => store.cancel({ owner, id, reason: '' })));
        await under.moveClock(DEFAULT_RETENTION_MS + 60_000);
        const left = [1_200];
        for (let i = 0; i < 30 && left.at(-1) !== 0; i++) {
          await store.sweep();
          left.push((await store.stats()).counts.cancelled);
        }
        expect(left.at(-1)).to.equal(0);
        const removed = left.slice(1).map((count, place) => left[place]! - count);
        for (const count of removed) expect(count).to.be.within(1, 500);
      });
    });

    describe('cancel()', () => {
      const owner = 'anonymous' as Owner;

      it('cancels a pending task for good', async () => {
        const id = await submitted();
        expect((await store.cancel({ owner, id, reason: 'changed my mind' })).kind).to.equal('cancelled');
        expect(await store.claim(claimFor(newSession()))).to.have.length(0);
        expect((await store.get({ id, view: 'basic' }))?.status).to.deep.equal({
          state: 'cancelled',
          reason: 'changed my mind',
        });
      });

      it('ends the lease of a task that is worked on', async () => {
        await submitted();
        const { id, token } = await claimedOne();
        await store.cancel({ owner, id, reason: '' });
        expect(ended().map(({ token, cause }) => [token, cause])).to.deep.equal([[token, 'cancelled']]);
        expect(await settleOne({ id, token, outcome: completed() })).to.equal('lease_lost');
      });

      it('is fine twice, refused on a completed task, and blind to the tasks of others', async () => {
        const id = await submitted();
        await store.cancel({ owner, id, reason: '' });
        const revision = (await store.get({ id, view: 'basic' }))?.revision;
        expect((await store.cancel({ owner, id, reason: '' })).kind).to.equal('cancelled');
        expect((await store.get({ id, view: 'basic' }))?.revision).to.equal(revision);
        await submitted();
        const done = await claimedOne();
        await settleOne({ id: done.id, token: done.token, outcome: completed() });
        expect((await store.cancel({ owner, id: done.id, reason: '' })).kind).to.equal('terminal');
        expect((await store.cancel({ owner: 'x' as Owner, id, reason: '' })).kind).to.equal('not_found');
      });
    });

    describe('erase()', () => {
      const owner = 'anonymous' as Owner;

      it('leaves nothing of a task, in whatever state', async () => {
        const pending = await submitted();
        const processing = await submitted({ priority: 'urgent' });
        const { token } = await claimedOne();
        for (const id of [pending, processing]) {
          expect(await store.erase({ owner, id })).to.equal(true);
          expect(await store.get({ id, view: 'full' })).to.equal(undefined);
          expect(await store.erase({ owner, id })).to.equal(false);
        }
        expect(await settleOne({ id: processing, token, outcome: completed() })).to.equal('not_found');
        expect(Object.values((await store.stats()).counts)).to.deep.equal([0, 0, 0, 0, 0]);
      });

      it('drops content with the last task that refers to it', async () => {
        await store.addContent({ owner, sha256: SHA, sizeBytes: 5, file: 'file' });
        const payload = { kind: 'content', sha256: SHA, sizeBytes: 5 } as const;
        const input = { payload, payloadBytes: 5, textLength: 0 };
        const first = await submitted({ kind: 'transcription', input });
        const second = await submitted({ kind: 'transcription', input });
        await store.erase({ owner, id: first });
        expect(effects.flatMap((effect) => effect.unreferenced)).to.deep.equal([]);
        await store.erase({ owner, id: second });
        expect(effects.flatMap((effect) => effect.unreferenced)).to.deep.equal(['file']);
      });

      it('keeps content that was uploaded again since', async () => {
        await store.addContent({ owner, sha256: SHA, sizeBytes: 5, file: 'file' });
        const payload = { kind: 'content', sha256: SHA, sizeBytes: 5 } as const;
        const id = await submitted({
          kind: 'transcription',
          input: { payload, payloadBytes: 5, textLength: 0 },
        });
        await under.moveClock(1_000);
        expect(await store.touchContent({ owner, sha256: SHA, sizeBytes: 5, file: 'file' })).to.equal(true);
        await store.erase({ owner, id });
        expect(await store.findContent({ owner, sha256: SHA })).to.include({ file: 'file' });
        expect(await store.touchContent({ owner, sha256: SHA, sizeBytes: 5, file: 'other' })).to.equal(false);
      });

      it('is blind to the tasks of others', async () => {
        const id = await submitted();
        expect(await store.erase({ owner: 'x' as Owner, id })).to.equal(false);
        expect(await stateOf(id)).to.equal('pending');
      });
    });

    describe('reads', () => {
      it("list an owner's tasks, newest first, in pages, by state and kind", async () => {
        const owner = 'lister' as Owner;
        const ids: TaskId[] = [];
        for (let i = 0; i < 5; i++) ids.unshift(await submitted({ owner }));
        await submitted();
        const first = await store.list({ owner, limit: 3 });
        const second = await store.list({
          owner,
          limit: 3,
          ...(first.next !== undefined && { after: first.next }),
        });
        expect([...first.tasks, ...second.tasks].map(({ id }) => id)).to.deep.equal(ids);
        expect(second.next).to.equal(undefined);
        expect(first.tasks[0]?.input.payload).to.equal(undefined);
        await store.cancel({ owner, id: ids[1]!, reason: '' });
        expect(
          (await store.list({ owner, limit: 9, state: 'cancelled' })).tasks.map(({ id }) => id),
        ).to.deep.equal([ids[1]]);
        expect((await store.list({ owner, limit: 9, kind: 'tts' })).tasks).to.deep.equal([]);
      });

      it('peek in the order of the hand-out without taking anything', async () => {
        const low = await submitted({ priority: 'low' });
        const urgent = await submitted({ priority: 'urgent' });
        expect((await store.peek(10)).map(({ id }) => id)).to.deep.equal([urgent, low]);
        expect((await store.peek(1)).map(({ id }) => id)).to.deep.equal([urgent]);
        expect((await store.stats()).counts.pending).to.equal(2);
      });

      it('do not count what is removed for its age any more, after a restart either', async function () {
        const id = await submitted();
        const { token } = await claimedOne();
        await settleOne({ id, token, outcome: completed() });
        await under.moveClock(DEFAULT_RETENTION_MS + 1_000);
        while (await store.sweep());
        expect((await store.stats()).counts.completed).to.equal(0);
        if (under.reopen !== undefined) store = await under.reopen();
        expect((await store.stats()).counts.completed).to.equal(0);
      });

      it('count by state through every move', async () => {
        await submitted();
        const id = await submitted();
        await submitted();
        const { id: done, token } = await claimedOne();
        await settleOne({ id: done, token, outcome: completed() });
        await claimedOne();
        await store.cancel({ owner: 'anonymous' as Owner, id, reason: '' });
        const { counts, oldestPendingUs } = await store.stats();
        expect(counts).to.deep.equal({ pending: 1, processing: 0, completed: 1, failed: 0, cancelled: 1 });
        expect(oldestPendingUs).to.be.a('number');
        expect(effects.reduce((sum, effect) => sum + effect.pendingDelta, 0)).to.equal(1);
      });

      it('find the input of a leased task by its token alone', async () => {
        const owner = 'private' as Owner;
        await store.addContent({ owner, sha256: SHA, sizeBytes: 5, file: 'file' });
        const payload = { kind: 'content', sha256: SHA, sizeBytes: 5 } as const;
        await submitted({ owner, kind: 'transcription', input: { payload, payloadBytes: 5, textLength: 0 } });
        const { id, token } = await claimedOne();
        expect(await store.findContent({ token, sha256: SHA })).to.include({ file: 'file' });
        expect(await store.leaseOwner(token)).to.equal(owner);
        await settleOne({ id, token, outcome: completed() });
        expect(await store.findContent({ token, sha256: SHA })).to.equal(undefined);
        expect(await store.findContent({ owner: 'anonymous' as Owner, sha256: SHA })).to.equal(undefined);
      });
    });

    it('tells of each task that becomes pending, by whatever path', async () => {
      const id = await submitted();
      const session = newSession();
      await claimedOne({ session });
      await store.giveBack({ session });
      expect(effects.flatMap((effect) => effect.pending).map((task) => task.id)).to.deep.equal([id, id]);
    });

    it('raises the revision with each visible change, never twice to the same', async () => {
      const id = await submitted();
      const revisions = [(await store.get({ id, view: 'basic' }))?.revision ?? 0];
      const session = newSession();
      const { token } = await claimedOne({ session });
      revisions.push((await store.get({ id, view: 'basic' }))?.revision ?? 0);
      await store.extend({ session, held: [token], delivered: [] });
      revisions.push((await store.get({ id, view: 'basic' }))?.revision ?? 0);
      await settleOne({ id, token, outcome: completed() });
      revisions.push((await store.get({ id, view: 'basic' }))?.revision ?? 0);
      expect(revisions).to.deep.equal([1, 2, 3, 4]);
    });

    it('keeps tasks, leases, request ids and results over a restart', async function () {
      if (under.reopen === undefined) {
        this.skip();
        return;
      }
      const request = { id: 'r', bodyHash: 'x' };
      const leased = await submitted({ priority: 'urgent', request });
      const session = newSession();
      const { token } = await claimedOne({ session });
      const waiting = await submitted();
      store = await under.reopen();
      expect(await store.leases()).to.deep.equal([
        { id: leased, token, session, holder: 'validator', confirmed: false },
      ]);
      expect((await store.claim(claimFor(newSession()))).map(({ id }) => id)).to.deep.equal([waiting]);
      const [again] = await store.submit([newTask({ request })]);
      expect(again?.kind === 'existing' && again.task.id).to.equal(leased);
      expect(await settleOne({ id: leased, token, outcome: completed() })).to.equal('settled');
    });

    it('gives every live lease its full time again after a restart', async function () {
      if (under.reopen === undefined) {
        this.skip();
        return;
      }
      const id = await submitted();
      await claimedOne();
      await under.moveClock(LEASE_MS - 1_000);
      store = await under.reopen();
      await under.moveClock(LEASE_MS - 1_000);
      await store.sweep();
      expect(await stateOf(id)).to.equal('processing');
    });

    it('refuses an id that is there already, alone', async () => {
      const id = newId();
      await submitted({ id });
      const outcomes = await Promise.allSettled([store.submit([newTask({ id })]), store.submit([newTask()])]);
      expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled']);
    });
  });
}
