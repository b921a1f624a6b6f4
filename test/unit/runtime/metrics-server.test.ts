import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import { Counter, Registry } from 'prom-client';
import { startMetricsServer, type MetricsServer } from '../../../src/runtime/metrics-server.js';

describe('the metrics server', () => {
  let registry: Registry;
  let healthy: boolean;
  let logged: string[];
  let server: MetricsServer;

  const start = (port = 0) =>
    startMetricsServer({
      registry,
      host: '127.0.0.1',
      port,
      healthy: () => healthy,
      logger: { error: (_fields: unknown, text?: unknown) => logged.push(String(text)) },
    });
  const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method });

  beforeEach(async () => {
    registry = new Registry();
    healthy = true;
    logged = [];
    server = await start();
  });

  afterEach(() => server.close());

  it('serves the registry at /metrics in its own type', async () => {
    new Counter({ name: 'tasks_total', help: 'Tasks', registers: [registry] }).inc(3);
    const response = await get('/metrics?a=b');
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.equal(registry.contentType);
    expect(await response.text()).to.include('\ntasks_total 3\n');
  });

  it('says at /healthz whether the program can work', async () => {
    const well = await get('/healthz');
    expect([well.status, await well.text()]).to.deep.equal([200, 'ok\n']);
    healthy = false;
    const ill = await get('/healthz');
    expect([ill.status, await ill.text()]).to.deep.equal([503, 'unhealthy\n']);
  });

  it('answers HEAD without a body', async () => {
    const response = await get('/healthz', 'HEAD');
    expect([response.status, await response.text()]).to.deep.equal([200, '']);
  });

  it('refuses other paths and methods', async () => {
    expect((await get('/')).status).to.equal(404);
    const response = await get('/metrics', 'POST');
    expect([response.status, response.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD']);
  });

  it('answers 500 without the reason, and logs it, when a metric cannot be read', async () => {
    new Counter({
      name: 'broken_total',
      help: 'Broken',
      registers: [registry],
      collect: () => {
        throw new Error('secret');
      },
    });
    const response = await get('/metrics');
    expect([response.status, await response.text()]).to.deep.equal([500, 'metrics cannot be read\n']);
    expect(logged).to.deep.equal(['metrics cannot be read']);
  });

  it('rejects with the address when the port is taken', async () => {
    const error: unknown = await start(server.port).catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'EADDRINUSE', port: server.port });
  });

  it('closes what is open, and again is nothing', async () => {
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    await server.close();
    await closed;
    await server.close();
    const free = createServer().listen(server.port, '127.0.0.1');
    await once(free, 'listening');
    expect((free.address() as AddressInfo).port).to.equal(server.port);
    free.close();
  });
});
