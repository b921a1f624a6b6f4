import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ensureStaticSubnet } from '../../../src/chain/ensure-static-subnet.js';
import { parseStaticSubnet } from '../../../src/chain/static-subnet-file.js';
import { StaticSubnet } from '../../../src/chain/static-subnet.js';
import { Refusal } from '../../../src/domain/errors.js';
import { minersOf } from '../../../src/domain/network-view.js';
import { findHotkey } from '../../../src/wallet/find-hotkey.js';
import { ManualClock, until } from '../validator/manual-clock.js';
import { memoryLog } from '../validator/memory-log.js';
import { rejection } from '../validator/rejection.js';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const neuron = {
  uid: 3,
  hotkey: ALICE,
  stake: 1.5,
  validator_permit: false,
  axon: { ip: '127.0.0.1', port: 8091 },
};
const subnet = { netuid: 49, network: 'static', neurons: [neuron] };

describe('parseStaticSubnet()', () => {
  it('gives the metagraph', () => {
    expect(parseStaticSubnet('f', JSON.stringify(subnet))).to.deep.equal({
      netuid: 49,
      network: 'static',
      source: 'static',
      neurons: [
        { uid: 3, hotkey: ALICE, stake: 1.5, validatorPermit: false, axon: { ip: '127.0.0.1', port: 8091 } },
      ],
    });
  });

  it('takes neurons that serve no axon', () => {
    const { axon, ...rest } = neuron;
    expect(axon.port).to.equal(8091);
    expect(
      parseStaticSubnet('f', JSON.stringify({ ...subnet, neurons: [rest] })).neurons[0],
    ).not.to.have.property('axon');
  });

  const wrong: readonly (readonly [string, unknown])[] = [
    ['netuid', { ...subnet, netuid: '49' }],
    ['network', { ...subnet, network: '' }],
    ['neurons', { ...subnet, neurons: {} }],
    ['neurons[0]', { ...subnet, neurons: [7] }],
    ['neurons[0].uid', { ...subnet, neurons: [{ ...neuron, uid: 65_536 }] }],
    ['neurons[0].hotkey', { ...subnet, neurons: [{ ...neuron, hotkey: 'me' }] }],
    ['neurons[0].stake', { ...subnet, neurons: [{ ...neuron, stake: -1 }] }],
    ['neurons[0].validator_permit', { ...subnet, neurons: [{ ...neuron, validator_permit: 1 }] }],
    ['neurons[0].axon', { ...subnet, neurons: [{ ...neuron, axon: [] }] }],
    ['neurons[0].axon.ip', { ...subnet, neurons: [{ ...neuron, axon: { ip: 'localhost', port: 1 } }] }],
    ['neurons[0].axon.port', { ...subnet, neurons: [{ ...neuron, axon: { ip: '::1', port: 0 } }] }],
    ['neurons[1].uid', { ...subnet, neurons: [neuron, neuron] }],
    ['the file', [1]],
  ];
  for (const [field, value] of wrong) {
    it(`names ${field} when it is wrong, in one line`, () => {
      expect(() => parseStaticSubnet('/x/subnet.json', JSON.stringify(value)))
        .to.throw(Refusal)
        .with.property('message')
        .that.matches(/^static subnet \/x\/subnet\.json: [^\n]+$/)
        .and.includes(`: ${field}: `);
    });
  }

  it('refuses what is no JSON in one line', () => {
    expect(() => parseStaticSubnet('f', '{\n"a":')).to.throw(
      Refusal,
      /^static subnet f: no valid JSON [^\n]+$/,
    );
  });
});

