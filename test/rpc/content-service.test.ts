import { status as Code } from '@grpc/grpc-js';
import { expect } from 'chai';
import type { UploadContentRequest } from '../../gen/ts/audiosubnet/v1/content_service.js';
import {
  ContentServiceClient,
  DownloadContentRequest,
  UploadHeader,
} from '../../gen/ts/audiosubnet/v1/content_service.js';
import type { LeaseToken, Owner } from '../../src/domain/ids.js';
import { fromServiceError } from '../../src/rpc/status.js';
import { openGrpcProxy, type GrpcProxy } from '../support/grpc-proxy.js';
import { digest } from '../support/memory-content.js';
import { refused } from '../support/refused.js';
import { ManualClock, until } from '../unit/validator/manual-clock.js';

const TOKEN = 'a'.repeat(32) as LeaseToken;
const OTHER = 'somebody' as Owner;

async function* chunksOf(bytes: Buffer, size = 100_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function download(proxy: GrpcProxy, request: Partial<DownloadContentRequest>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const { data } of proxy.contents.downloadContent(DownloadContentRequest.fromPartial(request))) {
    parts.push(data);
  }
  return Buffer.concat(parts);
}

/** An upload by hand: what it ends with, and the call to write to. */
function openUpload(proxy: GrpcProxy) {
  const client = new ContentServiceClient(proxy.channel.address, proxy.channel.credentials);
  let finish: (error: unknown) => void = () => undefined;
  const ended = new Promise<unknown>((resolve) => (finish = resolve));
  const call = client.uploadContent((error, response) => {
    client.close();
    finish(error === null ? response : fromServiceError(error));
  });
  call.on('error', () => undefined);
  const send = (part: NonNullable<UploadContentRequest['part']>) => call.write({ part });
  return { call, send, ended };
}

