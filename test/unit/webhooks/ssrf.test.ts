import { expect } from 'chai';
import { forbiddenUrl } from '../../../src/webhooks/callback-url.js';
import { guardedLookup } from '../../../src/webhooks/guard.js';
import { createPost, type Post } from '../../../src/webhooks/post.js';
import type { Resolve } from '../../../src/webhooks/resolver.js';
import { verdictOnError } from '../../../src/webhooks/verdict.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';

/** Places that are nobody's on the public internet, in the forms that slip through plain comparisons. */
const ADDRESSES = [
  // loopback, in the forms that inet_aton takes
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '0x7f.1',
  '0x7f000001',
  '0x7f.0x0.0x0.0x1',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '127.0.0.1.',
  '127.255.255.254',
  '%31%32%37.0.0.1',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '0',
  '0.0.0.0',
  // private, shared, link-local with the metadata services, and others that are special
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '0300.0250.0.1',
  '3232235777',
  '100.64.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '169.254.170.2',
  '168.63.129.16',
  '192.0.0.192',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '192.88.99.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  // IPv6, its own and those that embed IPv4
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:169.254.169.254]',
  '[0:0:0:0:0:ffff:0a00:0001]',
  '[::127.0.0.1]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::127.0.0.1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2001::1]',
  '[fe80::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[ff02::1]',
  '[2001:db8::1]',
  '[100::1]',
  '[5f00::1]',
];

const NAMES = ['localhost', 'localhost.', 'LOCALHOST', 'a.localhost', 'a.b.localhost.'];

const URLS = [
  'ftp://a.example/x',
  'file:///etc/passwd',
  'gopher://a.example/',
  'ws://a.example/',
  'javascript:alert(1)',
  'http://user@a.example/',
  'http://user:secret@a.example/',
  'http://:secret@a.example/',
  'http://a.example:22/',
  'https://a.example:25/',
  'http://a.example:0/',
  'http://a.example:1023/',
  'a.example/hook',
  '//a.example/hook',
  'http://',
  'http://1.2.3.4.5/',
  'http://[fe80::1%25eth0]/',
  '',
];

const FINE = [
  'https://a.example/hook?x=1#y',
  'http://a.example:80/',
  'http://a.example:443/',
  'https://a.example:8443/',
  'http://8.8.8.8/',
  'http://134744072/',
  'https://[2606:4700::1111]/',
  'http://localhost.example/',
  'http://127.0.0.1.example/',
  'https://xn--bcher-kva.example/',
];

const PUBLIC = { allowPrivate: false };

describe('what webhooks never reach', () => {
  let receiver: WebhookReceiver;
  let asked: string[];

  beforeEach(async () => {
    receiver = await new WebhookReceiver().listen();
    asked = [];
  });
  afterEach(() => receiver.close());

  /** The real way to a socket, with name servers of the test's. */
  function postWith(addresses: (host: string) => readonly string[], rules = PUBLIC): Post {
    const resolve: Resolve = (host) => {
      asked.push(host);
      return Promise.resolve(addresses(host));
    };
    return createPost({ ...rules, resolve });
  }

  async function failure(post: Post, url: string): Promise<string> {
    try {
      const { status } = await post({ url, headers: {}, body: '{}' }, new AbortController().signal);
      return `answered ${status}`;
    } catch (error) {
      const outcome = verdictOnError(error, { failures: 0, random: 0, wallMs: 0 });
      return outcome.kind === 'failed' ? outcome.failure.reason : outcome.kind;
    }
  }

  const port = () => receiver.port;

  it('is a literal address that is not public, in whatever form, at submission and at delivery', async () => {
    const post = postWith(() => ['8.8.8.8']);
    for (const host of [...ADDRESSES, ...NAMES]) {
      const url = `http://${host}:${port()}/hook`;
      expect(forbiddenUrl(url, PUBLIC), url).to.be.a('string');
      expect(await failure(post, url), url).to.equal('URL_FORBIDDEN');
    }
    expect(asked).to.deep.equal([]);
    expect(receiver.connections).to.equal(0);
  });

  it('is a name that points to one, alone or among public ones', async () => {
    const literals = ADDRESSES.filter((host) => URL.canParse(`http://${host}/`)).map((host) =>
      new URL(`http://${host}/`).hostname.replace(/^\[|\]$/g, ''),
    );
    for (const address of literals)
      for (const addresses of [[address], ['8.8.8.8', address], [address, '2606:4700::1111']])
        expect(
          await failure(
            postWith(() => addresses),
            `http://a.example:${port()}/hook`,
          ),
          addresses.join(),
        ).to.equal('URL_FORBIDDEN');
    expect(receiver.connections).to.equal(0);
  });

  it('is a URL of another kind, with credentials or with the port of a system service', async () => {
    const post = postWith(() => ['8.8.8.8']);
    for (const url of URLS) {
      expect(forbiddenUrl(url, PUBLIC), url).to.be.a('string');
      expect(await failure(post, url), url).to.equal('URL_FORBIDDEN');
    }
    expect(asked).to.deep.equal([]);
  });

  it('is not what is public', () => {
    for (const url of FINE) expect(forbiddenUrl(url, PUBLIC), url).to.equal(undefined);
  });

  it('is a name that points elsewhere once it was checked: the socket gets the checked addresses alone', async () => {
    // Public when it is checked, then what only the proxy can reach.
    const turns = [['8.8.8.8', '2606:4700::1111'], ['127.0.0.1']];
    const resolve: Resolve = (host) => Promise.resolve(turns[asked.push(host) - 1] ?? []);
    const lookup = guardedLookup({ ...PUBLIC, resolve }, new AbortController().signal);
    const given = await new Promise((done) => {
      lookup('a.example', { all: true }, (error, addresses) => done(error ?? addresses));
    });
    expect(given).to.deep.equal([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ]);
    expect(asked).to.deep.equal(['a.example']);
    expect(await failure(createPost({ ...PUBLIC, resolve }), `http://a.example:${port()}/hook`)).to.equal(
      'URL_FORBIDDEN',
    );
    expect(receiver.connections).to.equal(0);
  });

  it('is where an answer redirects to', async () => {
    for (const status of [301, 302, 303, 307, 308])
      receiver.replies.set(`/${status}`, (response) =>
        response.writeHead(status, { location: receiver.url('/inside') }).end(),
      );
    const post = postWith(() => ['127.0.0.1'], { allowPrivate: true });
    for (const status of [301, 302, 303, 307, 308])
      expect(await failure(post, receiver.url(`/${status}`, 'a.example'))).to.equal(`answered ${status}`);
    expect(receiver.at('/inside')).to.deep.equal([]);
  });

  it('connects to the address that was checked and names the host to it', async () => {
    const post = postWith(() => ['127.0.0.1'], { allowPrivate: true });
    expect(await failure(post, receiver.url('/hook', 'a.example'))).to.equal('answered 204');
    expect(receiver.received[0]?.headers['host']).to.equal(`a.example:${port()}`);
    expect(asked).to.deep.equal(['a.example']);
  });

  it('tells nothing of the addresses that a name has', async () => {
    const post = postWith(() => ['10.1.2.3']);
    const error: unknown = await post(
      { url: 'http://a.example/', headers: {}, body: '' },
      new AbortController().signal,
    ).catch((cause: unknown) => cause);
    const outcome = verdictOnError(error, { failures: 0, random: 0, wallMs: 0 });
    expect(JSON.stringify(outcome)).to.include('not public').and.not.include('10.1.2.3');
  });
});