describe('StaticSubnet', () => {
  let folder: string;
  let file: string;
  let clock: ManualClock;
  let view: StaticSubnet;
  let lines: ReturnType<typeof memoryLog>['lines'];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'subnet-'));
    file = join(folder, 'subnet.json');
    clock = new ManualClock();
    const memory = memoryLog();
    lines = memory.lines;
    view = new StaticSubnet({ file, clock, log: memory.log });
  });

  afterEach(async () => {
    view.stop();
    expect(clock.waiting).to.equal(0);
    await rm(folder, { recursive: true });
  });

  const write = (value: unknown) =>
    writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));

  it('refuses to start without its file', async () => {
    const error = await rejection(view.start());
    expect(error.message).to.equal(`static subnet ${file}: cannot be read (ENOENT)`);
    expect(view.current()).to.equal(undefined);
  });

  it('reads the file again when it changed', async () => {
    await write(subnet);
    await view.start();
    await write({ ...subnet, netuid: 7_000 });
    await view.refresh();
    expect(view.current()?.metagraph.netuid).to.equal(7_000);
  });

  it('looks at the file by itself every few seconds', async () => {
    await write(subnet);
    await view.start();
    await write({ ...subnet, netuid: 8_000 });
    await clock.advance(2000);
    await until(() => view.current()?.metagraph.netuid === 8_000 && clock.waiting === 1);
    await write({ ...subnet, netuid: 19_000 });
    await clock.advance(2000);
    await until(() => view.current()?.metagraph.netuid === 19_000 && clock.waiting === 1);
  });

  it('keeps the last good reading, growing older, while the file is broken, and says so once', async () => {
    await write(subnet);
    await view.start();
    await write('{');
    await clock.advance(1000);
    await view.refresh();
    await view.refresh();
    expect(view.current()).to.deep.include({ ageMs: 1000, connected: false });
    expect(view.current()?.metagraph.netuid).to.equal(49);
    expect(lines.filter(({ msg }) => msg.includes(file))).to.have.length(1);
    await write({ ...subnet, netuid: 5 });
    await view.refresh();
    expect(view.current()).to.deep.include({ ageMs: 0, connected: true });
    expect(view.current()?.metagraph.netuid).to.equal(5);
  });
});

describe('ensureStaticSubnet()', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'subnet-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('writes a validator and three miners whose keys lie in the wallet', async () => {
    const { file, walletsDir, created } = await ensureStaticSubnet(join(folder, 'new'), { netuid: 49 });
    expect(created).to.equal(true);
    const metagraph = parseStaticSubnet(file, await readFile(file, 'utf8'));
    expect(metagraph.neurons.map(({ uid, axon }) => [uid, axon?.port])).to.deep.equal([
      [0, 8092],
      [1, 8091],
      [2, 8093],
      [3, 8094],
    ]);
    expect(minersOf(metagraph).map(({ uid }) => uid)).to.deep.equal([1, 2, 3]);
    expect(metagraph.neurons[0]).to.deep.include({ validatorPermit: true });
    const names = await Promise.all(metagraph.neurons.map(({ hotkey }) => findHotkey(walletsDir, hotkey)));
    expect(names.map((name) => `${name?.wallet}/${name?.hotkey}`)).to.deep.equal([
      'static/validator',
      'static/miner1',
      'static/miner2',
      'static/miner3',
    ]);
  });

  it('leaves a file that is there alone', async () => {
    await writeFile(join(folder, 'subnet.json'), 'mine');
    expect((await ensureStaticSubnet(folder, { netuid: 1 })).created).to.equal(false);
    expect(await readFile(join(folder, 'subnet.json'), 'utf8')).to.equal('mine');
  });

  it('gives several that start at once one subnet whose keys are in the wallet', async () => {
    const results = await Promise.all(
      Array.from({ length: 5 }, () => ensureStaticSubnet(folder, { netuid: 49, minerPorts: [9001] })),
    );
    expect(results.filter(({ created }) => created)).to.have.length(1);
    const { file, walletsDir } = results[0]!;
    const { neurons } = parseStaticSubnet(file, await readFile(file, 'utf8'));
    for (const { hotkey } of neurons)
      expect(await findHotkey(walletsDir, hotkey)).to.have.property('wallet', 'static');
  });
});
