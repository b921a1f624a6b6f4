import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { call, rawConnection } from '../support/rest-bridge.js';
import { openContentProxy, type ContentProxy } from '../support/content-proxy.js';
import { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';

const MIB = 1024 * 1024;
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('/api/v1/content/{sha256}', () => {
  let proxy: ContentProxy;
  before(async () => (proxy = await openContentProxy({ maxBytes: 8 * MIB })));
  after(() => proxy.close());

  const at = (sha256: string) => `${proxy.url}/api/v1/content/${sha256}`;
  const head = (sha256: string) => fetch(at(sha256), { method: 'HEAD' });
  const patch = (sha256: string, body: Uint8Array, headers: Record<string, string | number>) =>
    call(at(sha256), {
      method: 'PATCH',
      body: Buffer.from(body),
      headers: {
        'content-type': 'application/offset+octet-stream',
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      },
    });
  const put = async (bytes: Uint8Array) => {
    const sha256 = digest(bytes);
    const { status } = await patch(sha256, bytes, { 'upload-offset': 0, 'upload-length': bytes.length });
    expect(status).to.equal(204);
    return sha256;
  };
  /** Sends the head of a PATCH and some of its bytes, then resets the connection once the proxy has some. */
  const cutAfter = async (bytes: Buffer, offset: number, sent: number): Promise<number> => {
    const connection = await rawConnection(proxy.httpPort);
    connection.socket.write(
      `PATCH /api/v1/content/${digest(bytes)} HTTP/1.1\r\nhost: a\r\n` +
        'content-type: application/offset+octet-stream\r\n' +
        `upload-offset: ${offset}\r\nupload-length: ${bytes.length}\r\ncontent-length: ${bytes.length - offset}\r\n\r\n`,
    );
    connection.socket.write(bytes.subarray(offset, offset + sent));
    const has = async () => Number((await head(digest(bytes))).headers.get('upload-offset') ?? 0);
    while (connection.received() === '' && (await has()) <= offset);
    connection.socket.resetAndDestroy();
    // The proxy was not done yet with the upload that was cut before: again, as Retry-After says.
    if (connection.received() !== '') {
      expect(connection.received()).to.match(/^HTTP\/1.1 503 [^]*retry-after: 1/);
      return cutAfter(bytes, offset, sent);
    }
    return has();
  };
  /** As a client that is told to come again does. */
  const patchRest = async (bytes: Buffer): Promise<number> => {
    for (;;) {
      const offset = Number((await head(digest(bytes))).headers.get('upload-offset'));
      const rest = await patch(digest(bytes), bytes.subarray(offset), {
        'upload-offset': offset,
        'upload-length': bytes.length,
      });
      if (rest.status !== 503 && rest.status !== 409) return rest.status;
    }
  };

  describe('uploading', () => {
    it('stores bytes under their SHA-256 and says that they are complete', async () => {
      const bytes = randomBytes(3 * MIB);
      const sha256 = digest(bytes);
      const { status, headers } = await patch(sha256, bytes, {
        'upload-offset': 0,
        'upload-length': bytes.length,
      });
      expect(status).to.equal(204);
      expect(headers.get('upload-offset')).to.equal(String(bytes.length));
      expect(headers.get('upload-complete')).to.equal('?1');
      const asked = await head(sha256);
      expect(asked.status).to.equal(200);
      expect(asked.headers.get('upload-complete')).to.equal('?1');
      expect(asked.headers.get('upload-length')).to.equal(String(bytes.length));
      expect(asked.headers.get('content-length')).to.equal(String(bytes.length));
      expect(Buffer.from(await (await fetch(at(sha256))).arrayBuffer()).equals(bytes)).to.equal(true);
    });

    it('goes on where three cut connections ended', async () => {
      const bytes = randomBytes(4 * MIB);
      const sha256 = digest(bytes);
      let offset = 0;
      for (let cut = 0; cut < 3; cut++) {
        const reached = await cutAfter(bytes, offset, MIB);
        expect(reached).to.be.above(offset).and.below(bytes.length);
        const asked = await head(sha256);
        expect(asked.status).to.equal(204);
        expect(asked.headers.get('upload-complete')).to.equal('?0');
        offset = reached;
      }
      expect((await call(at(sha256))).status).to.equal(404);
      expect(await patchRest(bytes)).to.equal(204);
      expect(Buffer.from(await (await fetch(at(sha256))).arrayBuffer()).equals(bytes)).to.equal(true);
    });

    it('takes content in several bodies', async () => {
      const bytes = randomBytes(MIB);
      const sha256 = digest(bytes);
      const length = { 'upload-length': bytes.length };
      const first = await patch(sha256, bytes.subarray(0, 700_000), { 'upload-offset': 0, ...length });
      expect([first.status, first.headers.get('upload-complete')]).to.deep.equal([204, '?0']);
      expect(first.headers.get('upload-offset')).to.equal('700000');
      const last = await patch(sha256, bytes.subarray(700_000), { 'upload-offset': 700_000, ...length });
      expect([last.status, last.headers.get('upload-complete')]).to.deep.equal([204, '?1']);
    });

    it('says where to go on when the offset is not there', async () => {
      const bytes = randomBytes(1000);
      const sha256 = digest(bytes);
      const length = { 'upload-length': bytes.length };
      await patch(sha256, bytes.subarray(0, 300), { 'upload-offset': 0, ...length });
      const { status, headers, json } = await patch(sha256, bytes.subarray(500), {
        'upload-offset': 500,
        ...length,
      });
      expect(status).to.equal(409);
      expect(headers.get('upload-offset')).to.equal('300');
      expect(json).to.have.property('reason', 'OFFSET_MISMATCH');
    });

    it('refuses other bytes than announced, and begins anew then', async () => {
      const bytes = randomBytes(1000);
      const sha256 = digest(Buffer.from('others'));
      const { status, json } = await patch(sha256, bytes, { 'upload-offset': 0, 'upload-length': 1000 });
      expect([status, json]).to.deep.include(400);
      expect(json).to.have.property('reason', 'DIGEST_MISMATCH');
      expect((await head(sha256)).status).to.equal(404);
    });

    it('refuses more than it takes before it is sent, naming the setting', async () => {
      const connection = await rawConnection(proxy.httpPort);
      connection.socket.write(
        `PATCH /api/v1/content/${'a'.repeat(64)} HTTP/1.1\r\nhost: a\r\ncontent-type: application/offset+octet-stream\r\n` +
          `upload-offset: 0\r\nupload-length: ${9 * MIB}\r\ncontent-length: ${9 * MIB}\r\n\r\nfirst bytes`,
      );
      const answer = await connection.until(/}$/);
      expect(answer)
        .to.match(/^HTTP\/1.1 413 /)
        .and.include('--limits.max_audio_bytes');
      // The rest is read and dropped, and the connection serves the next request.
      connection.socket.write(Buffer.alloc(9 * MIB - 'first bytes'.length));
      connection.socket.write('GET /health HTTP/1.1\r\nhost: a\r\n\r\n');
      await connection.until(/HTTP\/1.1 200 /);
      connection.socket.destroy();
    });

    it('refuses more bytes than announced', async () => {
      const bytes = randomBytes(2000);
      const { status, json } = await patch(digest(bytes), bytes, {
        'upload-offset': 0,
        'upload-length': 1000,
      });
      expect([status, json]).to.deep.include(400);
      expect(json).to.have.property('reason', 'SIZE_MISMATCH');
    });

    it('is done at once with what is there', async () => {
      const bytes = randomBytes(1000);
      const sha256 = await put(bytes);
      const { status, headers } = await patch(sha256, Buffer.alloc(0), {
        'upload-offset': 0,
        'upload-length': 1000,
      });
      expect([status, headers.get('upload-complete')]).to.deep.equal([204, '?1']);
    });

    it('names what is wrong with a request', async () => {
      const sha256 = 'b'.repeat(64);
      const refusals: readonly (readonly [string, Record<string, string>, number, string])[] = [
        [sha256, { 'upload-length': '5' }, 422, 'upload-offset'],
        [sha256, { 'upload-offset': '0' }, 422, 'upload-length'],
        [sha256, { 'upload-offset': '-1', 'upload-length': '5' }, 422, 'upload-offset'],
        [sha256, { 'upload-offset': '6', 'upload-length': '5' }, 422, 'upload-offset'],
        [sha256, { 'upload-offset': '0', 'upload-length': '0' }, 422, 'upload-length'],
        ['xyz', { 'upload-offset': '0', 'upload-length': '5' }, 422, 'sha256'],
        [sha256, { 'content-type': 'application/json' }, 415, 'offset+octet-stream'],
      ];
      for (const [name, headers, status, word] of refusals) {
        const answer = await patch(name, Buffer.from('{}'), headers);
        expect(answer.status, JSON.stringify(headers)).to.equal(status);
        expect(JSON.stringify(answer.json)).to.include(word);
      }
      const elsewhere = await call(`${proxy.url}/api/v1/tts`, {
        method: 'POST',
        body: 'x',
        headers: { 'content-type': 'application/offset+octet-stream' },
      });
      expect(elsewhere.status).to.equal(415);
    });
  });

  describe('downloading', () => {
    const page = Buffer.from('<script>alert(1)</script>');
    let sha256: string;
    before(async () => (sha256 = await put(page)));

    const get = async (headers: Record<string, string>) => {
      const response = await fetch(at(sha256), { headers });
      return { status: response.status, headers: response.headers, text: await response.text() };
    };

    it('gives a file that no browser runs', async () => {
      const { headers, text } = await get({});
      expect(text).to.equal(page.toString());
      expect(headers.get('content-type')).to.equal('application/octet-stream');
      expect(headers.get('content-disposition')).to.match(/^attachment;/);
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('content-security-policy')).to.include('sandbox');
      expect(headers.get('etag')).to.equal(`"${sha256}"`);
      expect(headers.get('accept-ranges')).to.equal('bytes');
    });

    it('answers one range with 206', async () => {
      const ranges: readonly (readonly [string, string, number, number])[] = [
        ['bytes=0-7', 'bytes 0-7/25', 0, 8],
        ['bytes=16-', 'bytes 16-24/25', 16, 25],
        ['bytes=-9', 'bytes 16-24/25', 16, 25],
        ['bytes=20-999', 'bytes 20-24/25', 20, 25],
        ['bytes=-999', 'bytes 0-24/25', 0, 25],
      ];
      for (const [range, contentRange, start, end] of ranges) {
        const { status, headers, text } = await get({ range });
        expect([status, headers.get('content-range')], range).to.deep.equal([206, contentRange]);
        expect(text).to.equal(page.toString().slice(start, end));
      }
    });

    it('answers 416 for a range behind the end, with the length', async () => {
      for (const range of ['bytes=25-', 'bytes=99-100', 'bytes=-0']) {
        const { status, headers, text } = await get({ range });
        expect([status, headers.get('content-range')], range).to.deep.equal([416, 'bytes */25']);
        expect(headers.get('content-type')).to.match(/^application\/json/);
        expect(JSON.parse(text)).to.have.property('detail');
      }
    });

    it('answers all of it for what is no single range, and when the bytes are others', async () => {
      for (const headers of [
        { range: 'bytes=5-2' },
        { range: 'bytes=a-b' },
        { range: 'lines=0-1' },
        { range: 'bytes=0-1,3-4' },
        { range: 'bytes=0-7', 'if-range': '"other"' },
        { range: 'bytes=99-', 'if-range': `W/"${sha256}"` },
      ] as Record<string, string>[])
        expect(await get(headers), JSON.stringify(headers)).to.include({
          status: 200,
          text: page.toString(),
        });
      expect((await get({ range: 'bytes=0-7', 'if-range': `"${sha256}"` })).status).to.equal(206);
    });

    it('crosses the chunks of the proxy', async () => {
      const bytes = randomBytes(MIB);
      const response = await fetch(at(await put(bytes)), { headers: { range: 'bytes=200000-900000' } });
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(200_000, 900_001))).to.equal(
        true,
      );
    });

    it('has none of what was never uploaded', async () => {
      for (const method of ['GET', 'HEAD'])
        expect((await fetch(at('c'.repeat(64)), { method })).status).to.equal(404);
    });
  });

  it('is what a transcription may name in place of a file', async () => {
    const sha256 = await put(randomBytes(100_000));
    const submit = (body: object) =>
      call(`${proxy.url}/api/v1/transcription`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ source_language: 'en', ...body }),
      });
    const { status, json } = await submit({ content_sha256: sha256.toUpperCase(), file_name: 'talk.wav' });
    expect(status, JSON.stringify(json)).to.equal(200);
    const [task] = (await call(`${proxy.url}/api/v1/tasks`)).json as readonly unknown[];
    expect(task).to.include({ file_name: 'talk.wav', file_size: 100_000 });

    expect((await submit({ content_sha256: 'd'.repeat(64) })).json).to.have.property(
      'reason',
      'CONTENT_MISSING',
    );
    const bad = await submit({ content_sha256: 'short' });
    expect(bad.status).to.equal(422);
    expect(JSON.stringify(bad.json)).to.include('"loc":["body","content_sha256"]');
    expect(JSON.stringify((await submit({})).json)).to.include('"loc":["body","audio_file"]');
    const form = new FormData();
    form.set('audio_file', new Blob(['x']), 'a.wav');
    form.set('content_sha256', sha256);
    form.set('source_language', 'en');
    const both = await call(`${proxy.url}/api/v1/transcription`, { method: 'POST', body: form });
    expect(both.status).to.equal(422);
    expect(JSON.stringify(both.json)).to.include('Only one of audio_file and content_sha256');
  });

  describe('of a spoken result', () => {
    const speak = async (output: Buffer) => {
      const spec = { language: 'en', kind: { $case: 'tts', value: { text: 'Hello' } } } as const;
      const { task } = await proxy.clients.tasks.submitTask(SubmitTaskRequest.fromPartial({ task: spec }));
      await proxy.complete(task!.id, output, 'audio/x+xml');
      return `${proxy.url}/api/v1/tasks/${task!.id}/audio`;
    };

    for (const [name, bytes] of [
      ['small', randomBytes(900)],
      ['large', randomBytes(700_000)],
    ] as const)
      it(`gives ranges of a ${name} one, with the SHA-256 as ETag`, async () => {
        const url = await speak(bytes);
        const etag = `"${digest(bytes)}"`;
        const whole = await fetch(url);
        expect([whole.status, whole.headers.get('etag')]).to.deep.equal([200, etag]);
        expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).to.equal(true);
        const part = await fetch(url, { headers: { range: 'bytes=10-', 'if-range': etag } });
        expect(part.status).to.equal(206);
        expect(part.headers.get('content-range')).to.equal(`bytes 10-${bytes.length - 1}/${bytes.length}`);
        expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10))).to.equal(true);
        expect((await fetch(url, { headers: { range: `bytes=${bytes.length}-` } })).status).to.equal(416);
        const asked = await fetch(url, { method: 'HEAD' });
        expect(asked.status).to.equal(200);
        expect(asked.headers.get('content-length')).to.equal(String(bytes.length));
        // A browser reads every type that ends in +xml as a page, which may hold scripts.
        expect(asked.headers.get('content-type')).to.equal('audio/wav');
        expect(asked.headers.get('x-content-type-options')).to.equal('nosniff');
      });
  });
});
