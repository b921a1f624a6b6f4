import { once } from 'node:events';
import { expect } from 'chai';
import { Refusal } from '../../src/domain/errors.js';
import {
  call,
  openBridge,
  rawConnection,
  type OpenBridge,
  type RawConnection,
} from '../support/rest-bridge.js';

const MIB = 1024 * 1024;
const OPENING =
  '--x\r\ncontent-disposition: form-data; name="source_language"\r\n\r\nen\r\n' +
  '--x\r\ncontent-disposition: form-data; name="audio_file"; filename="a.wav"\r\n\r\n';

describe('uploading over REST', () => {
  let open: OpenBridge;
  beforeEach(async () => (open = await openBridge()));
  afterEach(() => open.close());

  const begin = async (contentLength: number): Promise<RawConnection> => {
    const connection = await rawConnection(open.port);
    connection.socket.write(
      'POST /api/v1/transcription HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=x\r\n' +
        `content-length: ${contentLength}\r\n\r\n${OPENING}`,
    );
    return connection;
  };
  const write = async ({ socket }: RawConnection, bytes: Buffer): Promise<void> => {
    if (socket.write(bytes)) return;
    const over = new AbortController();
    const { signal } = over;
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]).finally(() =>
      over.abort(),
    );
  };
  const stillServes = async () => {
    expect((await call(`${open.url}/health`)).status).to.equal(200);
  };

  it('refuses oversized audio as soon as the limit is passed, in flat memory', async function () {
    this.timeout(60_000);
    open.proxy.maxContentBytes = 2 * MIB;
    const total = 200 * MIB;
    const before = process.memoryUsage().rss;
    const connection = await begin(total);
    const chunk = Buffer.alloc(MIB / 2);
    let answeredAt = 0;
    let peak = before;
    for (let sent = 0; sent < total - 1024; sent += chunk.length) {
      await write(connection, chunk);
      if (answeredAt === 0 && connection.received() !== '') answeredAt = sent;
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    const answer = await connection.until(/}$/);
    connection.socket.destroy();
    expect(answer).to.match(/^HTTP\/1.1 413 /);
    expect(answer).to.include('2097152 bytes').and.include('--max_audio_bytes');
    expect(answer).to.include('"reason":"CONTENT_TOO_LARGE"');
    expect(answeredAt).to.be.within(1, 100 * MIB);
    expect(peak - before).to.be.below(120 * MIB);
    expect(open.proxy.contents.size).to.equal(0);
    await stillServes();
  });

  it('takes audio no faster than the proxy does', async function () {
    this.timeout(30_000);
    open.proxy.stalled = true;
    const total = 64 * MIB;
    const connection = await begin(total);
    const chunk = Buffer.alloc(MIB);
    const arrived = open.proxy.called();
    let sent = 0;
    // The peer's buffers take some; the rest waits for as long as the proxy does not read.
    while (connection.socket.write(chunk) || connection.socket.writableLength < 32 * MIB) sent += MIB;
    await arrived;
    const seen = async (): Promise<number> => {
      const pause = new Promise((resolve) => setImmediate(resolve));
      await pause;
      return connection.socket.bytesWritten - connection.socket.writableLength;
    };
    let moved = -1;
    for (let next = await seen(), quiet = 0; quiet < 200; next = await seen()) {
      quiet = next === moved ? quiet + 1 : 0;
      moved = next;
    }
    connection.socket.destroy();
    expect(sent).to.be.at.least(32 * MIB);
    expect(moved).to.be.below(24 * MIB);
  });

  it('answers what the proxy refuses in the middle of an upload', async () => {
    open.proxy.refusals.set(
      'uploadContent',
      new Refusal('DISK_LOW', 'the disk is nearly full', { retryAfterMs: 30_000 }),
    );
    const connection = await begin(10 * MIB);
    await write(connection, Buffer.alloc(MIB));
    const answer = await connection.until(/}$/);
    connection.socket.destroy();
    expect(answer)
      .to.match(/^HTTP\/1.1 507 /)
      .and.to.match(/retry-after: 30/i);
    await stillServes();
  });

  it('keeps the connection for the next request when the refused upload was sent whole', async () => {
    open.proxy.maxContentBytes = 1;
    const connection = await begin(OPENING.length + 2 * MIB);
    await write(connection, Buffer.alloc(MIB));
    await connection.until(/413 /);
    await write(connection, Buffer.alloc(MIB));
    connection.socket.write('GET /health HTTP/1.1\r\nhost: a\r\n\r\n');
    await connection.until(/HTTP\/1.1 200 /);
    connection.socket.destroy();
  });

  it('stores nothing of an upload that is cut', async () => {
    const connection = await begin(10 * MIB);
    const arrived = open.proxy.called();
    await write(connection, Buffer.alloc(MIB));
    await arrived;
    const cancelled = open.proxy.cancelled();
    connection.socket.destroy();
    await cancelled;
    expect(open.proxy.cutUploads).to.equal(1);
    expect(open.proxy.contents.size).to.equal(0);
    expect(open.proxy.requests.map(({ method }) => method)).to.deep.equal(['uploadContent']);
    await stillServes();
  });

  it('stores nothing of an upload whose proxy dies', async () => {
    const connection = await begin(10 * MIB);
    const arrived = open.proxy.called();
    await write(connection, Buffer.alloc(MIB));
    await arrived;
    open.proxy.close();
    expect(await connection.until(/}$/)).to.match(/^HTTP\/1.1 503 /);
    connection.socket.destroy();
  });

  it('gives a call up when its client goes away', async () => {
    open.proxy.hold = true;
    const connection = await rawConnection(open.port);
    const arrived = open.proxy.called();
    connection.socket.write('GET /api/v1/tasks/a HTTP/1.1\r\nhost: a\r\n\r\n');
    await arrived;
    const cancelled = open.proxy.cancelled();
    connection.socket.destroy();
    await cancelled;
  });
});
