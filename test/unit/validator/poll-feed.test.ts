import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { LeaseToken, TaskId } from '../../../src/domain/ids.js';
import { PollFeed } from '../../../src/validator/poll-feed.js';
import type { FeedSettlement } from '../../../src/validator/ports/task-feed.js';
import { rejection } from './rejection.js';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: unknown;
}

describe('PollFeed', () => {
  let server: Server;
  let feed: PollFeed;
  let seen: Seen[];
  const authorizations: (string | undefined)[] = [];
  let answer: { status: number; body: string };
  const { signal } = new AbortController();

  before(async () => {
    server = createServer((request, response) => {
      authorizations.push(request.headers.authorization);
      void bodyOf(request).then((body) => {
        seen.push({ method: request.method, url: request.url, body });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });

  beforeEach(() => {
    const { port } = server.address() as AddressInfo;
    feed = new PollFeed({ baseUrl: `http://127.0.0.1:${port}`, holder: 'me' });
    seen = [];
    authorizations.length = 0;
    answer = { status: 200, body: '{}' };
  });

  const settlement = (outcome: FeedSettlement['outcome']): FeedSettlement => ({
    id: 't' as TaskId,
    kind: 'tts',
    token: 'ab' as LeaseToken,
    outcome,
    responses: [
      { minerUid: 3, hotkey: 'h', validatorMs: 1500, errorMessage: 'no', selected: false, model: '' },
    ],
  });
  const completed: FeedSettlement['outcome'] = {
    kind: 'completed',
    result: {
      output: { kind: 'inline', bytes: Buffer.from([0, 255]) },
      mediaType: 'audio/wav',
      model: 'flite/slt',
      minerUid: 3,
      minerHotkey: 'h',
      score: {
        accuracy: 0.5,
        speed: 0.25,
        combined: 0.4,
        parts: [{ name: 'sound', explanation: 'Not heard.' }],
        policyVersion: '1',
        policyHash: 'ff',
      },
      minerProcessingMs: 250,
      validatorMs: 1500,
      segments: [{ startMs: 0, endMs: 1_250, text: 'hi' }],
    },
  };

  it('reads how many tasks wait', async () => {
    answer.body = '{"queue_stats":{"pending_count":7}}';
    expect(await feed.pending(signal)).to.equal(7);
    expect(seen).to.deep.equal([{ method: 'GET', url: '/api/v1/validator/integration', body: undefined }]);
  });

  it('shows its key with every request, and none without one', async () => {
    answer.body = '{"queue_stats":{"pending_count":0}}';
    const { port } = server.address() as AddressInfo;
    const keyed = new PollFeed({ baseUrl: `http://127.0.0.1:${port}`, holder: 'me', key: 'the-key' });
    for (const shown of [feed, keyed]) {
      await shown.check(signal);
      await shown.pending(signal);
      await shown.take(1, signal);
      await shown.settle(settlement({ kind: 'released', reason: 'r' }), signal);
    }
    expect(authorizations.splice(0)).to.deep.equal([
      ...Array<undefined>(4).fill(undefined),
      ...Array<string>(4).fill('Bearer the-key'),
    ]);
  });

  it('says that it is not let in', async () => {
    answer = { status: 401, body: '{"detail":"an API key is needed"}' };
    const error = await rejection(feed.take(1, signal));
    expect(error).to.include({ reason: 'UNAUTHENTICATED' });
    expect(error.metadata).to.deep.equal({ cause: 'UNAUTHENTICATED', status: '401' });
  });

  it('takes tasks with their leases', async () => {
    answer.body = JSON.stringify({
      message: '',
      task_count: 1,
      tasks: [
        {
          task_id: 't',
          task_type: 'tts',
          input_data: 'SGk=',
          language: 'en',
          priority: 'high',
          lease_token: 'ab',
          expires_in: 45,
          voice: 'slt',
        },
      ],
    });
    expect(await feed.take(4, signal)).to.deep.equal([
      {
        id: 't',
        token: 'ab',
        kind: 'tts',
        language: 'en',
        priority: 'high',
        payload: { kind: 'inline', bytes: Buffer.from('Hi') },
        voice: 'slt',
        leaseMs: 45_000,
        maxRunMs: 45_000,
      },
    ]);
    expect(seen[0]).to.deep.include({
      method: 'POST',
      url: '/api/v1/validator/distribute?limit=4&validator_hotkey=me',
    });
  });

  it('takes none when the key is absent', async () => {
    answer.body = '{"message":"nothing","task_count":0}';
    expect(await feed.take(4, signal)).to.deep.equal([]);
  });

  it('submits a result with its scores', async () => {
    expect(await feed.settle(settlement(completed), signal)).to.deep.equal({ kind: 'settled' });
    expect(seen[0]?.url).to.equal('/api/v1/validator/submit_result');
    expect(seen[0]?.body).to.deep.include({
      task_id: 't',
      lease_token: 'ab',
      status: 'completed',
      result: 'AP8=',
      processing_time: 0.25,
      validator_time: 1.5,
      miner_uid: 3,
      miner_hotkey: 'h',
      accuracy_score: 0.5,
      speed_score: 0.25,
      model: 'flite/slt',
      segments: [{ start: 0, end: 1.25, text: 'hi' }],
      validator_hotkey: 'me',
    });
    const { responses, parts } = seen[0]?.body as { responses: unknown[]; parts: unknown[] };
    expect(parts).to.deep.equal([{ name: 'sound', value: null, explanation: 'Not heard.' }]);
    expect(responses[0]).to.deep.include({
      miner_uid: 3,
      hotkey: 'h',
      error_message: 'no',
      accuracy_score: null,
    });
  });

  it('submits failures and releases', async () => {
    const failure = { reason: 'ALL_MINERS_FAILED', message: 'all' };
    await feed.settle(settlement({ kind: 'failed', failure, retryable: true }), signal);
    await feed.settle(settlement({ kind: 'released', reason: 'stopping' }), signal);
    expect(seen[0]?.body).to.deep.include({
      status: 'failed',
      error_reason: 'ALL_MINERS_FAILED',
      error_message: 'all',
      retryable: true,
    });
    expect(seen[1]?.body).to.deep.include({ status: 'released', error_message: 'stopping' });
  });

  const settled: readonly (readonly [number, string])[] = [
    [409, 'lost'],
    [404, 'lost'],
    [422, 'refused'],
    [413, 'refused'],
  ];
  for (const [status, kind] of settled) {
    it(`knows from ${status} that a settlement is ${kind}`, async () => {
      answer = { status, body: '{"detail":"LEASE_LOST"}' };
      expect((await feed.settle(settlement(completed), signal)).kind).to.equal(kind);
    });
  }

  it('calls a proxy in trouble unavailable', async () => {
    answer = { status: 503, body: '{"detail":"draining"}' };
    const error = await rejection(feed.settle(settlement(completed), signal));
    expect(error.reason).to.equal('UNAVAILABLE');
    expect(error.message).to.include('503').and.include('draining');
  });

  const odd: readonly (readonly [string, string, number])[] = [
    ['no JSON', '<html>', 200],
    ['another shape', '[]', 200],
    ['another server', 'not found', 404],
  ];
  for (const [name, body, status] of odd) {
    it(`names ${name} as an answer of HTTP that is not the proxy's`, async () => {
      answer = { status, body };
      expect((await rejection(feed.pending(signal))).metadata['cause']).to.equal('HTTP');
    });
  }

  it('names a port on which nothing listens', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await new Promise((resolve) => other.close(resolve));
    const error = await rejection(
      new PollFeed({ baseUrl: `http://127.0.0.1:${port}`, holder: '' }).check(signal),
    );
    expect(error.reason).to.equal('UNAVAILABLE');
    expect(error.metadata['cause']).to.equal('ECONNREFUSED');
  });
});

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
