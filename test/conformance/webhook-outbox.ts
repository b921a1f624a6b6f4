import { expect } from 'chai';
import type { Owner, TaskId } from '../../src/domain/ids.js';
import { DEFAULT_RETENTION_MS } from '../../src/domain/limits.js';
import {
  CIRCUIT_FAILURES,
  ENDPOINT_TRIES,
  MAX_KEPT_TRIES,
  WEBHOOK_LIFE_MS,
} from '../../src/domain/webhook.js';
import type { NewTask, StoreEffects, TaskStore } from '../../src/queue/task-store.js';
import type { ClaimedWebhook, TryOutcome, Webhook, WebhookOutbox } from '../../src/queue/webhook-outbox.js';
import { claimFor, newSession, newTask, resultOf } from '../support/new-task.js';
import type { StoreUnderTest } from './task-store.js';

const OWNER = 'anonymous' as Owner;
const HOOK = 'https://a.example/hook';
const CLAIM_MS = 60_000;
const EVERYTHING = { limit: 1000, failingLimit: 1000, claimMs: CLAIM_MS };

const DELIVERED: TryOutcome = { kind: 'delivered' };
const failed = (retryMs: number, isEndpointDown = false): TryOutcome => ({
  kind: 'failed',
  failure: { reason: 'REFUSED', message: 'answered 500' },
  retryMs,
  isEndpointDown,
});