describe('ContentService', () => {
  let proxy: GrpcProxy;
  const clock = new ManualClock();
  const bytes = Buffer.alloc(3_000_000, 'audio');
  beforeEach(async () => {
    proxy = await openGrpcProxy({ clock });
  });
  afterEach(() => proxy.close());

  it('stores a stream of chunks and gives it back from any offset', async () => {
    const content = await proxy.contents.uploadContent(chunksOf(bytes), UploadHeader.create());
    expect(content).to.deep.equal({ sha256: digest(bytes), sizeBytes: 3_000_000n });
    const { sha256 } = content;
    expect((await download(proxy, { sha256 })).equals(bytes)).to.equal(true);
    const part = await download(proxy, { sha256, offset: 2_500_001n, maxBytes: 7n });
    expect(part.equals(bytes.subarray(2_500_001, 2_500_008))).to.equal(true);
    expect(await download(proxy, { sha256, offset: 3_000_000n })).to.have.length(0);
    expect(await proxy.contents.getUpload({ sha256 })).to.deep.equal({
      committedBytes: 3_000_000n,
      complete: true,
    });
  });

  it('cuts chunks of the caller that are too large for a message', async () => {
    const { sizeBytes } = await proxy.contents.uploadContent(
      chunksOf(bytes, bytes.length),
      UploadHeader.create(),
    );
    expect(sizeBytes).to.equal(3_000_000n);
  });

  it('answers at once when the content is there already', async () => {
    const sha256 = proxy.content.put('anonymous' as Owner, bytes);
    const header = UploadHeader.fromPartial({ sha256, sizeBytes: 3_000_000n });
    const endless = (async function* () {
      for (;;) yield await Promise.resolve(Buffer.alloc(1000));
    })();
    expect((await proxy.contents.uploadContent(endless, header)).sha256).to.equal(sha256);
  });

  it('refuses as soon as the limit is passed, while the source still stands open', async () => {
    const endless = (async function* () {
      for (;;) yield await Promise.resolve(Buffer.alloc(256 * 1024));
    })();
    const refusal = await refused(proxy.contents.uploadContent(endless, UploadHeader.create()));
    expect(refusal).to.deep.include({ reason: 'CONTENT_TOO_LARGE', metadata: { limit_bytes: '8388608' } });
    expect(proxy.content.aborted).to.equal(1);
  });

  it('notices the refusal while the source stands still', async () => {
    const still = (async function* () {
      yield await Promise.resolve(Buffer.alloc(9 * 1024 * 1024));
      await new Promise(() => undefined);
    })();
    const refusal = await refused(proxy.contents.uploadContent(still, UploadHeader.create()));
    expect(refusal.reason).to.equal('CONTENT_TOO_LARGE');
  });

  it('refuses bytes other than announced', async () => {
    const wrong = UploadHeader.fromPartial({ sha256: '0'.repeat(64), sizeBytes: 3_000_000n });
    expect((await refused(proxy.contents.uploadContent(chunksOf(bytes), wrong))).reason).to.equal(
      'DIGEST_MISMATCH',
    );
    const short = UploadHeader.fromPartial({ sizeBytes: 5n });
    expect((await refused(proxy.contents.uploadContent(chunksOf(bytes), short))).reason).to.equal(
      'SIZE_MISMATCH',
    );
  });

  it('stores nothing of an upload that is cut', async () => {
    const { call, send } = openUpload(proxy);
    send({ $case: 'header', value: UploadHeader.create() });
    send({ $case: 'chunk', value: Buffer.alloc(1000) });
    await until(() => proxy.content.opened === 1);
    call.cancel();
    await until(() => proxy.content.aborted === 1);
    expect(proxy.content.stored.size).to.equal(0);
  });

  it('stores nothing of an upload that ends without finish', async () => {
    const { call, send, ended } = openUpload(proxy);
    send({ $case: 'header', value: UploadHeader.create() });
    send({ $case: 'chunk', value: Buffer.alloc(1000) });
    call.end();
    expect(await ended).to.include({ reason: 'INVALID_FIELD' });
    expect(proxy.content.aborted).to.equal(1);
    expect(proxy.content.stored.size).to.equal(0);
  });

  it('passes the error of a source on and gives the upload up', async () => {
    const broken = (async function* () {
      yield await Promise.resolve(Buffer.alloc(1000));
      await until(() => proxy.content.opened === 1);
      throw new Error('the source broke');
    })();
    const error = await proxy.contents.uploadContent(broken, UploadHeader.create()).catch((e: unknown) => e);
    expect((error as Error).message).to.equal('the source broke');
    await until(() => proxy.content.aborted === 1);
  });

  it('refuses chunks before the header, a second header and an empty chunk', async () => {
    const first = openUpload(proxy);
    first.send({ $case: 'chunk', value: Buffer.alloc(1) });
    expect(await first.ended).to.include({ reason: 'INVALID_FIELD' });

    const second = openUpload(proxy);
    second.send({ $case: 'header', value: UploadHeader.create() });
    second.send({ $case: 'header', value: UploadHeader.create() });
    expect(await second.ended).to.include({ reason: 'INVALID_FIELD' });

    const empty = openUpload(proxy);
    empty.send({ $case: 'header', value: UploadHeader.create() });
    empty.send({ $case: 'chunk', value: Buffer.alloc(0) });
    expect(await empty.ended).to.deep.include({
      violations: [{ field: 'chunk', description: 'must be at least 1 bytes' }],
    });
  });

  it('gives up an upload without a message for 30 seconds', async () => {
    const { send, ended } = openUpload(proxy);
    send({ $case: 'header', value: UploadHeader.create() });
    await until(() => proxy.content.opened === 1 && clock.waiting === 1);
    await clock.advance(29_999);
    expect(proxy.content.aborted).to.equal(0);
    await clock.advance(1);
    expect(await ended).to.include({ reason: 'UPLOAD_STALLED' });
    expect(proxy.content.aborted).to.equal(1);
    await until(() => proxy.calls.length === 1);
    expect(proxy.calls[0]!.code).to.equal(Code.DEADLINE_EXCEEDED);
  });

  it('stores the result of a lease for the owner of its task', async () => {
    proxy.leaseOwners.set(TOKEN, OTHER);
    await proxy.contents.uploadContent(chunksOf(bytes), UploadHeader.fromPartial({ leaseToken: TOKEN }));
    expect([...proxy.content.stored.keys()]).to.deep.equal([`somebody/${digest(bytes)}`]);
  });

  it('lets the holder of a lease read its input, and nobody else', async () => {
    const sha256 = proxy.content.put(OTHER, bytes);
    expect((await refused(download(proxy, { sha256 }))).reason).to.equal('CONTENT_NOT_FOUND');
    expect((await refused(download(proxy, { sha256, leaseToken: TOKEN }))).reason).to.equal('LEASE_LOST');
    proxy.leaseOwners.set(TOKEN, OTHER);
    proxy.content.leased.set(TOKEN, OTHER);
    expect(await download(proxy, { sha256, leaseToken: TOKEN })).to.have.length(3_000_000);
  });

  it('refuses a lease that is not granted, an offset past the end and an unknown digest', async () => {
    const lost = UploadHeader.fromPartial({ leaseToken: TOKEN });
    expect((await refused(proxy.contents.uploadContent(chunksOf(bytes), lost))).reason).to.equal(
      'LEASE_LOST',
    );
    const sha256 = proxy.content.put('anonymous' as Owner, bytes);
    const past = await refused(download(proxy, { sha256, offset: 3_000_001n }));
    expect(past).to.deep.include({
      reason: 'OFFSET_MISMATCH',
      metadata: { offset: '3000001', size_bytes: '3000000' },
    });
    expect((await refused(proxy.contents.getUpload({ sha256: '1'.repeat(64) }))).reason).to.equal(
      'CONTENT_NOT_FOUND',
    );
  });
});
