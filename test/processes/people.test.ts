import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createClient, type Task } from '../../src/client/index.js';
import { findExecutable } from '../../src/engines/find-executable.js';
import { Installation } from '../support/installation.js';
import { findSpeech } from '../support/speech.js';

const MAIN = new URL('../../src/cli/main.js', import.meta.url).pathname;
const TEXT =
  'The committee met on Monday. It discussed the new bridge over the river at length. ' +
  'The bridge will cost four million and open in 2031. Several members doubted the price. ' +
  'In the end the committee approved the bridge by nine votes to two. Lunch was served at noon.';

interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

async function ended(child: ChildProcessWithoutNullStreams, input: string | Buffer = ''): Promise<Ended> {
  const out: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: Buffer.concat(out), stderr };
}

describe('the commands for people', function () {
  this.timeout(60_000);
  let installation: Installation;

  const start = (...args: readonly string[]) =>
    spawn(process.execPath, [MAIN, ...args], {
      cwd: installation.dataDir,
      env: { ...process.env, AUDIO_SUBNET_SERVER: installation.url },
    });
  const run = (...args: readonly string[]) => ended(start(...args));
  const inFolder = (name: string) => join(installation.dataDir, name);

  describe('against a whole subnet', () => {
    before(async () => {
      installation = await Installation.create();
      await installation.start('up', ...installation.listeners).output('audio-subnet is running');
      await writeFile(inFolder('report.txt'), TEXT);
    });
    after(() => installation.dispose());

    it('print the text of speech, and nothing else in a pipe', async function () {
      const speech = findSpeech();
      if (typeof speech === 'string' || (await findExecutable('pocketsphinx_batch')) === undefined) {
        this.test!.title += ` (skipped: ${typeof speech === 'string' ? speech : 'pocketsphinx is not installed'})`;
        this.skip();
        return;
      }
      await writeFile(inFolder('speech.wav'), speech.audio);
      const { code, stdout, stderr } = await run('submit', 'speech.wav', '--priority', 'high');
      expect([code, stderr]).to.deep.equal([0, '']);
      const heard = stdout.toString().trim().split(' ');
      expect(speech.words.filter((word) => heard.includes(word)).length / speech.words.length).to.be.above(
        0.6,
      );
      const listed = await run('tasks', '--json');
      const [task] = JSON.parse(listed.stdout.toString()) as Record<string, unknown>[];
      expect(task).to.include({ file_name: 'speech.wav', priority: 'high', status: 'completed' });
    });

    it('speak into a file or a pipe', async function () {
      if (
        (await findExecutable('flite')) === undefined &&
        (await findExecutable('espeak-ng')) === undefined
      ) {
        this.test!.title += ' (skipped: neither flite nor espeak-ng is installed)';
        this.skip();
        return;
      }
      const spoken = await run('say', 'Hello world', '-o', 'out.wav');
      expect([spoken.code, spoken.stderr, spoken.stdout.length]).to.deep.equal([0, '', 0]);
      expect((await readFile(inFolder('out.wav'))).subarray(0, 4).toString()).to.equal('RIFF');
      const piped = await run('say', 'Hello world', '--output', '-');
      expect(piped.stdout.subarray(0, 4).toString()).to.equal('RIFF');
    });

    it('summarize a file or standard input', async () => {
      const { code, stdout } = await run('summarize', 'report.txt', '--max_sentences', '1');
      expect(code).to.equal(0);
      expect(TEXT).to.include(stdout.toString().trim());
      const piped = await ended(start('summarize', '-', '--json'), TEXT);
      const json = JSON.parse(piped.stdout.toString()) as Record<string, unknown>;
      expect(json).to.include({ status: 'completed', task_type: 'summarization', error_reason: null });
      expect(json['text']).to.be.a('string').and.not.equal('');
    });

    it('hand in without waiting, and wait for it later', async () => {
      const id = (await run('summarize', 'report.txt', '--no-wait')).stdout.toString().trim();
      expect(id).to.match(/^[0-9a-f-]{36}$/);
      const watched = await run('watch', id);
      expect([watched.code, watched.stderr]).to.deep.equal([0, '']);
      expect(watched.stdout.toString().trim()).not.to.equal('');
      const listed = (await run('tasks', '--status', 'completed', '--limit', '1')).stdout.toString();
      expect(listed).to.match(new RegExp(`^${id}\\tsummarization\\tcompleted\\t[^\\t]+\\t\\n$`));
    });

    it('exit with 1 when the task fails, and say why in one line', async () => {
      const { code, stdout, stderr } = await ended(start('submit', '-'), randomBytes(5_000));
      expect([code, stdout.length]).to.deep.equal([1, 0]);
      expect(stderr).to.match(/^audio-subnet: the task [0-9a-f-]{36} failed: .*\(AUDIO_UNDECODABLE\)\n$/);
    });
  });

  describe('against a queue that nobody works on', () => {
    before(async () => {
      installation = await Installation.create();
      await installation.startProxy();
    });
    after(() => installation.dispose());

    /** Resolves when there is a task that was not there before. */
    const newTask = async (): Promise<Task> => {
      const client = createClient({ server: installation.url });
      try {
        for (;;) {
          for await (const task of client.list({ state: 'pending' })) return task;
        }
      } finally {
        client.close();
      }
    };

    it('stop waiting on Ctrl-C and say how to go on', async () => {
      const child = start('say', 'Hello', '-o', 'late.wav');
      const end = ended(child);
      const { id } = await newTask();
      child.kill('SIGINT');
      const { code, stderr } = await end;
      expect(code).to.equal(130);
      expect(stderr).to.equal(
        `audio-subnet: stopped waiting, the task goes on: audio-subnet watch ${id} --server ${installation.url}\n`,
      );
    });

    it('show a bar on a terminal', async function () {
      if ((await findExecutable('script')) === undefined) {
        this.test!.title += ' (skipped: script is not installed)';
        this.skip();
        return;
      }
      await writeFile(inFolder('long.wav'), randomBytes(3_000_000));
      const line = [
        process.execPath,
        MAIN,
        'submit',
        inFolder('long.wav'),
        '--no-wait',
        '--server',
        installation.url,
      ];
      const { code, stdout } = await ended(spawn('script', ['-qec', line.join(' '), '/dev/null']));
      expect(code).to.equal(0);
      expect(stdout.toString()).to.match(
        /\r\u001b\[Kuploading long\.wav {2}\[#+\.*] \d+ % {2}\d\.\d of 3\.0 MB/,
      );
      expect(stdout.toString()).to.match(/\u001b\[K[0-9a-f-]{36}\r?\n/);
    });

    it('exit with 2 on wrong usage and bad input, in one line', async () => {
      const cases: readonly (readonly [readonly string[], RegExp])[] = [
        [['submit', 'nowhere.wav'], /no such file.*nowhere\.wav/],
        [['say', 'Hello'], /-o <file>/],
        [['tasks', '--server', 'https://localhost'], /http:\/\//],
      ];
      const outcomes = await Promise.all(cases.map(([args]) => run(...args)));
      outcomes.forEach(({ code, stdout, stderr }, place) => {
        const [args, pattern] = cases[place]!;
        expect([code, stdout.length], `${args.join(' ')}: ${stderr}`).to.deep.equal([2, 0]);
        expect(stderr)
          .to.match(/^audio-subnet: .*\n$/)
          .and.match(pattern);
      });
    });

    it('exit with 3 when nobody answers, and with 4 when the server says no', async () => {
      const [gone, unknown] = await Promise.all([
        run('tasks', '--server', 'http://127.0.0.1:1'),
        run('watch', '0198c5a0-0000-7000-8000-000000000000'),
      ]);
      expect(gone.code).to.equal(3);
      expect(gone.stderr).to.match(/^audio-subnet: http:\/\/127\.0\.0\.1:1 does not answer: .*\n$/);
      expect(unknown.code).to.equal(4);
      expect(unknown.stderr).to.match(/^audio-subnet: there is no task .*\n$/);
    });
  });
});
