import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createClient, type AudioSubnetClient } from '../../src/client/index.js';
import { CutRelay } from '../support/cut-relay.js';
import { openContentProxy, type ContentProxy } from '../support/content-proxy.js';

const MIB = 1024 * 1024;

describe('the TypeScript client on a connection that is cut', function () {
  this.timeout(20_000);
  let proxy: ContentProxy;
  let relay: CutRelay;
  let client: AudioSubnetClient;

  before(async () => (proxy = await openContentProxy()));
  after(() => proxy.close());
  beforeEach(async () => {
    relay = await CutRelay.open(proxy.grpcPort);
    client = createClient({ server: relay.url });
    proxy.calls.splice(0);
  });
  afterEach(async () => {
    client.close();
    await relay.close();
  });

  const called = (name: string) => proxy.calls.filter((call) => call.endsWith(`/${name}`)).length;

  it('uploads the rest after each of three cuts', async () => {
    const bytes = randomBytes(16 * MIB);
    const cutAt = [4 * MIB, 8 * MIB, 12 * MIB];
    const starts: number[] = [];
    let before = 0;
    const content = await client.upload(bytes, {
      onProgress: ({ sentBytes }) => {
        if (sentBytes <= before || sentBytes === 0) starts.push(sentBytes);
        before = sentBytes;
        if (sentBytes < (cutAt[0] ?? Infinity)) return;
        cutAt.shift();
        relay.cut();
      },
    });
    expect(content.sizeBytes).to.equal(bytes.length);
    expect(called('UploadContent')).to.equal(4);
    // What was sent before a cut was not sent again, but for what was on its way.
    expect(starts[0]).to.equal(0);
    expect(starts.at(-1)).to.be.above(4 * MIB);
    const back = [];
    for await (const chunk of client.download(content)) back.push(chunk);
    expect(Buffer.concat(back).equals(bytes)).to.equal(true);
  });

  it('downloads the rest', async () => {
    const bytes = randomBytes(8 * MIB);
    const content = await client.upload(bytes);
    const back: Uint8Array[] = [];
    for await (const chunk of client.download(content)) {
      back.push(chunk);
      if (back.length === 2 || back.length === 12) relay.cut();
    }
    expect(Buffer.concat(back).equals(bytes)).to.equal(true);
    expect(called('DownloadContent')).to.be.at.least(2);
    const rest: Uint8Array[] = [];
    for await (const chunk of client.download(content, { offset: 5 * MIB })) rest.push(chunk);
    expect(Buffer.concat(rest).equals(bytes.subarray(5 * MIB))).to.equal(true);
  });

  it('goes on watching and misses no final state', async () => {
    const { id } = await client.submit({ kind: 'tts', text: 'Hello', language: 'en' });
    const states: string[] = [];
    const revisions: number[] = [];
    for await (const task of client.watch(id)) {
      states.push(task.state);
      revisions.push(task.revision);
      if (states.length > 1) continue;
      relay.cut();
      // The end comes while nobody watches.
      await proxy.complete(id, randomBytes(100));
    }
    expect(states.at(-1)).to.equal('completed');
    expect(revisions).to.deep.equal([...new Set(revisions)].sort((a, b) => a - b));
    expect(called('WatchTask')).to.equal(2);
  });
});
