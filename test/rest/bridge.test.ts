import { expect } from 'chai';
import { errorAnswer } from '../../src/rest/error-answer.js';
import { call, openBridge, postJson, rawConnection, type OpenBridge } from '../support/rest-bridge.js';

const ROUTES = {
  '/api/v1/transcription': ['post'],
  '/api/v1/tts': ['post'],
  '/api/v1/summarization': ['post'],
  '/api/v1/tasks': ['get'],
  '/api/v1/tasks/{task_id}': ['delete', 'get'],
  '/api/v1/tasks/{task_id}/audio': ['get', 'head'],
  '/api/v1/tasks/{task_id}/events': ['get'],
  '/api/v1/tasks/{task_id}/input': ['get'],
  '/api/v1/tasks/{task_id}/result': ['get'],
  '/api/v1/tasks/{task_id}/cancel': ['post'],
  '/api/v1/tasks/{task_id}/webhook': ['get'],
  '/api/v1/tasks/{task_id}/webhook/redeliver': ['post'],
  '/api/v1/task/{task_id}/result': ['get'],
  '/api/v1/task/{task_id}/responses': ['get'],
  '/api/v1/content/{sha256}': ['get', 'head', 'patch'],
  '/api/v1/health': ['get'],
  '/health': ['get'],
  '/api/v1/miners': ['get'],
  '/api/v1/miners/{hotkey}': ['get'],
  '/api/v1/validator/integration': ['get'],
  '/api/v1/validator/distribute': ['get', 'post'],
  '/api/v1/validator/submit_result': ['post'],
  '/docs': ['get'],
  '/openapi.json': ['get'],
  '/v1/audio/speech': ['post'],
  '/v1/audio/transcriptions': ['post'],
  '/v1/audio/translations': ['post'],
  '/v1/chat/completions': ['post'],
  '/v1/models': ['get'],
  '/v1/models/{model}': ['get'],
};

interface Document {
  readonly paths: Record<string, Record<string, { summary: string; requestBody?: { content: object } }>>;
}