/** The promises of WebhookOutbox, the same for every implementation. */
export function describeWebhookOutbox(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`webhook outbox: ${name}`, () => {
    let under: StoreUnderTest;
    let store: TaskStore & WebhookOutbox;
    let effects: StoreEffects[];

    beforeEach(async () => {
      under = await open();
      store = under.store;
      effects = [];
      store.listen((effect) => effects.push(effect));
    });
    afterEach(() => under.dispose());

    async function submitted(overrides: Partial<NewTask> = {}): Promise<TaskId> {
      const [outcome] = await store.submit([newTask({ callbackUrl: HOOK, ...overrides })]);
      if (outcome?.kind !== 'created') throw new Error(`not created: ${String(outcome?.kind)}`);
      return outcome.task.id;
    }

    async function cancelled(overrides: Partial<NewTask> = {}): Promise<TaskId> {
      const id = await submitted(overrides);
      await store.cancel({ owner: overrides.owner ?? OWNER, id, reason: '' });
      return id;
    }

    const claim = async (request = EVERYTHING) => (await store.claimWebhooks(request)).webhooks;

    async function claimOne(): Promise<ClaimedWebhook> {
      const [webhook, ...others] = await claim();
      if (webhook === undefined || others.length > 0) throw new Error(`${others.length} more, or none`);
      return webhook;
    }

    const record = ({ id, claim: held }: ClaimedWebhook, outcome: TryOutcome, httpStatus?: number) =>
      store.recordTry({
        id,
        claim: held,
        durationMs: 12.5,
        outcome,
        ...(httpStatus !== undefined && { httpStatus }),
      });

    async function found(id: TaskId): Promise<Webhook> {
      const outcome = await store.findWebhook({ owner: OWNER, id });
      if (outcome.kind !== 'found') throw new Error(outcome.kind);
      return outcome.webhook;
    }

    describe('the final state of a task', () => {
      async function settledWith(kind: 'completed' | 'failed', id: TaskId): Promise<void> {
        const [leased] = await store.claim(claimFor(newSession(), { limit: 1 }));
        if (leased?.id !== id) throw new Error('another task was leased');
        await store.settle([
          {
            id,
            token: leased.token,
            responses: [],
            outcome:
              kind === 'completed'
                ? { kind, result: resultOf('short') }
                : { kind, failure: { reason: 'ENGINE_FAILED', message: 'broke' }, retryable: false },
          },
        ]);
      }

      const ends: Record<string, (id: TaskId) => Promise<unknown>> = {
        completed: (id) => settledWith('completed', id),
        failed: (id) => settledWith('failed', id),
        cancelled: (id) => store.cancel({ owner: OWNER, id, reason: '' }),
        expired: async () => {
          await under.moveClock(5_001);
          await store.sweep();
        },
      };

      for (const [how, end] of Object.entries(ends))
        it(`is announced once when it is ${how}`, async () => {
          const id = await submitted({ expireAfterMs: 5_000 });
          expect(await claim()).to.deep.equal([]);
          await end(id);
          const webhook = await claimOne();
          const task = await store.get({ id, view: 'basic' });
          expect(webhook).to.deep.include({
            id,
            url: HOOK,
            state: task?.status.state,
            revision: task?.revision,
            endUs: task?.endUs,
            failures: 0,
            isFailing: false,
          });
          expect(effects.reduce((sum, { announced }) => sum + announced, 0)).to.equal(1);
          await record(webhook, DELIVERED, 200);
          await under.moveClock(2 * CLAIM_MS);
          expect(await claim()).to.deep.equal([]);
        });

      it('is not announced without a callback URL', async () => {
        const [outcome] = await store.submit([newTask()]);
        if (outcome?.kind !== 'created') throw new Error('not created');
        await store.cancel({ owner: OWNER, id: outcome.task.id, reason: '' });
        expect(await store.claimWebhooks(EVERYTHING)).to.deep.equal({ webhooks: [] });
        expect(await store.findWebhook({ owner: OWNER, id: outcome.task.id })).to.deep.equal({
          kind: 'no_webhook',
        });
        expect(effects.reduce((sum, { announced }) => sum + announced, 0)).to.equal(0);
      });

      it('is not announced twice when the task is cancelled or settled again', async () => {
        const id = await cancelled();
        await store.cancel({ owner: OWNER, id, reason: 'again' });
        expect(await claim()).to.have.length(1);
      });

      it('is not announced any more once the task is erased, before its end or after', async () => {
        await store.erase({ owner: OWNER, id: await submitted() });
        const ended = await cancelled();
        const webhook = await claimOne();
        await record(webhook, failed(1_000));
        await store.erase({ owner: OWNER, id: ended });
        await under.moveClock(CLAIM_MS);
        expect(await store.claimWebhooks(EVERYTHING)).to.deep.equal({ webhooks: [] });
        expect(await store.findWebhook({ owner: OWNER, id: ended })).to.deep.equal({
          kind: 'task_not_found',
        });
      });
    });

    describe('claimWebhooks()', () => {
      it('gives each to one caller, and again when its claim lapses, to whom the record then belongs', async () => {
        await cancelled();
        const first = await claimOne();
        expect(await claim()).to.deep.equal([]);
        await under.moveClock(CLAIM_MS);
        const second = await claimOne();
        expect(await record(first, DELIVERED, 200)).to.equal(false);
        expect((await found(first.id)).state).to.equal('pending');
        expect(await record(second, DELIVERED, 200)).to.equal(true);
        expect(await record(second, DELIVERED, 200)).to.equal(false);
        expect(await found(first.id)).to.deep.include({ state: 'delivered', tryCount: 1 });
      });

      it('never gives one twice to callers at once', async () => {
        for (let n = 0; n < 40; n++) await cancelled({ callbackUrl: `https://a.example:${2000 + n}/` });
        const given = await Promise.all(Array.from({ length: 8 }, () => claim({ ...EVERYTHING, limit: 10 })));
        const ids = given.flat().map(({ id }) => id);
        expect(ids).to.have.length(40);
        expect(new Set(ids)).to.have.property('size', 40);
      });

      it(`has at most ${ENDPOINT_TRIES} of an endpoint under way, and the others do not wait for it`, async () => {
        await Promise.all(
          Array.from({ length: 300 }, (_, n) => cancelled({ callbackUrl: `https://slow.example/${n}` })),
        );
        const other = await cancelled({ callbackUrl: 'https://quick.example/' });
        const given = await claim({ ...EVERYTHING, limit: ENDPOINT_TRIES + 1 });
        expect(given.filter(({ url }) => url.startsWith('https://slow.example/'))).to.have.length(
          ENDPOINT_TRIES,
        );
        expect(given.map(({ id }) => id)).to.include(other);
        expect(await claim()).to.deep.equal([]);
        await record(given[0]!, DELIVERED, 200);
        expect(await claim()).to.have.length(1);
      });

      it('tells when there is more to claim', async () => {
        await cancelled();
        const webhook = await claimOne();
        const lapse = (await store.claimWebhooks(EVERYTHING)).nextMs;
        expect(lapse).to.be.within(CLAIM_MS - 10_000, CLAIM_MS);
        await record(webhook, failed(7_200_000));
        expect((await store.claimWebhooks(EVERYTHING)).nextMs).to.be.within(7_190_000, 7_200_000);
        await under.moveClock(7_200_000);
        expect((await claimOne()).failures).to.equal(1);
      });

      it('keeps apart how many go to endpoints whose last try failed', async () => {
        await cancelled({ callbackUrl: 'https://down.example/1' });
        await record(await claimOne(), failed(0, true));
        await cancelled({ callbackUrl: 'https://up.example/' });
        const [up, ...more] = await claim({ ...EVERYTHING, failingLimit: 0 });
        expect(up?.url).to.equal('https://up.example/');
        expect(more).to.deep.equal([]);
        const [down, ...others] = await claim({ ...EVERYTHING, limit: 0 });
        expect(down).to.include({ url: 'https://down.example/1', isFailing: true });
        expect(others).to.deep.equal([]);
      });
    });

    describe('the circuit of an endpoint', () => {
      /** Fails so many tries in a row, with so many announcements waiting. */
      async function broken(waiting: number, failures: number): Promise<void> {
        for (let n = 0; n < waiting; n++) await cancelled();
        for (let n = 0, looks = 0; n < failures; looks++) {
          if (looks > 100) throw new Error('nothing comes');
          const given = await claim();
          if (given.length === 0) await under.moveClock(1_000);
          for (const webhook of given) {
            await record(webhook, failed(1_000, true));
            n += 1;
          }
        }
      }

      it(`opens after ${CIRCUIT_FAILURES} failures in a row: one probe, and all once it succeeds`, async () => {
        await broken(20, CIRCUIT_FAILURES);
        expect(await claim()).to.deep.equal([]);
        await under.moveClock(10_001);
        const probe = await claimOne();
        await record(probe, failed(1_000, true));
        await under.moveClock(9_000);
        expect(await claim()).to.deep.equal([]);
        await under.moveClock(11_001);
        await record(await claimOne(), DELIVERED, 200);
        expect(await claim()).to.have.length(ENDPOINT_TRIES);
      });

      it('stays shut for failures that say nothing of the endpoint', async () => {
        for (let n = 0; n < 3 * CIRCUIT_FAILURES; n++) {
          await cancelled();
          await record(await claimOne(), failed(WEBHOOK_LIFE_MS - 60_000, false));
        }
        await cancelled();
        expect(await claimOne()).to.include({ isFailing: false });
      });

      it('does not hold up other endpoints', async () => {
        await broken(10, CIRCUIT_FAILURES);
        const other = await cancelled({ callbackUrl: 'https://b.example/hook' });
        expect((await claimOne()).id).to.equal(other);
      });

      it('shows when the next try is', async () => {
        await broken(1, CIRCUIT_FAILURES);
        const { nowUs } = await store.stats();
        const outcome = await store.claimWebhooks(EVERYTHING);
        expect(outcome.nextMs).to.be.within(4_000, 10_000);
        const [task] = (await store.list({ owner: OWNER, limit: 1 })).tasks;
        const next = (await found(task!.id)).nextTryUs ?? 0;
        expect((next - nowUs) / 1000).to.be.within(4_000, 10_000);
      });
    });

    describe('recordTry()', () => {
      it('keeps what came of each try, newest first', async () => {
        const id = await cancelled();
        await record(await claimOne(), failed(1_000), 500);
        await under.moveClock(1_000);
        await record(await claimOne(), DELIVERED, 204);
        const { tries, tryCount, state, nextTryUs, taskState } = await found(id);
        expect({ tryCount, state, nextTryUs, taskState }).to.deep.equal({
          tryCount: 2,
          state: 'delivered',
          nextTryUs: undefined,
          taskState: 'cancelled',
        });
        expect(tries.map(({ startUs: _, ...rest }) => rest)).to.deep.equal([
          { number: 2, durationMs: 12.5, httpStatus: 204 },
          {
            number: 1,
            durationMs: 12.5,
            httpStatus: 500,
            failure: { reason: 'REFUSED', message: 'answered 500' },
          },
        ]);
        expect(tries[0]!.startUs - tries[1]!.startUs).to.be.within(900_000, 5_000_000);
      });

      it('gives up when the next try would come after three days', async () => {
        const id = await cancelled();
        await record(await claimOne(), failed(WEBHOOK_LIFE_MS / 2), 500);
        await under.moveClock(WEBHOOK_LIFE_MS / 2);
        expect((await found(id)).state).to.equal('pending');
        await record(await claimOne(), failed(WEBHOOK_LIFE_MS / 2), 500);
        expect((await found(id)).state).to.equal('dead');
        expect(await store.webhookStats()).to.include({ pending: 0, dead: 1 });
        expect(await store.claimWebhooks(EVERYTHING)).to.deep.equal({ webhooks: [] });
      });

      it('ends at once what is never to be tried again', async () => {
        const id = await cancelled();
        const failure = { reason: 'GONE', message: 'answered 410' } as const;
        await record(await claimOne(), { kind: 'dead', failure }, 410);
        expect(await found(id)).to.deep.include({ state: 'dead', tryCount: 1 });
      });

      it(`keeps ${MAX_KEPT_TRIES} tries and counts all`, async () => {
        const id = await cancelled();
        for (let n = 0; n < MAX_KEPT_TRIES + 6; n++) await record(await claimOne(), failed(0), 500);
        const { tries, tryCount } = await found(id);
        expect(tryCount).to.equal(MAX_KEPT_TRIES + 6);
        expect(tries.map(({ number }) => number)).to.deep.equal(
          Array.from({ length: MAX_KEPT_TRIES }, (_, n) => MAX_KEPT_TRIES + 6 - n),
        );
      });

      it('ends what waited behind an open circuit for three days without a try', async () => {
        for (let n = 0; n < ENDPOINT_TRIES + 2; n++) await cancelled();
        for (let looks = 0; looks < CIRCUIT_FAILURES; looks++)
          for (const webhook of await claim()) await record(webhook, failed(0, true));
        await under.moveClock(WEBHOOK_LIFE_MS);
        await claim();
        expect(await store.webhookStats()).to.include({ pending: 0, dead: ENDPOINT_TRIES + 2 });
      });
    });

    describe('redeliver()', () => {
      it('makes a delivered or a dead one due for another three days', async () => {
        const id = await cancelled();
        await record(await claimOne(), DELIVERED, 200);
        await under.moveClock(WEBHOOK_LIFE_MS - 1_000);
        const outcome = await store.redeliver({ owner: OWNER, id });
        expect(outcome.kind === 'found' && outcome.webhook.state).to.equal('pending');
        const again = await claimOne();
        expect(again).to.include({ id, failures: 0 });
        await record(again, { kind: 'dead', failure: { reason: 'GONE', message: 'answered 410' } }, 410);
        await store.redeliver({ owner: OWNER, id });
        await record(await claimOne(), failed(5_000), 500);
        expect(await found(id)).to.deep.include({ state: 'pending', tryCount: 3 });
      });

      it('leaves a try that is under way alone', async () => {
        const id = await cancelled();
        const webhook = await claimOne();
        await store.redeliver({ owner: OWNER, id });
        expect(await claim()).to.deep.equal([]);
        expect(await record(webhook, DELIVERED, 200)).to.equal(true);
      });

      it('is blind to the tasks of others, as reading is', async () => {
        const id = await cancelled({ owner: 'somebody' as Owner });
        for (const outcome of [
          await store.redeliver({ owner: OWNER, id }),
          await store.findWebhook({ owner: OWNER, id }),
        ])
          expect(outcome).to.deep.equal({ kind: 'task_not_found' });
      });

      it('finds nothing of a task that goes on', async () => {
        const id = await submitted();
        expect(await store.redeliver({ owner: OWNER, id })).to.deep.equal({ kind: 'no_webhook' });
      });
    });

    it('keeps a task beyond its time while its end is being announced, and all of it goes together', async () => {
      const id = await cancelled();
      await under.moveClock(DEFAULT_RETENTION_MS - 1_000);
      await store.redeliver({ owner: OWNER, id });
      await under.moveClock(62_000);
      await store.sweep();
      expect((await found(id)).state).to.equal('pending');
      await record(await claimOne(), DELIVERED, 200);
      await under.moveClock(61_000);
      await store.sweep();
      expect(await store.get({ id, view: 'basic' })).to.equal(undefined);
      expect(await store.webhookStats()).to.include({ pending: 0, dead: 0 });
    });

    it('counts what waits and how long', async () => {
      await cancelled();
      await under.moveClock(60_000);
      await cancelled();
      const { pending, dead, nowUs, oldestPendingUs = 0 } = await store.webhookStats();
      expect({ pending, dead }).to.deep.equal({ pending: 2, dead: 0 });
      expect((nowUs - oldestPendingUs) / 1000).to.be.within(60_000, 70_000);
    });

    it('tries again after a restart what was being tried, at once, and forgets nothing', async function () {
      if (under.reopen === undefined) this.skip();
      const waiting = await cancelled();
      const backingOff = await cancelled({ callbackUrl: 'https://b.example/' });
      for (const webhook of await claim())
        if (webhook.id === backingOff) await record(webhook, failed(3_600_000));
      store = await under.reopen();
      expect((await claimOne()).id).to.equal(waiting);
      await under.moveClock(3_600_000);
      const ids = (await claim()).map(({ id }) => id);
      expect(ids).to.have.members([waiting, backingOff]);
    });
  });
}
