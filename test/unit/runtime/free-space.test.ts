import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { defaultFloor, FreeSpace, LOOK_MS } from '../../../src/runtime/free-space.js';
import { SmallVolume } from '../../support/small-volume.js';
import { ManualClock, until } from '../validator/manual-clock.js';

const MIB = 1024 ** 2;

describe('defaultFloor()', () => {
  it('is 1 GiB on a large volume and 5 % of a small one', () => {
    expect(defaultFloor(1024 ** 4)).to.equal(1024 ** 3);
    expect(defaultFloor(20 * 1024 ** 3)).to.equal(1024 ** 3);
    expect(defaultFloor(10_000 * MIB)).to.equal(500 * MIB);
    expect(defaultFloor(0)).to.equal(0);
  });
});

describe('FreeSpace', () => {
  /** Absent where the tests are skipped. */
  let mounted: SmallVolume | undefined;
  let volume: SmallVolume;
  let clock: ManualClock;
  let space: FreeSpace;
  let logged: { level: string; text: string; entry: Record<string, unknown> }[];

  before(async function () {
    volume = mounted = await SmallVolume.mount(8 * MIB, this);
  });
  after(() => mounted?.dispose());

  const log = (level: string) => (entry: Record<string, unknown>, text: string) => {
    logged.push({ level, text, entry });
  };
  async function open(minFreeBytes?: number, directory = volume.directory): Promise<void> {
    space = new FreeSpace({
      directories: { database: directory, content: directory },
      ...(minFreeBytes !== undefined && { minFreeBytes }),
      clock,
      logger: { info: log('info'), warn: log('warn') } as never,
    });
    await space.start();
  }
  /** A look takes a system call: the next one is planned once it ended. */
  async function look(): Promise<void> {
    await clock.advance(LOOK_MS);
    await until(() => clock.waiting === 1);
  }

  beforeEach(() => {
    clock = new ManualClock();
    logged = [];
  });
  afterEach(async () => {
    space.stop();
    await volume.makeRoom();
  });

  it('knows the free bytes of each directory from the start', async () => {
    await open();
    expect(space.low).to.equal(undefined);
    const [database, content] = space.volumes;
    expect(database).to.deep.equal({ ...content, holds: 'database' });
    expect(database?.freeBytes).to.equal(await volume.freeBytes());
    expect(database?.floorBytes).to.equal(Math.floor(8 * MIB * 0.05));
  });

  it('is low while there is less than the floor, and says so once each way', async () => {
    await open(MIB);
    await volume.fill(MIB / 2);
    await look();
    await look();
    expect(space.low).to.include({ holds: 'database', freeBytes: MIB / 2, floorBytes: MIB });
    expect(logged.map(({ level }) => level)).to.deep.equal(['warn']);
    expect(logged[0]?.entry).to.include({ directory: volume.directory, freeBytes: MIB / 2, floorBytes: MIB });
    await volume.makeRoom();
    await look();
    await look();
    expect(space.low).to.equal(undefined);
    expect(logged.map(({ level }) => level)).to.deep.equal(['warn', 'info']);
  });

  it('is never low with a floor of 0', async () => {
    await volume.fill();
    await open(0);
    expect(space.volumes[0]?.freeBytes).to.equal(0);
    expect(space.low).to.equal(undefined);
  });

  it('keeps the last reading while the directory cannot be read, and says so once', async () => {
    const directory = join(volume.directory, 'data');
    await mkdir(directory);
    await volume.fill(MIB / 2);
    await open(MIB, directory);
    await rename(directory, `${directory}-away`);
    await look();
    await look();
    expect(space.low).to.include({ freeBytes: MIB / 2 });
    expect(logged.map(({ text }) => text)).to.have.length(2);
    await rename(`${directory}-away`, directory);
    await volume.makeRoom();
    await look();
    expect(space.low).to.equal(undefined);
  });

  it('cannot start without its directory', async () => {
    const error: unknown = await open(MIB, '/no such directory').catch((caught: unknown) => caught);
    expect(error).to.have.property('code', 'ENOENT');
  });

  it('looks no more once it is stopped', async () => {
    await open();
    space.stop();
    expect(clock.waiting).to.equal(0);
  });
});
