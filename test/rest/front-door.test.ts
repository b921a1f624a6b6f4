import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { expect } from 'chai';
import { pino } from 'pino';
import { TaskKind, Task } from '../../gen/ts/audiosubnet/v1/task.js';
import { createFrontDoor, type FrontDoor } from '../../src/runtime/front-door.js';
import { protocolOf } from '../../src/runtime/protocol.js';
import { createChannel } from '../../src/rpc/clients/channel.js';
import { createTaskServiceClient } from '../../src/rpc/clients/task-clients.js';
import { call, openBridge, rawConnection, type OpenBridge } from '../support/rest-bridge.js';
import { restClock, type RestClock } from '../support/rest-clock.js';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const GET = 'GET /api/v1/tasks/a/audio HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';

describe('protocolOf()', () => {
  const cases = { '': undefined, P: undefined, PR: undefined, PRI: 'http2', 'PRI *': 'http2' } as const;
  for (const [first, protocol] of Object.entries(cases)) {
    it(`says ${String(protocol)} of ${JSON.stringify(first)}`, () => {
      expect(protocolOf(Buffer.from(first))).to.equal(protocol);
    });
  }
  for (const first of ['G', 'PO', 'PROP', 'pri', '\0', '\x16\x03\x01']) {
    it(`says http1 of ${JSON.stringify(first)}`, () => {
      expect(protocolOf(Buffer.from(first))).to.equal('http1');
    });
  }
});

describe('front door', () => {
  let open: OpenBridge;
  let door: FrontDoor;
  let clock: RestClock;
  let port: number;
  beforeEach(async () => {
    open = await openBridge({ listens: false });
    open.proxy.tasks.set('a', Task.fromPartial({ id: 'a', kind: TaskKind.TRANSCRIPTION }));
    clock = restClock();
    door = createFrontDoor({
      onHttp1: open.bridge.serve,
      onHttp2: open.proxy.inject,
      log: pino({ level: 'silent' }),
      clock,
    });
    ({ port } = await door.listen({ host: '127.0.0.1', port: 0 }));
  });
  afterEach(async () => {
    const closed = Promise.all([door.close(60_000), open.close()]);
    clock.pass(60_000);
    await closed;
  });
  const stillServes = async () => {
    expect((await call(`http://127.0.0.1:${port}/health`)).status).to.equal(200);
  };

  it('serves REST and gRPC on one port', async () => {
    await stillServes();
    const client = createTaskServiceClient(createChannel(`127.0.0.1:${port}`));
    const { task } = await client.getTask({ id: 'a', view: 0 });
    client.close();
    expect(task?.id).to.equal('a');
  });

  it('serves an HTTP/1.1 request that comes byte by byte', async () => {
    const { socket, closed } = await rawConnection(port);
    socket.setNoDelay(true);
    for (const byte of GET) {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await closed).to.match(/^HTTP\/1.1 404 [^]*no spoken result/);
  });

  it('serves HTTP/2 whose preface comes byte by byte', async () => {
    const { socket, until } = await rawConnection(port);
    socket.setNoDelay(true);
    for (const byte of PREFACE) {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.write(EMPTY_SETTINGS);
    // The acknowledgement of the settings: length 0, type 4, flag 1, stream 0.
    await until(/\0\0\0\x04\x01\0\0\0\0/);
    socket.destroy();
  });

  it('closes HTTP/2 as soon as its client has ended', async () => {
    const { socket, until, closed } = await rawConnection(port);
    socket.write(Buffer.concat([Buffer.from(PREFACE), EMPTY_SETTINGS]));
    await until(/\0\0\0\x04\x01\0\0\0\0/);
    socket.end();
    await closed;
  });

  it('serves an HTTP/2 client of another make', async () => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    await once(session, 'remoteSettings');
    session.destroy();
  });

  const garbage = {
    noise: Buffer.from([0, 1, 2, 255, 254, 10]),
    'a TLS hello': Buffer.from('1603010200010001fc0303', 'hex'),
  };
  for (const [name, bytes] of Object.entries(garbage)) {
    it(`answers ${name} with 400`, async () => {
      const { socket, closed } = await rawConnection(port);
      socket.write(bytes);
      expect(await closed).to.match(
        /^HTTP\/1.1 400 Bad Request\r\n[^]*"detail":"The bytes are no HTTP request"/,
      );
      await stillServes();
    });
  }

  it('answers an unfinished preface with 400', async () => {
    const { socket, closed } = await rawConnection(port);
    socket.end('PR');
    expect(await closed).to.match(/^HTTP\/1.1 400 /);
  });

  it('closes a connection that ends without a byte', async () => {
    const { socket, closed } = await rawConnection(port);
    socket.end();
    expect(await closed).to.equal('');
  });

  for (const said of ['', 'P']) {
    it(`closes a connection that says ${JSON.stringify(said)} for 5 s`, async () => {
      const { socket, closed } = await rawConnection(port);
      socket.write(said);
      await clock.waiting(1);
      clock.pass(4_999);
      await stillServes();
      clock.pass(1);
      expect(await closed).to.equal('');
    });
  }

  it('survives a connection that breaks while it says nothing', async () => {
    const { socket } = await rawConnection(port);
    await clock.waiting(1);
    socket.resetAndDestroy();
    await stillServes();
  });

  it('lets the silence of a decided connection be', async () => {
    const { socket, until } = await rawConnection(port);
    socket.write('GET /health HTTP/1.1\r\n');
    await clock.waiting(0);
    clock.pass(60_000);
    socket.write('host: a\r\n\r\n');
    await until(/^HTTP\/1.1 200 /);
    socket.destroy();
  });

  it('refuses a port that is taken', async () => {
    const second = createFrontDoor({
      onHttp1: open.bridge.serve,
      onHttp2: open.proxy.inject,
      log: pino({ level: 'silent' }),
    });
    const error: unknown = await second
      .listen({ host: '127.0.0.1', port })
      .catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'EADDRINUSE');
  });

  describe('close()', () => {
    it('drops connections that have said nothing and idle ones at once', async () => {
      const silent = await rawConnection(port);
      await clock.waiting(1);
      const idle = await rawConnection(port);
      idle.socket.write('GET /health HTTP/1.1\r\nhost: a\r\n\r\n');
      await idle.until(/"total_tasks":0}$/);
      await Promise.all([door.close(60_000), open.bridge.close(60_000)]);
      expect(await silent.closed).to.equal('');
      await idle.closed;
    });

    it('lets a request under way end', async () => {
      open.proxy.hold = true;
      const busy = await rawConnection(port);
      const arrived = open.proxy.called();
      busy.socket.write('GET /health HTTP/1.1\r\nhost: a\r\n\r\n');
      await arrived;
      const closed = Promise.all([door.close(60_000), open.bridge.close(60_000)]);
      open.proxy.release();
      expect(await busy.closed).to.match(/^HTTP\/1.1 200 [^]*connection: close/i);
      await closed;
    });

    it('cuts what is open after the grace', async () => {
      open.proxy.hold = true;
      const busy = await rawConnection(port);
      const arrived = open.proxy.called();
      busy.socket.write('GET /health HTTP/1.1\r\nhost: a\r\n\r\n');
      await arrived;
      const closed = Promise.all([door.close(1_000), open.bridge.close(60_000)]);
      clock.pass(1_000);
      expect(await busy.closed).to.equal('');
      await closed;
    });
  });
});
