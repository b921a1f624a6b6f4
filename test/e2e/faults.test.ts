import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Installation } from '../support/installation.js';
import { ProxyCaller } from '../support/proxy-caller.js';
import { refused } from '../support/refused.js';
import { SmallVolume } from '../support/small-volume.js';

const MIB = 1024 ** 2;
const TEXT = 'A text that is long enough to be summarized.';

/** What a proxy says on standard error that cannot start: one line, no log and no stack. */
async function refusalOf(installation: Installation): Promise<string> {
  const proxy = installation.start('proxy', ...installation.listeners);
  expect(await proxy.exited).to.equal(1);
  expect(proxy.complaints).to.have.length(1);
  expect(proxy.lines.filter(({ level }) => ['error', 'fatal'].includes(level))).to.deep.equal([]);
  return proxy.complaints[0] ?? '';
}

describe('the database of a proxy', function () {
  this.timeout(60_000);
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(1);
  });
  afterEach(() => installation.dispose());

  it('is refused to a second process in one line, and free right after kill -9', async () => {
    const first = await installation.startProxy();
    expect(await refusalOf(installation))
      .to.include('in use by another process')
      .and.include(join(installation.dataDir, 'proxy.db'));
    await first.kill('SIGKILL');
    await installation.startProxy();
  });

  it('is refused in one line when a page of it is damaged', async () => {
    const first = await installation.startProxy();
    const caller = new ProxyCaller(`127.0.0.1:${installation.ports.grpc}`);
    for (let i = 0; i < 10; i++) await caller.submit(TEXT);
    caller.close();
    expect(await first.stop()).to.equal(0);
    const file = join(installation.dataDir, 'proxy.db');
    const handle = await open(file, 'r+');
    const { size } = await handle.stat();
    // Whatever the schema, one of these pages belongs to the tasks or to an index of them.
    for (let page = 1; page < size / 4096; page++)
      await handle.write(Buffer.alloc(256, 0xfe), 0, 256, page * 4096);
    await handle.close();
    expect(await refusalOf(installation))
      .to.include('damaged')
      .and.include(file)
      .and.include('backup');
  });
});

describe('a proxy that starts on a full disk', function () {
  this.timeout(60_000);
  /** Absent where the tests are skipped. */
  let mounted: SmallVolume | undefined;
  let volume: SmallVolume;
  let installation: Installation;

  before(async function () {
    volume = mounted = await SmallVolume.mount(16 * MIB, this);
    installation = await Installation.create(1, volume.directory);
  });
  after(async () => {
    if (mounted === undefined) return;
    await installation.dispose();
    await mounted.dispose();
  });

  it('takes up what it holds, refuses what is new, and goes on once there is room', async () => {
    const first = await installation.startProxy();
    const address = `127.0.0.1:${installation.ports.grpc}`;
    const caller = new ProxyCaller(address);
    const id = await caller.submit(TEXT);
    const { leased } = await caller.claim(1);
    caller.close();
    await first.kill('SIGKILL');
    await volume.fill();
    await installation.startProxy();
    const again = new ProxyCaller(address);
    expect(await refused(again.submit(TEXT))).to.include({ reason: 'DISK_LOW' });
    await volume.makeRoom();
    await again.settle(leased[0]!, 'the gist');
    expect((await again.task(id))?.result?.validatorHotkey).to.equal('v');
    again.close();
  });
});