describe('bridge', () => {
  let open: OpenBridge;
  before(async () => (open = await openBridge()));
  after(() => open.close());

  describe('GET /openapi.json', () => {
    const document = async () => (await call(`${open.url}/openapi.json`)).json as Document;

    it('describes every route and no other', async () => {
      const { paths } = await document();
      const described = Object.entries(paths).map(([path, methods]) => [path, Object.keys(methods).sort()]);
      expect(Object.fromEntries(described)).to.deep.equal(ROUTES);
      for (const methods of Object.values(paths)) {
        for (const operation of Object.values(methods)) expect(operation.summary).to.match(/^[A-Z]/);
      }
    });

    it('names the media types of a body', async () => {
      const { paths } = await document();
      for (const path of ['/api/v1/transcription', '/api/v1/tts'])
        expect(Object.keys(paths[path]!.post!.requestBody!.content)).to.deep.equal([
          'application/json',
          'application/x-www-form-urlencoded',
          'multipart/form-data',
        ]);
      expect(Object.keys(paths['/api/v1/content/{sha256}']!.patch!.requestBody!.content)).to.deep.equal([
        'application/offset+octet-stream',
      ]);
    });
  });

  it('shows every operation with a command on /docs, without anything from elsewhere', async () => {
    const response = await fetch(`${open.url}/docs`);
    const page = await response.text();
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    for (const path of Object.keys(ROUTES)) expect(page).to.include(path);
    expect(page).to.include(`-F &#34;audio_file=@test_audio.wav&#34;`);
    expect(page).not.to.match(/<script|<link|<img|src=/);
  });

  it('escapes the host that a page is asked of', async () => {
    const { socket, until } = await rawConnection(open.port);
    socket.write('GET /docs HTTP/1.1\r\nhost: <script>"\r\nconnection: close\r\n\r\n');
    const page = await until(/<\/html>/);
    expect(page).not.to.include('<script>');
    socket.destroy();
  });

  it('answers 404 for an unknown path', async () => {
    expect(await call(`${open.url}/nothing`)).to.deep.include({ status: 404, json: { detail: 'Not Found' } });
  });

  for (const [method, path, allow] of [
    ['GET', '/api/v1/tts', 'POST'],
    ['PUT', '/api/v1/tasks/a', 'GET, DELETE'],
    ['POST', '/health', 'GET'],
  ] as const) {
    it(`answers 405 for ${method} ${path}`, async () => {
      const { status, headers, json } = await call(`${open.url}${path}`, { method });
      expect(status).to.equal(405);
      expect(headers.get('allow')).to.equal(allow);
      expect(json).to.deep.equal({ detail: 'Method Not Allowed' });
    });
  }

  describe('x-request-id', () => {
    const idOf = async (headers: Record<string, string> = {}) =>
      (await call(`${open.url}/nothing`, { headers })).headers.get('x-request-id');

    it('is new for each request', async () => {
      const [first, second] = [await idOf(), await idOf()];
      expect(first).to.match(/^[0-9a-f-]{36}$/);
      expect(first).not.to.equal(second);
    });

    it('is the one of the caller', async () => {
      expect(await idOf({ 'x-request-id': 'abc-1.2:3' })).to.equal('abc-1.2:3');
    });

    for (const id of ['a b', 'x'.repeat(129), '<b>']) {
      it(`is never ${id.slice(0, 10)}`, async () => {
        expect(await idOf({ 'x-request-id': id })).not.to.equal(id);
      });
    }
  });

  it('lets pages of every origin call, without credentials', async () => {
    const { headers } = await call(`${open.url}/health`, { headers: { origin: 'https://a.example' } });
    expect(headers.get('access-control-allow-origin')).to.equal('*');
    expect(headers.get('access-control-allow-credentials')).to.equal(null);
  });

  it('answers a preflight', async () => {
    const { status, headers } = await call(`${open.url}/api/v1/tts`, {
      method: 'OPTIONS',
      headers: {
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'idempotency-key',
      },
    });
    expect(status).to.equal(204);
    expect(headers.get('access-control-allow-methods')).to.include('POST').and.include('PATCH');
    expect(headers.get('access-control-allow-headers')).to.equal('idempotency-key');
  });

  it('names the headers of its own that a page may read', async () => {
    const { headers } = await call(`${open.url}/health`, { headers: { origin: 'https://a.example' } });
    expect(headers.get('access-control-expose-headers')?.split(', ')).to.include.members([
      'preference-applied',
      'retry-after',
      'x-request-id',
      'x-should-retry',
      'x-task-id',
    ]);
    expect(headers.has('vary')).to.equal(false);
  });

  describe('with origins', () => {
    let some: OpenBridge;
    before(
      async () => (some = await openBridge({ crossOrigins: ['https://a.example', 'http://b.example:81'] })),
    );
    after(() => some.close());

    const allowed = async (origin: string | undefined, method: string) => {
      const init = { method, ...(origin !== undefined && { headers: { origin } }) };
      const { headers } = await call(`${some.url}/api/v1/tasks`, init);
      expect(headers.get('vary')).to.equal('origin');
      return [headers.get('access-control-allow-origin'), headers.get('access-control-allow-methods')];
    };

    it('lets their pages call', async () => {
      expect(await allowed('https://a.example', 'GET')).to.deep.equal(['https://a.example', null]);
      const [origin, methods] = await allowed('http://b.example:81', 'OPTIONS');
      expect(origin).to.equal('http://b.example:81');
      expect(methods).to.include('POST');
    });

    for (const origin of [
      'https://b.example',
      'http://a.example',
      'https://a.example.evil',
      'null',
      undefined,
    ]) {
      it(`lets no page of ${origin ?? 'nowhere'} call`, async () => {
        for (const method of ['GET', 'OPTIONS'])
          expect(await allowed(origin, method)).to.deep.equal([null, null]);
      });
    }
  });

  it('tells of each answer', async () => {
    const before = open.answered.length;
    await call(`${open.url}/api/v1/tasks/none`);
    const { durationMs, ...answer } = open.answered[before]!;
    expect(answer).to.deep.equal({ method: 'GET', route: '/api/v1/tasks/:task_id', status: 404 });
    expect(durationMs).to.be.at.least(0);
  });

  it('answers a head that is too large with 431', async () => {
    const { socket, closed } = await rawConnection(open.port);
    socket.write(`GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    expect(await closed).to.match(/^HTTP\/1.1 431 /);
  });

  it('tells nothing of an error that nobody foresaw', async () => {
    open.proxy.refusals.set('submitTask', new Error('/secret/path'));
    const { status, json } = await postJson(`${open.url}/api/v1/tts`, {
      text: 'Hello',
      source_language: 'en',
    });
    open.proxy.refusals.clear();
    expect(status).to.equal(500);
    expect(json).to.deep.equal({ detail: 'internal error', reason: 'INTERNAL' });
    expect(errorAnswer(new TypeError('/secret/path'), 1).body).to.deep.equal({
      detail: 'internal error',
      reason: 'INTERNAL',
    });
  });
});
