import { expect } from 'chai';
import { Task, TaskKind, TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import { preferredWait } from '../../src/rest/wait.js';
import { call, openBridge, postJson, type OpenBridge } from '../support/rest-bridge.js';
import { restClock, type RestClock } from '../support/rest-clock.js';
import { NOW } from '../support/rest-proxy.js';

const pending = Task.fromPartial({
  id: 'w',
  kind: TaskKind.SUMMARIZATION,
  language: 'en',
  state: TaskState.PENDING,
  revision: 1n,
  createTime: NOW,
  queueTime: NOW,
});
const processing = { ...pending, state: TaskState.PROCESSING, revision: 2n };
const completed = Task.fromPartial({
  ...pending,
  state: TaskState.COMPLETED,
  revision: 3n,
  endTime: NOW,
  result: { output: { $case: 'text', value: 'short' } },
});
const TEXT = 'A text that is long enough to be made shorter.';

describe('waiting over REST', () => {
  let open: OpenBridge;
  let clock: RestClock;
  before(async () => {
    clock = restClock();
    open = await openBridge({ clock });
  });
  beforeEach(() => {
    open.proxy.requests.length = 0;
    open.proxy.tasks.clear();
    open.proxy.tasks.set('w', pending);
  });
  after(() => open.close());

  const get = (query: string, init: RequestInit = {}) => call(`${open.url}/api/v1/tasks/w?${query}`, init);
  const methods = () => open.proxy.requests.map(({ method }) => method);

  it('answers when the task is final, by one watch', async () => {
    const answer = get('wait=30');
    await open.proxy.watched(1);
    open.proxy.change(processing);
    open.proxy.change(completed);
    expect((await answer).json).to.deep.include({ status: 'completed' });
    expect(methods()).to.deep.equal(['watchTask']);
    await clock.waiting(0);
  });

  it('answers with the task as it is when the time is over', async () => {
    const answer = get('wait=30');
    await open.proxy.watched(1);
    open.proxy.change(processing);
    clock.pass(29_999);
    await open.proxy.watched(1);
    clock.pass(1);
    expect(await answer)
      .to.deep.include({ status: 200 })
      .and.have.nested.property('json.status', 'processing');
    await open.proxy.watched(0);
  });

  it('answers at once for a task that is final', async () => {
    open.proxy.tasks.set('w', completed);
    expect((await get('wait=60')).json).to.deep.include({ status: 'completed' });
  });

  it('waits for 60 seconds at most', async () => {
    const answer = get('wait=86400');
    await open.proxy.watched(1);
    clock.pass(60_000);
    expect((await answer).json).to.deep.include({ status: 'pending' });
  });

  it('asks once and does not wait without it', async () => {
    await get('wait=0');
    await get('');
    expect(methods()).to.deep.equal(['getTask', 'getTask']);
  });

  for (const wait of ['-1', 'soon', '1.5', '1e99', '99999999999']) {
    it(`refuses wait=${wait}`, async () => {
      const { status, json } = await get(`wait=${wait}`);
      expect(status).to.equal(422);
      expect(json).to.have.deep.nested.property('detail[0].loc', ['query', 'wait']);
    });
  }

  it('frees the watch of a client that goes away', async () => {
    const gone = new AbortController();
    const answer = get('wait=30', { signal: gone.signal }).catch((error: unknown) => error);
    await open.proxy.watched(1);
    gone.abort();
    await open.proxy.watched(0);
    await clock.waiting(0);
    expect(await answer).to.have.property('name', 'AbortError');
  });

  it('answers with what is known when the proxy shuts down', async () => {
    const answer = get('wait=30');
    await open.proxy.watched(1);
    open.proxy.change(processing);
    open.proxy.endWatches();
    expect(await answer)
      .to.have.nested.property('json.status')
      .that.is.oneOf(['pending', 'processing']);
  });

  for (const [who, headers] of [
    ['', {}],
    [' to one who shows a key', { 'x-api-key': 'a' }],
  ] as const)
    it(`answers with what is known${who} when the bridge closes, within its grace`, async () => {
      const own = await openBridge({ clock });
      own.proxy.tasks.set('w', pending);
      const answer = call(`${own.url}/api/v1/tasks/w?wait=30`, { headers });
      const events = fetch(`${own.url}/api/v1/tasks/w/events`, { headers }).then((response) =>
        response.text(),
      );
      await own.proxy.watched(2);
      await Promise.all([own.bridge.close(60_000), own.proxy.watched(0)]);
      expect(await answer).to.have.nested.property('json.status', 'pending');
      expect(await events).to.match(/^: watching\n\n/);
      await own.close();
    });

  it('keeps a preference and says so, also at the older path', async () => {
    const headers = { prefer: 'respond-async, wait=300' };
    const answer = call(`${open.url}/api/v1/task/w/result`, { headers });
    await open.proxy.watched(1);
    open.proxy.change(completed);
    const { headers: answered, json } = await answer;
    expect(answered.get('preference-applied')).to.equal('wait=60');
    expect(json).to.deep.include({ status: 'completed' });
  });

  it('leaves a preference that it does not understand alone', async () => {
    const { status, headers } = await get('', { headers: { prefer: 'wait=soon' } });
    expect(status).to.equal(200);
    expect(headers.has('preference-applied')).to.equal(false);
  });

  it('waits after a submission, whatever the carrier, and answers with both shapes', async () => {
    const url = `${open.url}/api/v1/summarization`;
    const body = { text: TEXT, source_language: 'en' };
    for (const submit of [
      () => postJson(url, body, { prefer: 'wait=10', 'idempotency-key': 'a' }),
      () => postJson(url, { ...body, wait: 10 }, { 'idempotency-key': 'b' }),
      () => postJson(`${url}?wait=10`, body, { 'idempotency-key': 'c' }),
    ]) {
      const answer = submit();
      await open.proxy.watched(1);
      const id = [...open.proxy.tasks.keys()].at(-1)!;
      open.proxy.change({ ...completed, id });
      expect((await answer).json).to.deep.include({
        task_id: id,
        status: 'completed',
        message: 'Summarization task submitted successfully',
        task_type: 'summarization',
        source_language: 'en',
        estimated_completion_time: null,
        error_message: null,
      });
      expect((await answer).json).to.have.nested.property('result.text', 'short');
    }
  });

  it('does not watch for a submission that does not wait', async () => {
    await postJson(`${open.url}/api/v1/summarization`, { text: TEXT, source_language: 'en' });
    expect(methods()).to.deep.equal(['submitTask']);
  });

  it('submits nothing when the wait is refused', async () => {
    const body = { text: TEXT, source_language: 'en', wait: -1 };
    expect(await postJson(`${open.url}/api/v1/summarization`, body)).to.include({ status: 422 });
    expect(methods()).to.deep.equal([]);
  });

  it('lets 120 wait on one connection and answers others meanwhile', async () => {
    const answers = Array.from({ length: 120 }, () => get('wait=30'));
    await open.proxy.watched(120);
    expect((await get('wait=0')).json).to.deep.include({ status: 'pending' });
    open.proxy.change(completed);
    for (const { json } of await Promise.all(answers)) expect(json).to.deep.include({ status: 'completed' });
  });
});

describe('preferredWait()', () => {
  const cases: readonly [header: string | undefined, seconds: number | undefined][] = [
    [undefined, undefined],
    ['wait=10', 10],
    ['WAIT = "10"', 10],
    ['respond-async, wait=5;x=y', 5],
    ['wait=5, wait=9', 5],
    ['wait=-5', undefined],
    ['wait', undefined],
    ['await=5', undefined],
    ['wait="5', undefined],
    [`wait=${'9'.repeat(30)}`, undefined],
  ];
  for (const [header, seconds] of cases) {
    it(`reads ${String(header)}`, () => {
      expect(preferredWait(header)).to.equal(seconds);
    });
  }
});
