import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { runKeys } from '../../src/cli/keys.js';
import { finalTask } from '../support/rest-client.js';
import { Installation } from '../support/installation.js';
import type { RunningProgram } from '../support/program.js';

const run = promisify(execFile);
const ROOT = new URL('../../../', import.meta.url).pathname;
const MAIN = new URL('../../src/cli/main.js', import.meta.url).pathname;

describe('API keys of running programs', function () {
  this.timeout(60_000);
  let installation: Installation;
  let folder: string;
  let up: RunningProgram;
  let commands: readonly string[];

  before(async () => {
    installation = await Installation.create(1);
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-keys-'));
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const section = readme.split('## API keys\n')[1]?.split('\n## ')[0] ?? '';
    commands = (/```bash\n([^]*?)```/.exec(section)?.[1] ?? '').trim().split('\n');
    up = installation.start('up', ...installation.listeners);
    await up.output('audio-subnet is running');
  });
  after(async () => {
    await installation.dispose();
    await rm(folder, { recursive: true });
  });

  /** Runs lines of the README as one script, in which audio-subnet is this one. */
  const script = async (lines: readonly string[]) => {
    const text = lines.join('\n').replaceAll('http://localhost:8000', installation.url);
    const { stdout } = await run(
      'bash',
      ['-ec', `audio-subnet() { "${process.execPath}" "${MAIN}" "$@"; }\n${text}`],
      { cwd: folder, env: { ...process.env, AUDIO_SUBNET_DATA_DIR: installation.dataDir } },
    );
    return stdout.trim().split('\n');
  };

  /** The same for one line, without the time that a process takes. */
  const inProcess = (line = '', id: string) => {
    const [program, command, ...argv] = line.replace('THE_KEY_ID', id).split(' ');
    expect([program, command]).to.deep.equal(['audio-subnet', 'keys']);
    const env = { AUDIO_SUBNET_DATA_DIR: installation.dataDir };
    return runKeys(argv, { env, home: folder, readFile: () => '' });
  };

  it('are not needed before the first one, and the start says so', async () => {
    expect(up.stdout).to.include('Callers without an API key are served');
    await up.line(({ msg, level }) => level === 'warn' && msg.includes('without an API key are served'));
    const headers = { authorization: 'Bearer sk-of-somebody-else' };
    expect((await fetch(`${installation.url}/api/v1/tasks`, { headers })).status).to.equal(200);
  });

  it('are made, shown, renewed and ended by the commands of the README, beside them', async () => {
    expect(commands).to.have.length(7);
    const [key = '', ...told] = await script([`${commands[0] ?? ''}; echo "$KEY"`, ...commands.slice(1, 5)]);
    expect(key).to.match(/^asub_\w{60}$/);
    // The answers of both curls stand on one line.
    expect(told[0]).to.equal('[][]id          name          scopes       created     state');
    const validatorKey = (await readFile(join(folder, 'validator.key'), 'utf8')).trim();
    const id = key.slice(5, 15);
    expect(told.find((row) => row.startsWith(id))).to.match(/^\w+ +my-app +submit,read +[\d-]+ +active$/);

    const url = `${installation.url}/api/v1/tasks`;
    const status = async (shown: string) => (await fetch(url, { headers: { 'x-api-key': shown } })).status;
    expect((await fetch(url)).status).to.equal(401);
    expect(await status(validatorKey)).to.equal(403);

    const renewed = await inProcess(commands[5], id);
    expect(renewed)
      .to.match(/^asub_\w{60}$/)
      .and.not.equal(key);
    expect([await status(renewed), await status(key)]).to.deep.equal([200, 200]);

    const answer = await fetch(`${installation.url}/api/v1/tts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': renewed },
      body: JSON.stringify({ text: 'Hello world', source_language: 'en' }),
    });
    const { task_id: task } = (await answer.json()) as { task_id: string };
    // Taken by the validator beside, which needs no key of ours.
    await finalTask(installation.url, task, renewed);

    expect(await inProcess(commands[6], id)).to.equal(`Key ${id} is revoked.`);
    while ((await status(renewed)) !== 401) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await status(key)).to.equal(401);

    const validator = installation.startValidator('--proxy_key_file', join(folder, 'validator.key'));
    await validator.line(({ msg }) => msg === 'validator is ready');
    for (const program of [up, validator]) {
      const log = JSON.stringify(program.lines) + program.complaints.join() + program.stdout;
      for (const secret of [key, renewed, validatorKey]) expect(log).not.to.include(secret);
    }
    expect(validator.lines.some(({ level }) => level === 'warn' || level === 'error')).to.equal(false);
  });
});
