import { expect } from 'chai';
import { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { UploadHeader } from '../../gen/ts/audiosubnet/v1/content_service.js';
import { ClaimTasksRequest } from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { openKeyedProxy, type Clients, type KeyedProxy } from '../support/keyed-proxy.js';
import { refused } from '../support/refused.js';

/** Resolves when it has begun, with the promise of its end: wrapped, or waiting for one would wait for the other. */
type Begin = (clients: Clients) => Promise<{ readonly end: Promise<unknown> }>;

async function begun<T>(stream: AsyncIterable<T>): Promise<{ readonly end: Promise<unknown> }> {
  const messages = stream[Symbol.asyncIterator]();
  await messages.next();
  const end = async () => {
    while ((await messages.next()).done !== true);
  };
  return { end: end() };
}

describe('a key that is revoked', () => {
  let proxy: KeyedProxy;

  beforeEach(async () => {
    proxy = await openKeyedProxy();
  });
  afterEach(() => proxy.close());

  const submission = SubmitTaskRequest.fromPartial({
    task: { kind: { $case: 'tts', value: { text: 'Hello' } }, language: 'en' },
  });
  const watch =
    (maxInFlight: number): Begin =>
    ({ validators }) =>
      begun(validators.watchPendingTasks({ sessionId: '', validatorHotkey: 'v', maxInFlight, kinds: [] }));
  const calls: Readonly<Record<string, Begin>> = {
    'WatchPendingTasks that leases': watch(1),
    'WatchPendingTasks that observes': watch(0),
    WatchTask: async ({ tasks }) => {
      const { task } = await tasks.submitTask(submission);
      return begun(tasks.watchTask({ id: task?.id ?? '', afterRevision: 0n }));
    },
    'UploadContent that goes on': async ({ content }) => {
      let begin: () => void = () => undefined;
      const opened = new Promise<void>((resolve) => (begin = resolve));
      const forever = async function* () {
        yield Buffer.alloc(1024);
        begin();
        await new Promise(() => undefined);
      };
      const end = content.uploadContent(forever(), UploadHeader.create());
      await opened;
      // The call is open at the proxy once that has opened the upload.
      while (proxy.content.opened === 0) await new Promise((resolve) => setImmediate(resolve));
      return { end };
    },
    'ClaimTasks that waits': async ({ validators, tasks }) => {
      const wait = { seconds: 30n, nanos: 0 };
      const end = validators.claimTasks(ClaimTasksRequest.fromPartial({ maxTasks: 1, wait, kinds: [3] }));
      // Behind it on the same connection.
      await tasks.getQueueStats({});
      return { end };
    },
  };
  for (const [name, begin] of Object.entries(calls))
    it(`ends ${name}`, async () => {
      const { id, text } = await proxy.keys.create('submit', 'read', 'validate');
      const { end } = await begin(proxy.as(text));
      const ended = refused(end);
      await proxy.keys.revoke(id);
      expect((await ended).reason).to.equal('UNAUTHENTICATED');
    });

  it('leaves the calls of others alone, and what an upload had brought is not stored', async () => {
    const { id, text } = await proxy.keys.create('submit');
    const other = await proxy.keys.create('validate');
    const { end } = await calls['UploadContent that goes on']!(proxy.as(text));
    const stays = await watch(1)(proxy.as(other.text));
    let over = false;
    stays.end.catch(() => (over = true));
    const ended = refused(end);
    await proxy.keys.revoke(id);
    await ended;
    expect(over).to.equal(false);
    expect(proxy.content.stored.size).to.equal(0);
    expect(proxy.content.aborted).to.equal(1);
  });

  it('ends the streams of those without a key when the first one is made', async () => {
    const { end } = await watch(1)(proxy.as(undefined));
    const ended = refused(end);
    await proxy.keys.create('read');
    expect((await ended).reason).to.equal('UNAUTHENTICATED');
  });

  it('ends those of the secret before when a key is rotated', async () => {
    const { id, text } = await proxy.keys.create('validate');
    const { end } = await watch(1)(proxy.as(text));
    const ended = refused(end);
    const renewed = await proxy.keys.rotate(id, 0);
    expect((await ended).reason).to.equal('UNAUTHENTICATED');
    await watch(1)(proxy.as(renewed));
  });
});

describe('what a proxy logs', () => {
  it('has no key in it, neither right nor wrong', async () => {
    const proxy = await openKeyedProxy();
    const { id, text } = await proxy.keys.create('read');
    const shown = [text, `${text}x`, 'sk-of-somebody-else', 'Not-Even-A-Key'];
    for (const key of shown) {
      const { tasks } = proxy.as(key);
      await tasks.listTasks({ pageSize: 0, pageToken: '', state: 0, kind: 0 }).catch(() => undefined);
      await tasks.submitTask(submission()).catch(() => undefined);
      for (const headers of [
        { 'x-api-key': key },
        { authorization: `Bearer ${key}` },
        { authorization: key },
      ])
        for (const path of ['/api/v1/tasks', '/api/v1/nothing', `/api/v1/tasks/x`])
          await fetch(proxy.url + path, { headers });
    }
    await proxy.keys.revoke(id);
    await proxy.close();
    const log = proxy.logged.join('');
    expect(log).to.include('refused');
    for (const key of shown) expect(log).not.to.include(key);
  });

  const submission = () =>
    SubmitTaskRequest.fromPartial({
      task: { kind: { $case: 'tts', value: { text: 'Hello' } }, language: 'en' },
    });
});
