import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { Installation } from '../support/installation.js';
import { freePorts } from '../support/program.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const ROOT = new URL('../../../', import.meta.url).pathname;

describe('webhooks of a running proxy', function () {
  this.timeout(60_000);
  let installation: Installation;
  let receiver: WebhookReceiver;

  beforeEach(async () => {
    installation = await Installation.create(0);
    receiver = await new WebhookReceiver().listen();
  });
  afterEach(async () => {
    await installation.dispose();
    await receiver.close();
  });

  const startProxy = () => installation.startProxy('--webhooks.allow_private');
  const secretFile = () => join(installation.dataDir, 'webhook-secret');

  /** A task that ended, by its id. */
  async function ended(callbackUrl: string): Promise<string> {
    const { task_id: id } = (await post('/api/v1/tts', {
      text: 'Hello world',
      source_language: 'en',
      callback_url: callbackUrl,
    })) as { task_id: string };
    await post(`/api/v1/tasks/${id}/cancel`, {});
    return id;
  }

  async function post(path: string, body: object): Promise<unknown> {
    const response = await fetch(`${installation.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status, path).to.equal(200);
    return response.json();
  }

  async function webhook(id: string) {
    const response = await fetch(`${installation.url}/api/v1/tasks/${id}/webhook`);
    return (await response.json()) as { status: string; try_count: number; tries: unknown[] };
  }

  async function delivered(ids: readonly string[]): Promise<void> {
    for (const id of ids)
      while ((await webhook(id)).status !== 'delivered')
        await new Promise((resolve) => setTimeout(resolve, 20));
  }

  it('come after a kill -9 between the final state and the delivery, with the same ids, signed', async () => {
    const proxy = await startProxy();
    receiver.replies.set('/hook', () => undefined);
    const ids = await Promise.all(Array.from({ length: 8 }, () => ended(receiver.url())));
    // Half of them are being tried, the others wait for their endpoint.
    await receiver.until(() => receiver.received.length === 4);
    await proxy.kill('SIGKILL');
    const before = receiver.received.splice(0);
    receiver.replies.clear();
    await startProxy();
    await delivered(ids);
    const came = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect([...new Set(came)]).to.have.members(ids.map((id) => `msg_${id}`));
    const signer = new Webhook((await readFile(secretFile(), 'utf8')).trim());
    for (const { headers, body } of [...before, ...receiver.received])
      expect(signer.verify(body, headers)).to.have.nested.property('data.status', 'cancelled');
    const metrics = await (await fetch(`http://127.0.0.1:${installation.ports.metrics}/metrics`)).text();
    expect(metrics)
      .to.include('audio_subnet_webhooks{state="pending"} 0')
      .and.include('audio_subnet_webhook_oldest_pending_seconds 0')
      .and.match(/audio_subnet_webhook_tries_total\{outcome="delivered"\} [89]/);
  });

  it('that are being tried end within the grace of a shutdown; private places are refused unless allowed', async () => {
    const proxy = await startProxy();
    let answer: () => void = () => undefined;
    receiver.replies.set('/hook', (response) => (answer = () => response.writeHead(204).end()));
    const id = await ended(receiver.url());
    await receiver.until(() => receiver.received.length === 1);
    const stopped = proxy.kill('SIGTERM');
    await proxy.line(({ msg }) => msg === 'stopping');
    answer();
    expect(await stopped).to.equal(0);
    await installation.startProxy();
    expect(await webhook(id)).to.include({ status: 'delivered', try_count: 1 });
    expect(receiver.received).to.have.length(1);
    // This one was not told to allow private places.
    const response = await fetch(`${installation.url}/api/v1/tts`, {
      method: 'POST',
      body: new URLSearchParams({ text: 'Hello', source_language: 'en', callback_url: receiver.url() }),
    });
    expect(response.status).to.equal(422);
    expect(await response.text()).to.include('must name a host on the public internet');
  });

  it('are verified by the receiver of the README', async () => {
    await startProxy();
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const section = readme.split('## Webhooks\n')[1]?.split('\n## ')[0] ?? '';
    const snippet = /```js\n([^]*?)```/.exec(section)?.[1] ?? '';
    const [port = 0] = await freePorts(1);
    // Beside node_modules, where its import is found.
    const file = join(ROOT, 'dist', `receiver-${port}.mjs`);
    await writeFile(
      file,
      snippet.replace('.listen(3000)', `.listen(${port}, '127.0.0.1', () => console.log('listening'))`),
    );
    const child = spawn(process.execPath, [file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, WEBHOOK_SECRET_FILE: secretFile() },
    });
    try {
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      while (!said.includes('listening')) await once(child.stdout, 'data');
      const at = `http://127.0.0.1:${port}/`;
      const id = await ended(at);
      await delivered([id]);
      while (!said.includes(id)) await once(child.stdout, 'data');
      expect(said).to.include(`task.cancelled ${id} cancelled`);
      const forged = await fetch(at, {
        method: 'POST',
        body: '{"type":"task.completed","data":{}}',
        headers: {
          'webhook-id': 'msg_1',
          'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
          'webhook-signature': 'v1,Zm9yZ2Vk',
        },
      });
      expect(forged.status).to.equal(401);
    } finally {
      child.kill();
      await rm(file);
    }
  });
});
