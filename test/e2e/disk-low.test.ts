import { expect } from 'chai';
import { UploadHeader } from '../../gen/ts/audiosubnet/v1/content_service.js';
import { TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import { Installation } from '../support/installation.js';
import type { RunningProgram } from '../support/program.js';
import { ProxyCaller } from '../support/proxy-caller.js';
import { refused } from '../support/refused.js';
import { submitJson } from '../support/rest-client.js';
import { SmallVolume } from '../support/small-volume.js';

const MIB = 1024 ** 2;
/** 5 % of it are 3.2 MiB. */
const VOLUME_BYTES = 64 * MIB;
const TEXT = 'A text that is long enough to be summarized.';

describe('a proxy on a disk that is nearly full', function () {
  this.timeout(60_000);
  /** Absent where the tests are skipped. */
  let mounted: SmallVolume | undefined;
  let volume: SmallVolume;
  let installation: Installation;
  let proxy: RunningProgram;
  let caller: ProxyCaller;

  before(async function () {
    volume = mounted = await SmallVolume.mount(VOLUME_BYTES, this);
    installation = await Installation.create(1, volume.directory);
  });
  after(async () => {
    if (mounted === undefined) return;
    await installation.dispose();
    await mounted.dispose();
  });
  beforeEach(async () => {
    proxy = await installation.startProxy();
    caller = new ProxyCaller(`127.0.0.1:${installation.ports.grpc}`);
  });
  afterEach(async () => {
    caller.close();
    await volume.makeRoom();
    expect(await proxy.stop()).to.equal(0);
  });

  const lines = (part: string) => proxy.lines.filter(({ msg }) => msg.includes(part));

  async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
    yield await Promise.resolve(bytes);
  }

  it('refuses new work alone, and takes it again once there is room', async () => {
    for (let i = 0; i < 4; i++) await caller.submit(TEXT);
    const { session, leased } = await caller.claim(2);
    const [first, second] = leased;
    await volume.fill(2 * MIB);
    await proxy.line(({ msg }) => msg.includes('nearly full'));

    const refusal = await refused(caller.submit(TEXT));
    expect(refusal).to.include({ reason: 'DISK_LOW', retryAfterMs: 30_000 });
    expect(Number(refusal.metadata['free_bytes'])).to.be.below(2 * MIB + 1);
    expect(refusal.metadata['floor_bytes']).to.equal(String(Math.floor(VOLUME_BYTES * 0.05)));
    const answer = await fetch(`${installation.url}/api/v1/summarization`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: TEXT, source_language: 'en' }),
    });
    expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([507, '30']);
    const large = Buffer.alloc(200_000, 'spoken');
    const input = caller.contents.uploadContent(once(large), UploadHeader.create());
    expect(await refused(input)).to.include({ reason: 'DISK_LOW' });

    await caller.validators.extendLeases({
      sessionId: session,
      leases: leased.map(({ leaseToken }) => ({ leaseToken, progress: undefined })),
      lastSequence: 0n,
    });
    const header = UploadHeader.fromPartial({ leaseToken: first!.leaseToken });
    expect((await caller.contents.uploadContent(once(large), header)).sizeBytes).to.equal(200_000n);
    await caller.settle(first!, 'the gist');
    expect((await caller.task(first!.taskId))?.state).to.equal(TaskState.COMPLETED);
    const { leased: more } = await caller.claim(1);
    expect(more).to.have.length(1);
    await caller.tasks.cancelTask({ id: more[0]!.taskId, reason: '' });
    await caller.tasks.deleteTask({ id: first!.taskId });
    expect(lines('nearly full')).to.have.length(1);

    await volume.makeRoom();
    await proxy.line(({ msg }) => msg.includes('has room again'));
    await caller.submit(TEXT);
    await submitJson(installation.url, 'summarization', TEXT);
    await caller.settle(second!, 'late, but fine');
    expect([lines('nearly full').length, lines('has room again').length]).to.deep.equal([1, 1]);
  });

  it('takes a result that comes inside its settlement and is kept as content', async () => {
    await caller.submit(TEXT);
    const { leased } = await caller.claim(1);
    await volume.fill(2 * MIB);
    await proxy.line(({ msg }) => msg.includes('nearly full'));
    await caller.settle(leased[0]!, 'a long gist '.repeat(10_000));
    expect((await caller.task(leased[0]!.taskId))?.result?.output?.$case).to.equal('content');
  });

  it('tells Prometheus how much is free', async () => {
    const metrics = await fetch(`http://127.0.0.1:${installation.ports.metrics}/metrics`);
    const text = await metrics.text();
    for (const holds of ['database', 'content']) {
      const free = new RegExp(`^audio_subnet_disk_free_bytes\\{holds="${holds}"\\} (\\d+)$`, 'm').exec(text);
      expect(Number(free?.[1])).to.be.within(VOLUME_BYTES / 2, VOLUME_BYTES);
    }
  });
});

describe('a proxy with its queue in memory', function () {
  this.timeout(60_000);
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(1);
  });
  afterEach(() => installation.dispose());

  it('takes tasks however little the disk has, and no uploads', async () => {
    await installation.startProxy('--database', ':memory:', '--disk.min_free', String(1024 ** 4));
    const caller = new ProxyCaller(`127.0.0.1:${installation.ports.grpc}`);
    await caller.submit(TEXT);
    const upload = caller.contents.uploadContent(
      (async function* () {
        yield await Promise.resolve(Buffer.from('audio'));
      })(),
      UploadHeader.create(),
    );
    expect(await refused(upload)).to.include({ reason: 'DISK_LOW' });
    caller.close();
  });
});
