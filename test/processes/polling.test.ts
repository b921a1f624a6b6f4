import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Installation } from '../support/installation.js';
import { finalTask, outputText, submitJson } from '../support/rest-client.js';

const TEXT = 'The first sentence of this text says something. The second one says more of it.';

/** A reverse proxy that speaks HTTP/1.1 alone, as many do. */
async function reverseProxy(port: number): Promise<Server> {
  const server = createServer((incoming, answer) => {
    const { method, url, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('a validator behind an HTTP/1.1 reverse proxy', function () {
  this.timeout(60_000);
  let installation: Installation;
  let front: Server;

  beforeEach(async () => {
    installation = await Installation.create(1);
    await installation.startProxy();
    await installation.startMiner();
    front = await reverseProxy(installation.ports.http);
  });
  afterEach(async () => {
    await installation.dispose();
    front.closeAllConnections();
    front.close();
  });

  it('polls the documented endpoints and settles over them', async () => {
    const { port } = front.address() as AddressInfo;
    const validator = installation.start(
      'validator',
      ...['--axon.port', '0'],
      '--proxy_server_url',
      `http://127.0.0.1:${port}`,
      '--proxy_check_interval',
      '1',
    );
    await validator.line(({ msg }) => msg === '🔍 Checking proxy server for pending tasks...');
    const task = await finalTask(installation.url, await submitJson(installation.url, 'summarization', TEXT));
    expect(task.status).to.equal('completed');
    expect(TEXT).to.include(outputText(task).split('. ')[0]);
    await validator.line(({ msg }) => msg === '📋 Found 1 pending tasks in proxy server');
  });
});
