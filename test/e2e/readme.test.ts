import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ContentServiceService } from '../../gen/ts/audiosubnet/v1/content_service.js';
import { MinerSynapseService } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import { TaskServiceService } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { ValidatorIntegrationService } from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { WebhookServiceService } from '../../gen/ts/audiosubnet/v1/webhook_service.js';
import { configurationTable } from '../../src/config/configuration-table.js';
import { parseConfig } from '../../src/config/parse-config.js';
import { USER_COMMANDS } from '../../src/config/setting.js';
import { findExecutable } from '../../src/engines/find-executable.js';
import { Installation } from '../support/installation.js';
import { finalTask } from '../support/rest-client.js';
import { toneWav } from '../support/tone.js';

const run = promisify(execFile);
const ROOT = new URL('../../../', import.meta.url).pathname;

describe('README.md', function () {
  this.timeout(60_000);
  let readme: string;

  before(async () => {
    readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  });

  /** The shell blocks below a heading. */
  const shell = (heading: string): string => {
    const section = readme.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
    return [...section.matchAll(/```bash\n([^]*?)```/g)].map(([, text]) => text).join('\n');
  };

  it('has the configuration table of the parser', () => {
    const table = /<!-- configuration table: begin -->\n([^]*?)<!-- configuration table: end -->/.exec(
      readme,
    )?.[1];
    expect(table?.trim()).to.equal(configurationTable().trim());
  });

  it('names every method of every service', () => {
    const services: readonly (readonly [string, Readonly<Record<string, { readonly path: string }>>])[] = [
      ['TaskService', TaskServiceService],
      ['ContentService', ContentServiceService],
      ['ValidatorIntegration', ValidatorIntegrationService],
      ['WebhookService', WebhookServiceService],
      ['MinerSynapse', MinerSynapseService],
    ];
    for (const [name, methods] of services) {
      const line = readme.split('\n').find((row) => row.startsWith(`| \`audiosubnet.v1.${name}\` |`));
      const told = line?.split('|')[3]?.trim().split(', ');
      expect(told).to.deep.equal(Object.values(methods).map(({ path }) => path.split('/')[2]));
    }
  });

  it('names scripts that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const [, name = ''] of readme.matchAll(/npm run ([a-z:]+)/g)) expect(scripts).to.have.property(name);
  });

  it('has a quickstart that installs what the engines ask for', () => {
    const quickstart = shell('Quickstart');
    for (const part of [
      'apt-get install',
      'pocketsphinx-en-us',
      'flite',
      'npm ci && npm start',
      'npm ci && npm test',
    ])
      expect(quickstart).to.include(part);
  });

  it('shows commands for people that are understood', () => {
    const lines = shell('Command line').trim().split('\n');
    expect(lines.map((line) => line.split(' ')[1])).to.deep.equal(USER_COMMANDS);
    const surroundings = { env: {}, home: '/', readFile: () => '' };
    for (const line of lines) {
      const [, name, ...argv] = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
      const command = USER_COMMANDS.find((candidate) => candidate === name)!;
      expect(parseConfig(command, argv, surroundings), line).to.have.property('kind', 'config');
    }
  });

  describe('commands', () => {
    let installation: Installation;
    let folder: string;

    before(async () => {
      installation = await Installation.create();
      folder = await mkdtemp(join(tmpdir(), 'audio-subnet-readme-'));
      await writeFile(join(folder, 'test_audio.wav'), toneWav());
      await installation.start('up', ...installation.listeners).output('audio-subnet is running');
    });
    after(async () => {
      await installation.dispose();
      await rm(folder, { recursive: true });
    });

    const here = (text: string) =>
      text
        .replaceAll('http://localhost:8000', installation.url)
        .replaceAll('localhost:50051', `127.0.0.1:${installation.ports.grpc}`);

    it('stand beside every endpoint there is', async () => {
      const { paths } = (await (await fetch(`${installation.url}/openapi.json`)).json()) as { paths: object };
      for (const path of Object.keys(paths)) expect(readme).to.include(path.replace('{task_id}', '{id}'));
    });

    it('of the quickstart print a transcript', async function () {
      for (const program of ['curl', 'flite', 'pocketsphinx_batch']) {
        if ((await findExecutable(program)) !== undefined) continue;
        this.test!.title += ` (skipped: ${program} is not installed)`;
        this.skip();
      }
      const command = /^flite .*$/m.exec(shell('Quickstart'))![0];
      const { stdout } = await run('bash', ['-c', here(command)], {
        cwd: await mkdtemp(join(folder, 'first-')),
      });
      expect(stdout).to.match(/\b(quick|brown|fox|jumps|lazy|dog)\b.*\n$/);
    });

    it('of curl answer with a task that ends', async function () {
      if ((await findExecutable('curl')) === undefined) {
        this.test!.title += ' (skipped: curl is not installed)';
        this.skip();
      }
      const curls = shell('Using it').match(/^curl (?:.*\\\n)*.*$/gm) ?? [];
      expect(curls).to.have.length(4);
      for (const command of curls.filter((line) => !line.includes('$sha'))) {
        const { stdout } = await run('bash', ['-c', here(command)], { cwd: folder });
        const { task_id: id } = JSON.parse(stdout) as { task_id: string };
        expect((await finalTask(installation.url, id)).status).to.be.oneOf(['completed', 'failed']);
      }
    });

    it('upload audio in parts and name it, again and again', async function () {
      if ((await findExecutable('curl')) === undefined) {
        this.test!.title += ' (skipped: curl is not installed)';
        this.skip();
      }
      await writeFile(join(folder, 'long.wav'), toneWav());
      const block = /^sha=[^]*?"content_sha256=.*$/m.exec(shell('Using it'))?.[0] ?? '';
      for (let time = 0; time < 2; time++) {
        const { stdout } = await run('bash', ['-c', `set -e; ${here(block)}`], { cwd: folder });
        expect(JSON.parse(stdout)).to.include({ status: 'pending', task_type: 'transcription' });
      }
    });

    it('in TypeScript run as they stand, against the package by its name', async () => {
      const snippet = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? '';
      await mkdir(join(folder, 'node_modules'));
      await symlink(ROOT, join(folder, 'node_modules/audio-subnet'));
      await writeFile(join(folder, 'snippet.mjs'), here(snippet));
      const { stdout } = await run(process.execPath, ['snippet.mjs'], { cwd: folder });
      // A tone holds no words: the task may end either way, as may the snippet.
      expect(stdout).to.match(
        /^(pending|processing)\n[^]*(completed\n|failed\n[A-Z_]+ false undefined .*\n)/,
      );
    });

    it('of grpcurl and buf are understood', async function () {
      const grpcurl = await findExecutable('grpcurl');
      const lines = shell('Using it').split('\n');
      const commands = lines.filter((line) => /^(grpcurl|buf curl) /.test(line));
      expect(commands).to.have.length(4);
      for (const command of commands) {
        if (command.startsWith('grpcurl') && grpcurl === undefined) continue;
        const streams = command.includes('WatchPendingTasks');
        const text = here(command).replace(/^buf/, join(ROOT, 'node_modules/.bin/buf'));
        const { stdout } = await run('bash', ['-c', streams ? `timeout 5 ${text} | head -n 3` : text]);
        expect(stdout).to.match(streams ? /sessionStarted/ : /audiosubnet\.v1|"id"/);
      }
    });
  });
});
