import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { newKeyId, newKeyText } from '../../src/auth/key-text.js';
import { SCOPES, type Scope } from '../../src/domain/scope.js';
import { operationsOf, type Operation } from '../../src/rest/operations.js';
import { ROUTE_SCOPES } from '../../src/rest/route-scopes.js';
import { openKeyedProxy, type KeyedProxy } from '../support/keyed-proxy.js';
import { postJson } from '../support/rest-bridge.js';

const ID = '0198c5a0-0000-7000-8000-000000000000';
/** What a field needs to be so that its request gets as far as the proxy; others take anything of their type. */
const SAMPLES: Readonly<Record<string, string>> = {
  task_id: ID,
  text: 'A text that is long enough to be summarized.',
  source_language: 'en',
  result: 'aGVsbG8=',
};

function json(value: unknown): RequestInit {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** What a path names. */
const PLACES: Readonly<Record<string, string>> = { task_id: ID, sha256: 'a'.repeat(64) };

describe('access to every route', () => {
  let proxy: KeyedProxy;
  let operations: readonly Operation[];
  const keys = new Map<Scope, string>();

  before(async () => {
    proxy = await openKeyedProxy();
    for (const scope of SCOPES) keys.set(scope, (await proxy.keys.create(scope)).text);
    operations = operationsOf(await (await fetch(`${proxy.url}/openapi.json`)).json());
    // The first key ends the service without one.
    await fetch(`${proxy.url}/api/v1/tasks`, { headers: { 'x-api-key': keys.get('read') ?? '' } });
  });
  after(() => proxy.close());

  const ask = async (
    { method, path, fields }: Operation,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly detail: unknown }> => {
    const form = new FormData();
    for (const { name, place, required, type, binary } of fields) {
      if (place !== 'body' || !required) continue;
      if (binary) form.append(name, new Blob(['RIFF']), 'a.wav');
      else form.append(name, SAMPLES[name] ?? (type === 'string' ? 'x' : '1'));
    }
    const url = proxy.url + path.replace(/\{(\w+)\}/g, (_, name: string) => PLACES[name] ?? 'x');
    const response = await fetch(url, { method, headers, ...(method === 'POST' && { body: form }) });
    const text = await response.text();
    const isJson = text !== '' && response.headers.get('content-type')?.includes('json') === true;
    const { detail } = isJson ? (JSON.parse(text) as { detail?: unknown }) : { detail: undefined };
    return { status: response.status, headers: response.headers, detail };
  };

  const operationOf = (name: string): Operation => {
    const [method, url = ''] = name.split(' ');
    const path = url.replace(/:(\w+)/g, '{$1}');
    const operation = operations.find((other) => other.method === method && other.path === path);
    if (operation === undefined) throw new Error(`there is no ${name} any more`);
    return operation;
  };

  it('has an entry for each and for no other', () => {
    const served = operations.map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`);
    expect(Object.keys(ROUTE_SCOPES).sort()).to.deep.equal([...served].sort());
  });

  for (const [name, scope] of Object.entries(ROUTE_SCOPES)) {
    // Who may enter those waits for a task, or needs content of its own; they are asked below.
    if (typeof scope !== 'string' || name.endsWith('/content/:sha256')) continue;
    it(`of ${name} is for ${scope}`, async () => {
      const operation = operationOf(name);
      const isOpen = scope === 'open' || scope === 'public';
      const anonymous = await ask(operation, {});
      if (isOpen) expect(anonymous.status).to.be.below(500).and.not.oneOf([401, 403]);
      else expect(anonymous.status).to.equal(401);
      if (!isOpen) expect(anonymous.headers.get('www-authenticate')).to.equal('Bearer');

      const wrong = await ask(operation, { 'x-api-key': newKeyText(newKeyId()) });
      if (scope === 'open') expect(wrong.status).not.to.equal(401);
      else expect(wrong.status).to.equal(401);

      for (const [owned, key] of keys)
        for (const headers of [{ 'x-api-key': key }, { authorization: `Bearer ${key}` }]) {
          const { status, detail } = await ask(operation, headers);
          if (isOpen || owned === 'admin' || owned === scope)
            expect(
              status < 500 && status !== 401 && status !== 403,
              `${owned}: ${status} ${JSON.stringify(detail)}`,
            ).to.equal(true);
          else {
            expect(status, owned).to.equal(403);
            if (operation.method !== 'HEAD') expect(detail).to.include(scope);
          }
        }
    });
  }

  /** Bodies that get as far as the proxy. */
  const bodies: Readonly<Record<string, () => RequestInit>> = {
    'POST /v1/audio/transcriptions': () => {
      const body = new FormData();
      body.append('model', 'whisper-1');
      body.append('file', new Blob(['RIFF']), 'a.wav');
      return { body };
    },
    'POST /v1/audio/speech': () => json({ model: 'tts-1', voice: 'nova', input: 'Hello' }),
    'POST /v1/chat/completions': () =>
      json({ model: 'audio-subnet-summarize', messages: [{ role: 'user', content: SAMPLES['text'] }] }),
  };

  for (const [name, needed] of Object.entries(ROUTE_SCOPES)) {
    if (typeof needed === 'string') continue;
    it(`of ${name} is for ${needed.join(' and ')} together`, async () => {
      const [method = '', path = ''] = name.split(' ');
      const enter = async (headers: Readonly<Record<string, string>>) => {
        const init = bodies[name]?.() ?? {};
        const all = { ...(init.headers as Record<string, string> | undefined), ...headers };
        const response = await fetch(proxy.url + path, { ...init, method, headers: all });
        return { status: response.status, text: await response.text(), headers: response.headers };
      };
      for (const shown of [{}, { authorization: `Bearer ${newKeyText(newKeyId())}` }]) {
        const { status, headers, text } = await enter(shown);
        expect(status, text).to.equal(401);
        expect(headers.get('www-authenticate')).to.equal('Bearer');
      }
      for (const owned of ['submit', 'read', 'validate'] as const) {
        const { status, text } = await enter({ authorization: `Bearer ${keys.get(owned) ?? ''}` });
        expect(status, text).to.equal(403);
        expect(text).to.include(owned === 'submit' ? 'read' : 'submit');
      }
    });
  }

  it('of content is for those who upload it and those who read it', async () => {
    const bytes = Buffer.from('content');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const upload = {
      'upload-offset': '0',
      'upload-length': '7',
      'content-type': 'application/offset+octet-stream',
    };
    const statuses = async (key?: string) => {
      const shown: Record<string, string> = key === undefined ? {} : { 'x-api-key': key };
      const enter = (method: string, more = {}) =>
        fetch(`${proxy.url}/api/v1/content/${sha256}`, {
          method,
          headers: { ...shown, ...more },
          ...(method === 'PATCH' && { body: bytes }),
        }).then(({ status }) => status);
      return [await enter('PATCH', upload), await enter('HEAD'), await enter('GET')];
    };
    expect(await statuses()).to.deep.equal([401, 401, 401]);
    expect(await statuses(newKeyText(newKeyId()))).to.deep.equal([401, 401, 401]);
    expect(await statuses(keys.get('submit'))).to.deep.equal([204, 200, 403]);
    // Content of another owner is not there.
    expect(await statuses(keys.get('read'))).to.deep.equal([403, 404, 404]);
    expect(await statuses(keys.get('validate'))).to.deep.equal([403, 403, 403]);
    expect(await statuses(keys.get('admin'))).to.deep.equal([204, 200, 200]);
  });

  it('is refused when two headers show different keys', async () => {
    const [first = '', second = ''] = [keys.get('read'), keys.get('admin')];
    const list = operationOf('GET /api/v1/tasks');
    expect((await ask(list, { 'x-api-key': first, authorization: `Bearer ${first}` })).status).to.equal(200);
    const { status, detail } = await ask(list, { 'x-api-key': first, authorization: `Bearer ${second}` });
    expect(status).to.equal(401);
    expect(detail).to.equal('the call shows more than one API key');
  });

  it('is refused, not broken, by headers that no key has', async () => {
    const list = operationOf('GET /api/v1/tasks');
    for (const value of ['', ' ', 'Basic dTpw', 'Bearer', 'Bearer a b', '\u00ff\u00fe', 'x'.repeat(4_000)])
      for (const name of ['authorization', 'x-api-key'])
        expect((await ask(list, { [name]: value })).status, `${name}: ${value}`).to.equal(401);
  });

  it('of a long report is refused before its body is read', async () => {
    const statusOf = async (key?: string) => {
      const headers = { 'content-type': 'application/json', 'content-length': String(1024 * 1024) };
      const shown = key === undefined ? {} : { 'x-api-key': key };
      const url = `${proxy.url}/api/v1/validator/submit_result`;
      const sent = request(url, { method: 'POST', headers: { ...headers, ...shown } });
      // The body never comes.
      sent.flushHeaders();
      const [{ statusCode }] = (await once(sent, 'response')) as [IncomingMessage];
      sent.on('error', () => undefined).destroy();
      return statusCode;
    };
    expect(await statusOf()).to.equal(401);
    expect(await statusOf(newKeyText(newKeyId()))).to.equal(401);
    expect(await statusOf(keys.get('submit'))).to.equal(403);
  });

  it('of a result does not hide a task from those who may only hand it in', async () => {
    const { status, json } = await postJson(
      `${proxy.url}/api/v1/summarization`,
      { text: SAMPLES['text'], source_language: 'en', wait: 30 },
      { 'x-api-key': keys.get('submit') ?? '' },
    );
    expect(status).to.equal(200);
    expect(json).to.include({ status: 'pending' }).and.have.property('task_id');
  });

  it('is told in the document', async () => {
    const document = (await (await fetch(`${proxy.url}/openapi.json`)).json()) as {
      readonly components: { readonly securitySchemes: object };
      readonly paths: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
    };
    expect(document.components.securitySchemes).to.have.keys('bearer', 'apiKey');
    const { tasks, health } = {
      tasks: document.paths['/api/v1/tasks']?.['get'],
      health: document.paths['/health']?.['get'],
    };
    expect(tasks?.['security']).to.deep.equal([{ bearer: [] }, { apiKey: [] }]);
    expect(tasks?.['description']).to.include('`read`');
    expect(tasks?.['responses']).to.include.keys('200', '401', '403');
    expect(health).not.to.have.property('security');
  });
});

describe('a bridge that others than its machine reach', () => {
  it('serves nobody without a key in front of a proxy that serves its machine so', async () => {
    const proxy = await openKeyedProxy({ isPublic: true });
    const status = async (key?: string) =>
      (await fetch(`${proxy.url}/api/v1/tasks`, key === undefined ? {} : { headers: { 'x-api-key': key } }))
        .status;
    expect(await proxy.as(undefined).tasks.getQueueStats({})).to.have.property('stats');
    expect(await status()).to.equal(401);
    expect(await status('sk-of-somebody-else')).to.equal(401);
    expect((await fetch(`${proxy.url}/health`)).status).to.equal(200);
    expect(await status((await proxy.keys.create('read')).text)).to.equal(200);
    await proxy.close();
  });
});
