import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { removeAbandonedUploads } from '../../../src/cli/abandoned-uploads.js';
import { ContentDirectory } from '../../../src/content/directory.js';
import type { DiskSpace } from '../../../src/domain/disk.js';
import { Refusal } from '../../../src/domain/errors.js';
import { ANONYMOUS, type Owner, type Sha256 } from '../../../src/domain/ids.js';
import { ORPHAN_CONTENT_MS } from '../../../src/domain/limits.js';
import type { ContentReader, Upload } from '../../../src/queue/content-store.js';
import { systemClock } from '../../../src/runtime/clock.js';
import { Lifecycle } from '../../../src/runtime/lifecycle.js';
import { SqliteTaskStore } from '../../../src/store/sqlite/store.js';
import { ManualClock } from '../validator/manual-clock.js';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex') as Sha256;

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return error instanceof Refusal ? error.reason : String(error);
  }
}

async function bytesOf(reader: ContentReader | undefined, range = { offset: 0 }): Promise<Buffer> {
  if (reader === undefined) throw new Error('no such content');
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.read(range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('ContentDirectory', () => {
  let directory: string;
  let store: SqliteTaskStore;
  let contents: ContentDirectory;
  let low: DiskSpace | undefined;

  beforeEach(async () => {
    low = undefined;
    directory = await mkdtemp(join(tmpdir(), 'audio-subnet-content-'));
    store = await SqliteTaskStore.open({ file: ':memory:' });
    contents = await ContentDirectory.open({
      directory,
      index: store,
      clock: systemClock,
      maxBytes: 1_000_000,
      maxBytesSetting: '--limits.max_audio_bytes',
      lowDisk: () => low,
    });
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  const bytes = Buffer.alloc(600_000, 'speech');
  const upload = (overrides: Partial<Upload> = {}): Upload => ({
    owner: ANONYMOUS,
    purpose: 'input',
    offset: 0,
    ...overrides,
  });
  const announced = (overrides: Partial<Upload> = {}) =>
    upload({ sha256: digest(bytes), sizeBytes: bytes.length, ...overrides });
  const files = async () => (await readdir(directory)).filter((name) => name !== 'partial');
  const partials = () => readdir(join(directory, 'partial'));

  async function put(data: Uint8Array, owner = ANONYMOUS) {
    const writer = await contents.open(upload({ owner }));
    await writer.write(data);
    return writer.finish();
  }

  it('keeps what was written under its digest', async () => {
    const ref = await put(bytes);
    expect(ref).to.deep.equal({ sha256: digest(bytes), sizeBytes: bytes.length });
    const reader = await contents.find({ owner: ANONYMOUS, sha256: ref.sha256 });
    expect((await bytesOf(reader)).equals(bytes)).to.equal(true);
    expect((await bytesOf(reader, { offset: 599_990 })).equals(bytes.subarray(599_990))).to.equal(true);
    expect(await reasonOf(bytesOf(reader, { offset: 600_001 }))).to.equal('OFFSET_MISMATCH');
  });

  it('keeps one file of the same bytes of one owner, and two of two owners', async () => {
    await put(bytes);
    await put(bytes);
    expect(await files()).to.have.length(1);
    await put(bytes, 'other' as Owner);
    expect(await files()).to.have.length(2);
    expect(await contents.find({ owner: 'third' as Owner, sha256: digest(bytes) })).to.equal(undefined);
  });

  it('says at once that announced content is there', async () => {
    await put(bytes);
    const writer = await contents.open(announced());
    expect(writer.present).to.equal(true);
    expect(await writer.finish()).to.deep.equal({ sha256: digest(bytes), sizeBytes: bytes.length });
  });

  it('resumes an announced upload where it was cut', async () => {
    const first = await contents.open(announced());
    await first.write(bytes.subarray(0, 400_000));
    await first.abort();
    expect(await contents.uploaded(ANONYMOUS, digest(bytes))).to.deep.equal({
      committedBytes: 400_000,
      complete: false,
    });
    expect(await reasonOf(contents.open(announced({ offset: 500_000 })))).to.equal('OFFSET_MISMATCH');
    const second = await contents.open(announced({ offset: 400_000 }));
    await second.write(bytes.subarray(400_000));
    expect((await second.finish()).sha256).to.equal(digest(bytes));
    expect(await contents.uploaded(ANONYMOUS, digest(bytes))).to.deep.equal({
      committedBytes: 600_000,
      complete: true,
    });
  });

  it('leaves nothing of an upload that was not announced and broke', async () => {
    const writer = await contents.open(upload());
    await writer.write(bytes);
    await writer.abort();
    expect([...(await files()), ...(await partials())]).to.deep.equal([]);
  });

  it('refuses wrong digests, wrong sizes, empty content and too much, and keeps nothing', async () => {
    const wrong = await contents.open(announced({ sha256: digest(Buffer.from('x')) }));
    await wrong.write(bytes);
    expect(await reasonOf(wrong.finish())).to.equal('DIGEST_MISMATCH');
    const late = await contents.open(upload());
    await late.write(bytes);
    expect(await reasonOf(late.finish(digest(Buffer.from('x'))))).to.equal('DIGEST_MISMATCH');
    const short = await contents.open(upload({ sizeBytes: 10 }));
    await short.write(bytes.subarray(0, 9));
    expect(await reasonOf(short.finish())).to.equal('SIZE_MISMATCH');
    const long = await contents.open(upload({ sizeBytes: 10 }));
    expect(await reasonOf(long.write(bytes.subarray(0, 11)))).to.equal('SIZE_MISMATCH');
    await long.abort();
    expect(await reasonOf((await contents.open(upload())).finish())).to.equal('INVALID_FIELD');
    expect(await reasonOf(contents.open(upload({ sizeBytes: 1_000_001 })))).to.equal('CONTENT_TOO_LARGE');
    const large = await contents.open(upload());
    await large.write(bytes);
    expect(await reasonOf(large.write(bytes))).to.equal('CONTENT_TOO_LARGE');
    await large.abort();
    expect([...(await files()), ...(await partials())]).to.deep.equal([]);
  });

  it('refuses inputs while the disk is nearly full, but takes results and what is there already', async () => {
    await put(Buffer.from('known'));
    const started = await contents.open(announced());
    await started.write(bytes.subarray(0, 400_000));
    low = { freeBytes: 10, floorBytes: 20 };
    const refusal: unknown = await contents.open(upload()).catch((error: unknown) => error);
    expect(refusal).to.include({ reason: 'DISK_LOW', retryAfterMs: 30_000 });
    expect(refusal).to.deep.include({ metadata: { free_bytes: '10', floor_bytes: '20' } });
    expect(await reasonOf(started.write(bytes.subarray(400_000)))).to.equal('DISK_LOW');
    await started.abort();
    const known = await contents.open(upload({ sha256: digest(Buffer.from('known')), sizeBytes: 5 }));
    expect(known.present).to.equal(true);
    const result = await contents.open(upload({ purpose: 'result' }));
    await result.write(Buffer.from('a result'));
    expect((await result.finish()).sizeBytes).to.equal(8);
    low = undefined;
    const resumed = await contents.open(announced({ offset: 400_000 }));
    await resumed.write(bytes.subarray(400_000));
    expect((await resumed.finish()).sha256).to.equal(digest(bytes));
  });

  it('removes files that nothing refers to, and those that are gone already', async () => {
    await put(bytes);
    await contents.remove([...(await files()), 'gone']);
    expect(await files()).to.deep.equal([]);
  });

  it('removes uploads that nobody went on with for a day, hour by hour, and no other', async () => {
    const clock = new ManualClock();
    const agedBy = async (ms: number) => {
      const time = new Date(clock.wall() - ms);
      for (const name of await partials()) await utimes(join(directory, 'partial', name), time, time);
    };
    const begin = async (other: ContentDirectory, text: string) => {
      const sha256 = digest(Buffer.from(text));
      const writer = await other.open(upload({ sha256, sizeBytes: text.length }));
      await writer.write(Buffer.from('a'));
      return writer;
    };
    const aged = await ContentDirectory.open({
      directory,
      index: store,
      clock,
      maxBytes: 1_000_000,
      maxBytesSetting: '--limits.max_audio_bytes',
    });
    const logger = pino({ level: 'silent' });
    const lifecycle = new Lifecycle({ clock, logger, graceMs: 0 });
    const removed: Promise<void>[] = [];
    const content = {
      removeAbandoned: () => {
        const removal = aged.removeAbandoned();
        removed.push(removal);
        return removal;
      },
    };
    removeAbandonedUploads(content, { clock, log: logger, lifecycle });
    const hour = async () => {
      await clock.advance(3_600_000);
      await Promise.all(removed);
      return (await partials()).length;
    };
    await (await begin(aged, 'abandoned')).abort();
    const open = await begin(aged, 'under way');
    await agedBy(ORPHAN_CONTENT_MS - 7_200_000);
    expect(await hour()).to.equal(2);
    await agedBy(ORPHAN_CONTENT_MS);
    expect(await hour()).to.equal(1);
    await open.abort();
    await lifecycle.stop();
    expect(clock.waiting).to.equal(0);
  });
});
