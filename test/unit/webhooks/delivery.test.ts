import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import type { Owner, TaskId } from '../../../src/domain/ids.js';
import type { NewTask } from '../../../src/queue/task-store.js';
import { SqliteTaskStore } from '../../../src/store/sqlite/store.js';
import { TRY_MS, WebhookDelivery, type WebhookDeliveryOptions } from '../../../src/webhooks/delivery.js';
import { createPost, type Post } from '../../../src/webhooks/post.js';
import { newTask } from '../../support/new-task.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';
import { ManualClock, settle, until } from '../validator/manual-clock.js';

const OWNER = 'anonymous' as Owner;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const HOUR_MS = 3_600_000;

describe('WebhookDelivery', () => {
  const signer = new Webhook(SECRET);
  let store: SqliteTaskStore;
  let clock: ManualClock;
  let receiver: WebhookReceiver;
  let delivery: WebhookDelivery;
  let errors: unknown[];
  let tried: string[];

  /** Every host is this machine. */
  const post: Post = createPost({ allowPrivate: true, resolve: () => Promise.resolve(['127.0.0.1']) });

  function open(overrides: Partial<WebhookDeliveryOptions> = {}): WebhookDelivery {
    return new WebhookDelivery({
      outbox: store,
      post,
      signer: () => Promise.resolve((id, time, body) => signer.sign(id, time, body)),
      agent: 'audio-subnet/test',
      clock,
      random: () => 0.5,
      observer: {
        tried: (outcome) => tried.push(outcome.kind === 'delivered' ? 'delivered' : outcome.failure.reason),
      },
      onError: (error) => errors.push(error),
      ...overrides,
    });
  }

  beforeEach(async () => {
    store = await SqliteTaskStore.open({ file: ':memory:' });
    clock = new ManualClock();
    receiver = await new WebhookReceiver().listen();
    errors = [];
    tried = [];
    delivery = open();
    store.listen(({ announced }) => {
      if (announced > 0) delivery.wake();
    });
  });
  afterEach(async () => {
    await delivery.stop(AbortSignal.abort());
    await receiver.close();
    await store.close();
    expect(errors).to.deep.equal([]);
  });

  async function cancelled(callbackUrl: string, overrides: Partial<NewTask> = {}): Promise<TaskId> {
    const task = newTask({ callbackUrl, ...overrides });
    await store.submit([task]);
    await store.cancel({ owner: OWNER, id: task.id, reason: '' });
    return task.id;
  }

  /** Moves both clocks and lets what that causes begin. */
  async function advance(byMs: number): Promise<void> {
    await store.moveClock(byMs);
    await clock.advance(byMs);
    await settle();
  }

  async function found(id: TaskId) {
    const outcome = await store.findWebhook({ owner: OWNER, id });
    if (outcome.kind !== 'found') throw new Error(outcome.kind);
    return outcome.webhook;
  }

  async function recorded(id: TaskId, tries: number): Promise<Awaited<ReturnType<typeof found>>> {
    for (;;) {
      const webhook = await found(id);
      if (webhook.tryCount >= tries) return webhook;
      await settle(1);
    }
  }

  it('posts a thin, signed body as soon as the task ends', async () => {
    const id = await cancelled(receiver.url());
    await receiver.until(() => receiver.received.length === 1);
    const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
    const task = await store.get({ id, view: 'basic' });
    expect(JSON.parse(body)).to.deep.equal({
      type: 'task.cancelled',
      timestamp: new Date(Math.floor((task?.endUs ?? 0) / 1000)).toISOString(),
      data: {
        id,
        status: 'cancelled',
        revision: task?.revision,
        links: { task: `/api/v1/tasks/${id}`, result: `/api/v1/task/${id}/result` },
      },
    });
    expect(headers).to.include({
      'content-type': 'application/json',
      'user-agent': 'audio-subnet/test',
      'webhook-id': `msg_${id}`,
      'webhook-timestamp': String(Math.floor(clock.wall() / 1000)),
    });
    expect(headers['webhook-signature']).to.equal(signer.sign(`msg_${id}`, new Date(clock.wall()), body));
    expect(await recorded(id, 1)).to.deep.include({ state: 'delivered', tryCount: 1 });
  });

  it('gives a receiver that was down for an hour each webhook once it is up', async function () {
    this.timeout(20_000);
    const { port } = receiver;
    await receiver.close();
    const ids = await Promise.all(Array.from({ length: 30 }, (_, n) => cancelled(receiver.url(`/${n}`))));
    for (let ms = 0; ms < HOUR_MS; ms += 60_000) {
      await advance(60_000);
      await until(() => clock.waiting === 1);
    }
    expect(tried).to.not.include('delivered');
    expect(await store.webhookStats()).to.include({ pending: 30, dead: 0 });
    await receiver.listen(port);
    while ((await store.webhookStats()).pending > 0) {
      await advance(60_000);
      await until(() => clock.waiting === 1);
    }
    // At least once: the clock that leaps ends a try that a busy machine is slow with, and it comes again.
    expect([...new Set(receiver.received.map(({ headers }) => headers['webhook-id']))]).to.have.members(
      ids.map((id) => `msg_${id}`),
    );
    // The circuit kept thirty webhooks from knocking on their own: one probe at most every 150 s and more.
    expect(tried.filter((outcome) => outcome === 'CONNECTION_FAILED').length).to.be.within(10, 40);
  });

  it('keeps the id, makes a new timestamp and signature at each try, and backs off', async () => {
    receiver.replies.set('/hook', (response) => response.writeHead(500).end());
    const id = await cancelled(receiver.url());
    await recorded(id, 1);
    await advance(3_000);
    await settle(50);
    expect(receiver.received).to.have.length(1);
    receiver.replies.clear();
    await advance(1_000);
    const { state, tries } = await recorded(id, 2);
    expect(state).to.equal('delivered');
    expect(tries.map(({ httpStatus, failure }) => [httpStatus, failure?.reason])).to.deep.equal([
      [204, undefined],
      [500, 'REFUSED'],
    ]);
    const [first, second] = receiver.received;
    expect(second?.body).to.equal(first?.body);
    expect(second?.headers['webhook-id']).to.equal(first?.headers['webhook-id']);
    expect(second?.headers['webhook-timestamp']).to.not.equal(first?.headers['webhook-timestamp']);
    expect(second?.headers['webhook-signature']).to.not.equal(first?.headers['webhook-signature']);
  });

  it('delays nobody because of an endpoint that hangs or one that fails, however much waits for them', async () => {
    receiver.replies.set('/hang', () => undefined);
    receiver.replies.set('/fail', (response) => response.writeHead(503).end());
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        await cancelled(receiver.url('/hang', 'hangs.example'));
        await cancelled(receiver.url('/fail', 'fails.example'));
      }),
    );
    await receiver.until(() => receiver.at('/hang').length === 4 && receiver.at('/fail').length >= 5);
    // No time passes from here on.
    const before = clock.now();
    await Promise.all(Array.from({ length: 50 }, (_, n) => cancelled(receiver.url('/fine', `${n}.example`))));
    for (let n = 0; n < 50; n++) await cancelled(receiver.url('/fine', 'one.example'));
    await receiver.until(() => receiver.at('/fine').length === 100);
    expect(clock.now()).to.equal(before);
    expect(receiver.at('/hang')).to.have.length(4);
    expect(receiver.at('/fail').length).to.be.below(10);
  });

  it(`gives a try ${TRY_MS / 1000} s for all of it`, async () => {
    receiver.replies.set('/hook', () => undefined);
    const id = await cancelled(receiver.url());
    await receiver.until(() => receiver.received.length === 1);
    await advance(TRY_MS - 1);
    expect((await found(id)).tryCount).to.equal(0);
    await advance(1);
    const { tries } = await recorded(id, 1);
    expect(tries).to.have.length(1);
    expect(tries[0]).to.deep.include({
      durationMs: TRY_MS,
      failure: { reason: 'TIMED_OUT', message: 'no answer in time' },
    });
  });

  it('has a bounded number of tries under way, those to failing endpoints apart', async () => {
    let open = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    delivery = openWith((letter) => {
      most = Math.max(most, (open += 1));
      return new Promise((resolve) => {
        const end = () => {
          open -= 1;
          resolve({ status: letter.url.includes('down') ? 503 : 200 });
        };
        waiting.push(end);
      });
    });
    await Promise.all(Array.from({ length: 300 }, (_, n) => cancelled(`https://${n}.example/`)));
    await until(() => open === 128);
    await settle(50);
    expect(most).to.equal(128);
    while ((await store.webhookStats()).pending > 0) {
      for (const end of waiting.splice(0)) end();
      await settle(5);
    }
    await Promise.all(Array.from({ length: 100 }, (_, n) => cancelled(`https://down${n}.example/`)));
    while (tried.length < 400) {
      for (const end of waiting.splice(0)) end();
      await settle(5);
    }
    await advance(5_000);
    await until(() => open === 32);
    await settle(50);
    expect(open).to.equal(32);
    await cancelled('https://healthy.example/');
    await until(() => open === 33);
    for (const end of waiting.splice(0)) end();
    await settle(20);
    for (const end of waiting.splice(0)) end();
  });

  const openWith = (fake: Post): WebhookDelivery => open({ post: fake });

  describe('stop()', () => {
    it('lets a try under way end and begins no other', async () => {
      let answer: () => void = () => undefined;
      receiver.replies.set('/hook', (response) => (answer = () => response.writeHead(204).end()));
      const id = await cancelled(receiver.url());
      await receiver.until(() => receiver.received.length === 1);
      const stopped = delivery.stop(new AbortController().signal);
      await cancelled(receiver.url('/other'));
      answer();
      await stopped;
      expect(await found(id)).to.deep.include({ state: 'delivered', tryCount: 1 });
      expect(receiver.at('/other')).to.deep.equal([]);
      expect(clock.waiting).to.equal(0);
    });

    it('cuts off what does not end within the grace, which is tried again', async () => {
      receiver.replies.set('/hook', () => undefined);
      const id = await cancelled(receiver.url());
      await receiver.until(() => receiver.received.length === 1);
      const grace = new AbortController();
      const stopped = delivery.stop(grace.signal);
      grace.abort();
      await stopped;
      expect(await found(id)).to.deep.include({ state: 'pending', tryCount: 0 });
      receiver.replies.clear();
      delivery = open();
      delivery.wake();
      await settle(50);
      expect(receiver.received).to.have.length(1);
      await advance(60_000);
      expect(await recorded(id, 1)).to.deep.include({ state: 'delivered' });
      expect(receiver.received).to.have.length(2);
    });
  });

  it('goes on after the outbox failed', async () => {
    const failures: unknown[] = [];
    let broken = true;
    const outbox: WebhookDeliveryOptions['outbox'] = {
      claimWebhooks: (request) =>
        broken ? Promise.reject(new Error('no room')) : store.claimWebhooks(request),
      recordTry: (record) => store.recordTry(record),
      findWebhook: (query) => store.findWebhook(query),
      redeliver: (request) => store.redeliver(request),
      webhookStats: () => store.webhookStats(),
    };
    delivery = open({ outbox, onError: (error) => failures.push(error) });
    const id = await cancelled(receiver.url());
    await until(() => failures.length === 1);
    broken = false;
    await advance(5_000);
    expect(await recorded(id, 1)).to.deep.include({ state: 'delivered' });
  });
});
