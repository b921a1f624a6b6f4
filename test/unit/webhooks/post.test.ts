import { expect } from 'chai';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createPost } from '../../../src/webhooks/post.js';
import { resolveLocally, resolvePublic } from '../../../src/webhooks/resolver.js';
import { verdictOn, verdictOnError } from '../../../src/webhooks/verdict.js';
import { WebhookReceiver, type Reply } from '../../support/webhook-receiver.js';
import { settle } from '../validator/manual-clock.js';

const MOMENT = { failures: 0, random: 0.5, wallMs: 1_700_000_000_000 };

describe('post()', () => {
  const post = createPost({ allowPrivate: true, resolve: resolveLocally });
  const never = new AbortController().signal;
  let receiver: WebhookReceiver;

  beforeEach(async () => {
    receiver = await new WebhookReceiver().listen();
  });
  afterEach(() => receiver.close());

  const letter = (url: string) => ({ url, headers: { 'webhook-id': 'msg_1' }, body: '{"a":"ü"}' });

  async function reasonAt(url: string, signal = never): Promise<string> {
    const error: unknown = await post(letter(url), signal).then(
      ({ status }) => new Error(`answered ${status}`),
      (cause: unknown) => cause,
    );
    const outcome = verdictOnError(error, MOMENT);
    return outcome.kind === 'failed' ? `${outcome.failure.reason}: ${outcome.failure.message}` : outcome.kind;
  }

  it('sends headers and body on a connection of its own', async () => {
    expect(await post(letter(receiver.url('/a?b=c')), never)).to.deep.equal({ status: 204 });
    const [{ path, headers, body }] = receiver.received as [(typeof receiver.received)[0]];
    expect({ path, body }).to.deep.equal({ path: '/a?b=c', body: '{"a":"ü"}' });
    expect(headers).to.include({ 'webhook-id': 'msg_1', connection: 'close', 'content-length': '10' });
  });

  it('reaches a name by the system where private places are allowed', async () => {
    expect(await post(letter(receiver.url('/hook', 'localhost')), never)).to.deep.equal({ status: 204 });
  });

  const odd: Record<string, Reply> = {
    'a body that never ends': (response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        response.once('drain', more);
      };
      more();
    },
    'a body that breaks': (response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('x', () => response.destroy());
    },
  };
  for (const [what, reply] of Object.entries(odd))
    it(`takes the status before ${what}`, async () => {
      receiver.replies.set('/odd', reply);
      expect(await post(letter(receiver.url('/odd')), never)).to.deep.equal({ status: 200 });
    });

  it('takes the status when the body does not come in time', async () => {
    receiver.replies.set('/slow', (response) => response.writeHead(200).flushHeaders());
    const controller = new AbortController();
    const sent = post(letter(receiver.url('/slow')), controller.signal);
    await receiver.until(() => receiver.received.length === 1);
    // The status crosses first, then the time is over.
    await settle(200);
    controller.abort();
    expect(await sent).to.deep.equal({ status: 200 });
  });

  it('fails for a receiver that speaks another protocol, breaks off, is not there, or has no trusted certificate', async () => {
    const odd = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        if (data.toString().startsWith('POST /garbage')) socket.end('SSH-2.0-OpenSSH\r\n');
        else if (data.toString().startsWith('POST /upgrade'))
          socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
        else socket.destroy();
      });
    }).listen(0, '127.0.0.1');
    await once(odd, 'listening');
    const { port } = odd.address() as AddressInfo;
    for (const path of ['garbage', 'upgrade', 'broken'])
      expect(await reasonAt(`http://127.0.0.1:${port}/${path}`), path).to.match(/^CONNECTION_FAILED: /);
    expect(await reasonAt(receiver.url().replace('http:', 'https:'))).to.match(
      /^TLS_FAILED: .*\(EPROTO|ERR_SSL/,
    );
    await new Promise((resolve) => odd.close(resolve));
    expect(await reasonAt(`http://127.0.0.1:${port}/`)).to.equal(
      'CONNECTION_FAILED: the connection failed (ECONNREFUSED)',
    );
  });

  it('fails for a name without an address', async () => {
    const none = createPost({ allowPrivate: false, resolve: () => Promise.resolve([]) });
    const error: unknown = await none(letter('http://none.example/'), never).catch((cause: unknown) => cause);
    expect(verdictOnError(error, MOMENT)).to.deep.nested.include({ 'failure.reason': 'DNS_FAILED' });
  });

  it('gives up waiting for name servers when its time is over', async () => {
    const controller = new AbortController();
    const asked = resolvePublic('a.example', controller.signal);
    controller.abort();
    expect(await asked.catch((error: unknown) => error)).to.be.instanceOf(Error);
    const hung = createPost({ allowPrivate: false, resolve: () => new Promise(() => undefined) });
    const second = new AbortController();
    const sent = hung(letter('http://a.example/'), second.signal);
    setImmediate(() => second.abort());
    const error: unknown = await sent.catch((cause: unknown) => cause);
    expect(verdictOnError(error, MOMENT)).to.deep.nested.include({ 'failure.reason': 'TIMED_OUT' });
  });
});

describe('verdictOn()', () => {
  it('takes 2xx alone for a delivery, ends at 410, and tries all else again', () => {
    for (const status of [200, 201, 202, 204, 299])
      expect(verdictOn({ status }, MOMENT).kind).to.equal('delivered');
    expect(verdictOn({ status: 410 }, MOMENT)).to.deep.equal({
      kind: 'dead',
      failure: { reason: 'GONE', message: 'answered 410' },
    });
    for (const [status, reason, isEndpointDown] of [
      [301, 'REDIRECTED', false],
      [304, 'REDIRECTED', false],
      [400, 'REFUSED', false],
      [404, 'REFUSED', false],
      [429, 'REFUSED', true],
      [500, 'REFUSED', true],
      [503, 'REFUSED', true],
    ] as const)
      expect(verdictOn({ status }, MOMENT), `${status}`).to.deep.nested.include({
        kind: 'failed',
        'failure.reason': reason,
        isEndpointDown,
      });
  });

  it('waits twice as long after each failure, from 5 s to 12 h, with jitter', () => {
    const waits = (failures: number) =>
      [0, 0.999].map((random) => {
        const outcome = verdictOn({ status: 500 }, { ...MOMENT, failures, random });
        return outcome.kind === 'failed' ? Math.round(outcome.retryMs / 1000) : NaN;
      });
    expect(waits(0)).to.deep.equal([3, 5]);
    expect(waits(1)).to.deep.equal([5, 10]);
    expect(waits(5)).to.deep.equal([80, 160]);
    expect(waits(40)).to.deep.equal([21_600, 43_178]);
  });

  it('waits as long as it is asked to, within bounds', () => {
    const wait = (retryAfter: string, status = 503) => {
      const outcome = verdictOn({ status, retryAfter }, { ...MOMENT, random: 0 });
      return outcome.kind === 'failed' ? outcome.retryMs / 1000 : NaN;
    };
    expect(wait('120')).to.equal(120);
    expect(wait(new Date(MOMENT.wallMs + 90_000).toUTCString())).to.equal(90);
    expect(wait('99999999')).to.equal(43_200);
    for (const odd of ['1', '-5', 'soon', '', '1e9', 'Thu, 01 Jan 1970 00:00:00 GMT'])
      expect(wait(odd), odd).to.equal(2.5);
    expect(wait('120', 404)).to.equal(2.5);
  });
});
