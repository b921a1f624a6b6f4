import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { POLICY } from '../../src/domain/score/policy.js';
import { Installation } from '../support/installation.js';
import { RunningProgram } from '../support/program.js';

describe('a program that cannot start', function () {
  this.timeout(30_000);
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(1);
  });
  afterEach(() => installation.dispose());

  async function refused(...args: string[]): Promise<string> {
    const program = installation.start(...args);
    expect(await program.exited).to.equal(1);
    expect(program.complaints).to.have.length(1);
    return program.complaints[0] ?? '';
  }

  it('names the busy port and the flag to choose another', async () => {
    const other = createServer().listen(installation.ports.http, '127.0.0.1');
    await once(other, 'listening');
    const line = await refused('proxy', ...installation.listeners);
    expect(line).to.include(`127.0.0.1:${installation.ports.http}`).and.include('--http.port');
    other.close();
  });

  it('names the busy gRPC port too', async () => {
    const other = createServer().listen(installation.ports.grpc, '127.0.0.1');
    await once(other, 'listening');
    expect(await refused('proxy', ...installation.listeners)).to.include('--grpc.port');
    other.close();
  });

  it('refuses a data directory that it cannot use', async () => {
    const file = join(installation.dataDir, 'file');
    await writeFile(file, '');
    const program = new RunningProgram([
      'proxy',
      ...installation.listeners,
      '--data_dir',
      join(file, 'below'),
    ]);
    expect(await program.exited).to.equal(1);
    expect(program.complaints.join()).to.include('--data_dir').and.include(file);
  });

  it('refuses a file that is no database, and leaves it as it is', async () => {
    await writeFile(
      join(installation.dataDir, 'proxy.db'),
      'this is no database at all, just a text'.repeat(100),
    );
    expect(await refused('proxy', ...installation.listeners))
      .to.include('damaged')
      .and.include('backup');
  });

  it('refuses a second proxy on the same data directory', async () => {
    await installation.startProxy();
    const second = installation.start('proxy', '--http.port', '0', '--grpc.port', '0', '--metrics.port', '0');
    expect(await second.exited).to.equal(1);
    expect(second.complaints.join()).to.include('in use by another process');
  });

  it('refuses a broken subnet file, naming the field', async () => {
    const file = join(installation.dataDir, 'broken.json');
    await mkdir(installation.dataDir, { recursive: true });
    await writeFile(file, '{"netuid": 49, "network": "static", "neurons": [{"uid": "x"}]}');
    const line = await refused('proxy', ...installation.listeners, '--subtensor.network', `static:${file}`);
    expect(line).to.include(file).and.include('neurons[0].');
  });

  it('says that up runs no chain', async () => {
    const line = await refused('up', '--subtensor.network', 'finney');
    expect(line).to.include('finney').and.include('start proxy, validator and miner');
  });

  it('exits with 2 on an unknown flag', async () => {
    const program = installation.start('proxy', '--nonsense');
    expect(await program.exited).to.equal(2);
    expect(program.complaints.join()).to.include('--nonsense');
  });

  it('exits with 2 on a bad scoring policy, naming the number in one line', async () => {
    const printed = new RunningProgram(['policy']);
    expect(await printed.exited).to.equal(0);
    const policy = JSON.parse(printed.stdout) as { version: string; weights: { accuracy: number } };
    const file = join(installation.dataDir, 'policy.json');
    await writeFile(
      file,
      JSON.stringify({ ...policy, version: 'mine', weights: { accuracy: 0.7, speed: 0.4 } }),
    );
    const program = installation.start('validator', '--scoring.policy', file);
    expect(await program.exited).to.equal(2);
    expect(program.complaints).to.deep.equal([
      `audio-subnet: --scoring.policy ${file}: weights: the shares must sum to 1`,
    ]);
  });
});

describe('audio-subnet policy', function () {
  this.timeout(30_000);
  const run = async (...args: readonly string[]) => {
    const program = new RunningProgram(['policy', ...args]);
    return { code: await program.exited, stdout: program.stdout, complaints: program.complaints };
  };

  it('prints the built-in policy, which it takes as a file with the same hash', async () => {
    const installation = await Installation.create(1);
    const built = await run();
    const file = join(installation.dataDir, 'policy.json');
    await writeFile(file, built.stdout);
    expect(await run(file)).to.deep.equal(built);
    expect(built.complaints).to.deep.equal([
      `audio-subnet: policy ${POLICY.version}, SHA-256 ${POLICY.hash}`,
    ]);
    await installation.dispose();
  });

  it('exits with 2 on what it does not understand, in one line', async () => {
    for (const args of [['--nonsense'], ['/nowhere/policy.json'], ['a', 'b']]) {
      const { code, stdout, complaints } = await run(...args);
      expect([code, stdout, complaints.length]).to.deep.equal([2, '', 1]);
    }
  });
});
