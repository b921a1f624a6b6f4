import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { hotkeyPath } from '../../src/wallet/find-hotkey.js';
import { ensureHotkeyFile } from '../../src/wallet/hotkey-file.js';
import { startChainDouble } from '../support/chain-double/chain-double.js';
import { needMetadata } from '../support/chain-subnet.js';
import { freePorts, RunningProgram } from '../support/program.js';

describe('the documented validator on a chain', function () {
  this.timeout(40_000);
  let folder: string;
  let program: RunningProgram | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-chain-'));
  });
  afterEach(async () => {
    await program?.kill('SIGKILL');
    program = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  const wallets = () => join(folder, 'wallets');
  const key = () => ensureHotkeyFile(hotkeyPath(wallets(), { wallet: 'luno', hotkey: 'arusha' }));

  async function start(network: string): Promise<RunningProgram> {
    await key();
    const [proxy] = await freePorts(1);
    const documented =
      `validator --netuid 49 --subtensor.network ${network} --wallet.name luno --wallet.hotkey arusha ` +
      '--logging.debug --axon.ip 127.0.0.1 --axon.port 0 --axon.external_ip 102.134.149.117 ' +
      `--axon.external_port 8092 --proxy_server_url http://localhost:${proxy} --enable_proxy_integration ` +
      '--proxy_check_interval 30';
    program = new RunningProgram([
      ...documented.split(' '),
      '--wallet.path',
      wallets(),
      '--data_dir',
      join(folder, 'data'),
    ]);
    return program;
  }

  const outage = ({ msg }: { readonly msg: string }) => msg.startsWith('no chain is reachable');

  it('starts without its chain, says so with address and cause, keeps trying, and stops cleanly', async () => {
    const [port] = await freePorts(1);
    const validator = await start(`ws://127.0.0.1:${port}`);
    await validator.line(({ msg }) => msg === 'validator is ready');
    const line = await validator.line(outage);
    expect(line.msg).to.include(`ws://127.0.0.1:${port} (ECONNREFUSED)`);
    const tries = () =>
      validator.lines.filter(({ msg }) => msg === 'an endpoint of the chain is not reached');
    await validator.line(() => tries().length >= 3);
    expect(validator.lines.filter(outage)).to.have.length(1);
    expect(await validator.stop()).to.equal(0);
    expect(validator.complaints).to.deep.equal([]);
  });

  it('does the same with finney where there is no internet', async function () {
    const validator = await start('finney');
    const first = await validator.line(
      (line) =>
        outage(line) ||
        line.msg.includes('the chain is reached') ||
        line.msg.includes('subnet cannot be read'),
    );
    if (!outage(first)) this.skip();
    expect(first.msg).to.include('wss://entrypoint-finney.opentensor.ai:443 (');
    expect(await validator.stop()).to.equal(0);
    expect(validator.complaints).to.deep.equal([]);
  });

  it('finds the chain when it comes up later, and announces its axon there', async function () {
    needMetadata(this);
    const { address } = await key();
    const double = await startChainDouble({
      metadata: '381',
      netuid: 49,
      sealOnSubmit: true,
      neurons: [{ uid: 0, hotkey: address, alphaRao: 10_000n, validatorPermit: true }],
    });
    try {
      double.refuseConnections(true);
      const validator = await start(double.url);
      await validator.line(outage);
      double.refuseConnections(false);
      await validator.line(({ msg }) => msg === 'the chain is reached again');
      await validator.line(({ msg }) => msg === 'the axon is announced');
      expect(double.served(address)).to.deep.include({
        ip: 1_720_096_117,
        port: 8092,
        ipType: 4,
        protocol: 4,
      });
      expect(await validator.stop()).to.equal(0);
      expect(validator.complaints).to.deep.equal([]);
    } finally {
      await double.stop();
    }
  });
});
