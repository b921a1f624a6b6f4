import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { findExecutable } from '../../src/engines/find-executable.js';
import { Installation } from '../support/installation.js';

const MAIN = new URL('../../src/cli/main.js', import.meta.url).pathname;
const PHRASE = 'test test test test test test test test test test test junk';
const ADDRESS = '5GmS1wtCfR4tK5SSgnZbVT4kYw5W8NmxmijcsxCQE6oLW6A8';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, args: readonly string[], feed: (child: Feed) => void): Promise<Ended> {
  const child = spawn(command, args, { stdio: 'pipe' });
  const ended: { stdout: string; stderr: string } = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    ended.stdout += chunk.toString();
    feed({ seen: ended.stdout, input: child.stdin });
  });
  child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
  feed({ seen: '', input: child.stdin });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...ended };
}

interface Feed {
  readonly seen: string;
  readonly input: NodeJS.WritableStream;
}

describe('audio-subnet wallet', function () {
  this.timeout(30_000);
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-wallets-'));
    file = join(folder, 'default', 'hotkeys', 'default');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const wallet = (args: readonly string[], input = ''): Promise<Ended> =>
    run(process.execPath, [MAIN, 'wallet', ...args, '--wallet.path', folder], ({ seen, input: stdin }) => {
      if (seen === '') stdin.end(input);
    });

  /** On a terminal; `typed` follows once the program has asked. */
  function onTerminal(args: readonly string[], typed?: string): Promise<Ended> {
    const line = [process.execPath, MAIN, 'wallet', ...args, '--wallet.path', folder].join(' ');
    let answered = typed === undefined;
    return run('script', ['-qec', line, '/dev/null'], ({ seen, input }) => {
      if (answered || !seen.includes('private key: ')) return;
      answered = true;
      input.write(`${typed}\r`);
    });
  }

  it('creates a private file, once, and shows no words where no terminal is', async () => {
    const { code, stdout, stderr } = await wallet(['create']);
    expect(code).to.equal(0);
    const json = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
    expect(stdout).to.include(json['ss58Address']).and.include(json['publicKey']).and.include(file);
    for (const field of ['secretPhrase', 'secretSeed', 'privateKey'])
      expect(stdout + stderr).not.to.include(json[field]);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);

    const again = await wallet(['create']);
    expect(again.code).to.equal(1);
    expect(again.stderr.trim()).to.equal(
      `audio-subnet: ${file}: is there already; a key is never overwritten`,
    );
    expect(JSON.parse(await readFile(file, 'utf8'))).to.deep.equal(json);
  });

  it('shows the words of a new key on a terminal', async function () {
    if ((await findExecutable('script')) === undefined) this.skip();
    const { stdout } = await onTerminal(['create']);
    const { secretPhrase } = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
    expect(stdout).to.include(secretPhrase);
  });

  it('imports from standard input and from a file', async () => {
    expect((await wallet(['import'], `${PHRASE}\n`)).stdout).to.include(ADDRESS);
    await writeFile(join(folder, 'phrase'), PHRASE, { mode: 0o600 });
    const args = ['--wallet.hotkey', 'second', '--wallet.secret_file', join(folder, 'phrase')];
    const { stdout, stderr } = await wallet(['import', ...args]);
    expect(stdout).to.include(ADDRESS);
    expect(stdout + stderr).not.to.include('junk');
  });

  it('imports from a prompt that does not show what is typed', async function () {
    if ((await findExecutable('script')) === undefined) this.skip();
    const { code, stdout } = await onTerminal(['import'], PHRASE);
    expect(code).to.equal(0);
    expect(stdout).to.include(ADDRESS).and.not.include('junk');
  });

  it('takes no secret from the command line and repeats none', async () => {
    const { code, stderr } = await wallet(['import', ...PHRASE.split(' ')]);
    expect(code).to.equal(2);
    expect(stderr).to.include('takes no secret from the command line').and.not.include('junk');
  });

  it('shows a key and the coldkey, and never opens the secret of the latter', async () => {
    await wallet(['import'], PHRASE);
    const coldkey = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
    await writeFile(join(folder, 'default', 'coldkeypub.txt'), JSON.stringify({ ss58Address: coldkey }));
    // Opening a pipe that nobody writes to would never end.
    await promisify(execFile)('mkfifo', [join(folder, 'default', 'coldkey')]);
    await chmod(file, 0o644);
    const { stdout, stderr } = await wallet(['show']);
    expect(stdout)
      .to.include(ADDRESS)
      .and.include(coldkey)
      .and.match(/mode +0644 \(other users/);
    expect(stdout + stderr).not.to.include('junk');
  });

  it('says how to give the password of an encrypted key where no terminal is', async () => {
    await mkdir(join(folder, 'default', 'hotkeys'), { recursive: true });
    await writeFile(file, `$NACL${'x'.repeat(60)}`);
    const { code, stderr } = await wallet(['show']);
    expect(code).to.equal(1);
    expect(stderr.trim().split('\n')).to.have.length(1);
    expect(stderr).to.include(file).and.include('--wallet.password_file');
  });

  it('explains itself', async () => {
    expect(await wallet(['bogus'])).to.include({ code: 2, stdout: '' });
    const help = await run(process.execPath, [MAIN, 'wallet'], ({ input }) => input.end());
    expect(help.code).to.equal(0);
    expect(help.stdout).to.include('<create|import|show>');
  });
});

describe('a miner with a wallet', function () {
  this.timeout(30_000);
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(1);
  });
  afterEach(() => installation.dispose());

  it('takes the hotkey that was named and warns once when others may read it', async () => {
    const path = join(installation.dataDir, 'wallets');
    const file = join(path, 'static', 'hotkeys', 'miner1');
    await chmod(file, 0o644);
    const { ss58Address, ...secrets } = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
    const names = ['--wallet.path', path, '--wallet.name', 'static', '--wallet.hotkey', 'miner1'];
    const miner = installation.start('miner', '--axon.port', '0', '--logging.debug', ...names);
    await miner.line(({ msg, ['hotkey']: hotkey }) => msg === 'miner is ready' && hotkey === ss58Address);
    const warnings = miner.lines.filter(({ msg }) => msg.startsWith('other users of this machine'));
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include({ file, mode: '0644', level: 'warn' });
    for (const field of ['secretPhrase', 'secretSeed', 'privateKey'])
      expect(JSON.stringify(miner.lines)).not.to.include(secrets[field]);
  });
});
