import { expect } from 'chai';
import { Task, TaskKind, TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import { writeEvents } from '../../src/rest/server-sent-events.js';
import { call, openBridge, type OpenBridge } from '../support/rest-bridge.js';
import { restClock, type RestClock } from '../support/rest-clock.js';
import { NOW } from '../support/rest-proxy.js';

const pending = Task.fromPartial({
  id: 'e',
  kind: TaskKind.TRANSCRIPTION,
  language: 'en',
  state: TaskState.PENDING,
  revision: 1n,
  createTime: NOW,
  queueTime: NOW,
});
const processing = Task.fromPartial({
  ...pending,
  state: TaskState.PROCESSING,
  revision: 2n,
  progress: { fraction: 0.5, stage: 'recognizing' },
});
const completed = Task.fromPartial({
  ...pending,
  state: TaskState.COMPLETED,
  revision: 3n,
  endTime: NOW,
  result: { output: { $case: 'text', value: 'line one\nline two' } },
});

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly status: string };
}

/** Reads a stream block by block, as an EventSource does. */
async function* blocks(response: Response): AsyncGenerator<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      yield text.slice(0, end);
      text = text.slice(end + 2);
    }
  }
  expect(text).to.equal('');
}

function eventOf(block: string): Event {
  const [id, event, data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block)!.slice(1) as [
    string,
    string,
    string,
  ];
  return { id, event, data: JSON.parse(data) as Event['data'] };
}

describe('events over REST', () => {
  let open: OpenBridge;
  let clock: RestClock;
  before(async () => {
    clock = restClock();
    open = await openBridge({ clock });
  });
  beforeEach(() => {
    open.proxy.tasks.clear();
    open.proxy.tasks.set('e', pending);
  });
  after(() => open.close());

  const follow = (lastEventId?: string, signal?: AbortSignal) =>
    fetch(`${open.url}/api/v1/tasks/e/events`, {
      ...(lastEventId !== undefined && { headers: { 'last-event-id': lastEventId } }),
      ...(signal !== undefined && { signal }),
    });
  const next = async (stream: AsyncGenerator<string>) => (await stream.next()).value as string;

  it('tells each state as reading the task would, and ends after the final one', async () => {
    const response = await follow();
    expect(response.headers.get('content-type')).to.equal('text/event-stream');
    expect(response.headers.get('cache-control')).to.equal('no-store');
    const stream = blocks(response);
    expect(await next(stream)).to.match(/^: /);
    for (const task of [pending, processing, completed]) {
      if (task !== pending) open.proxy.change(task);
      const { id, event, data } = eventOf(await next(stream));
      expect({ id, event }).to.deep.equal({ id: String(task.revision), event: 'task' });
      expect(data).to.deep.equal((await call(`${open.url}/api/v1/tasks/e`)).json);
    }
    expect(await stream.next()).to.have.property('done', true);
    await open.proxy.watched(0);
  });

  it('goes on after the event seen last, and begins to answer at once', async () => {
    const stream = blocks(await follow('1'));
    expect(await next(stream)).to.match(/^: /);
    await open.proxy.watched(1);
    open.proxy.change(completed);
    expect(eventOf(await next(stream))).to.have.property('id', '3');
    expect(await stream.next()).to.have.property('done', true);
  });

  it('tells a reader that has seen the end not to come again', async () => {
    open.proxy.tasks.set('e', completed);
    const response = await follow('3');
    expect(response.status).to.equal(204);
    expect(await response.text()).to.equal('');
  });

  it('tells the end to a reader that missed it', async () => {
    open.proxy.tasks.set('e', completed);
    const stream = blocks(await follow('2'));
    await next(stream);
    expect(eventOf(await next(stream)).data.status).to.equal('completed');
  });

  it('begins anew for an id that is none of its own', async () => {
    for (const id of ['soon', '-1', '1.5', '9'.repeat(40)]) {
      const gone = new AbortController();
      const stream = blocks(await follow(id, gone.signal));
      await next(stream);
      expect(eventOf(await next(stream)).id).to.equal('1');
      gone.abort();
      await open.proxy.watched(0);
    }
  });

  it('keeps a silent connection alive every 15 seconds', async () => {
    const gone = new AbortController();
    const stream = blocks(await follow('1', gone.signal));
    await next(stream);
    await open.proxy.watched(1);
    for (let i = 0; i < 2; i++) {
      await clock.waiting(1);
      clock.pass(15_000);
      expect(await next(stream)).to.equal(': keep-alive');
    }
    gone.abort();
    await open.proxy.watched(0);
    await clock.waiting(0);
  });

  it('asks for no more than a reader takes', async () => {
    let asked = 0;
    async function* endless() {
      for (;;) {
        asked += 1;
        yield await Promise.resolve({ id: String(asked), event: 'task', data: '{}' });
      }
    }
    const written = writeEvents(endless(), restClock());
    for (let i = 0; i < 3; i++) await written.next();
    expect(asked).to.be.at.most(3);
    await written.return(undefined);
  });

  it('ends when the proxy shuts down, so that the reader comes again', async () => {
    const stream = blocks(await follow());
    await next(stream);
    await next(stream);
    open.proxy.endWatches();
    expect(await stream.next()).to.have.property('done', true);
  });
});
