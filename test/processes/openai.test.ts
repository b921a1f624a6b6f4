import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import OpenAI, { BadRequestError, NotFoundError, toFile } from 'openai';
import { decodeAudio } from '../../src/engines/audio/decode.js';
import { findEngines } from '../../src/engines/catalog.js';
import { findExecutable } from '../../src/engines/find-executable.js';
import { humanClips } from '../support/human-speech.js';
import { Installation } from '../support/installation.js';

const run = promisify(execFile);
const ROOT = new URL('../../../', import.meta.url).pathname;
const SPOKEN = 'The quick brown fox jumps over the lazy dog';
const TEXT =
  'The committee met on Monday. It discussed the new bridge over the river at length. ' +
  'The bridge will cost four million and open in 2031. Several members doubted the price. ' +
  'In the end the committee approved the bridge by nine votes to two. Lunch was served at noon.';

describe('the official SDK of OpenAI against the whole of it', function () {
  this.timeout(120_000);
  let installation: Installation;
  let client: OpenAI;
  let folder: string;
  let kinds: readonly string[];
  /** A card that a person reads, or what flite says. */
  let clip: Buffer | undefined;

  before(async () => {
    installation = await Installation.create(1);
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-openai-'));
    kinds = (await findEngines()).engines.map(({ kind }) => kind);
    await installation.start('up', ...installation.listeners).output('audio-subnet is running');
    client = new OpenAI({ apiKey: 'any', baseURL: `${installation.url}/v1` });
    const card = humanClips().find(({ text }) => text.includes(' of '));
    if (card !== undefined) clip = Buffer.from(card.audio);
    else if (kinds.includes('tts')) clip = await speak('wav');
    if (clip !== undefined) await writeFile(join(folder, 'test_audio.wav'), clip);
  });
  after(async () => {
    await installation.dispose();
    await rm(folder, { recursive: true });
  });

  const needs = (context: Mocha.Context, kind: string) => {
    if (kinds.includes(kind) && (kind === 'tts' || clip !== undefined)) return;
    context.test!.title += ` (skipped: there is no engine for ${kind}, or no speech)`;
    context.skip();
  };
  const speak = async (response_format: 'wav' | 'pcm' | 'mp3') => {
    const speech = await client.audio.speech.create({
      model: 'tts-1',
      voice: 'nova',
      input: SPOKEN,
      response_format,
    });
    return Buffer.from(await speech.arrayBuffer());
  };
  const heard = async () => ({ file: await toFile(clip!, 'test_audio.wav'), model: 'whisper-1' });

  it('has transcriptions in five forms and as a stream, of the same words', async function () {
    needs(this, 'transcription');
    const { transcriptions } = client.audio;
    const { text } = await transcriptions.create({ ...(await heard()), response_format: 'json' });
    expect(text).to.match(/^\w+( \w+)+$/);
    expect(await transcriptions.create({ ...(await heard()), response_format: 'text' })).to.equal(
      `${text}\n`,
    );
    const verbose = await transcriptions.create({ ...(await heard()), response_format: 'verbose_json' });
    expect(verbose.text).to.equal(text);
    expect(verbose.segments?.map((segment) => segment.text).join(' ')).to.equal(text);
    const cue = /\d\d:\d\d:\d\d[.,]\d{3} --> \d\d:\d\d:\d\d[.,]\d{3}\n/;
    for (const response_format of ['srt', 'vtt'] as const)
      expect(await transcriptions.create({ ...(await heard()), response_format })).to.match(cue);
    let streamed = '';
    for await (const event of await transcriptions.create({ ...(await heard()), stream: true }))
      if (event.type === 'transcript.text.delta') streamed += event.delta;
    expect(streamed).to.equal(text);
  });

  it('has speech that plays', async function () {
    needs(this, 'tts');
    const { sampleRateHz, channels } = await decodeAudio(await speak('wav'), new AbortController().signal);
    const seconds = (channels[0]?.length ?? 0) / sampleRateHz;
    expect(seconds).to.be.within(1, 6);
    expect((await speak('pcm')).length / 2 / 24_000).to.be.closeTo(seconds, 0.1);
    if ((await findExecutable('ffmpeg')) !== undefined)
      expect((await speak('mp3')).subarray(0, 3).toString('latin1')).to.be.oneOf(['ID3', '\xff\xfb']);
  });

  it('has summaries as a chat, whole and streamed', async () => {
    const asked = {
      model: 'audio-subnet-summarize',
      messages: [{ role: 'user' as const, content: TEXT }],
    };
    const { choices, usage } = await client.chat.completions.create(asked);
    const summary = choices[0]?.message.content ?? '';
    expect(summary.length).to.be.within(20, TEXT.length * 0.75);
    expect(usage?.prompt_tokens).to.equal(TEXT.split(' ').length);
    let streamed = '';
    for await (const chunk of await client.chat.completions.create({ ...asked, stream: true }))
      streamed += chunk.choices[0]?.delta.content ?? '';
    expect(streamed).to.equal(summary);
  });

  it('has models, and errors for what there is not', async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).to.include('whisper-1');
    const fails = (answer: PromiseLike<unknown>) => Promise.resolve(answer).catch((error: unknown) => error);
    expect(await fails(client.models.retrieve('gpt-9'))).to.be.instanceOf(NotFoundError);
    const noise = { file: await toFile(Buffer.from('no audio'), 'a.mp3'), model: 'whisper-1' };
    expect(await fails(client.audio.transcriptions.create(noise))).to.be.instanceOf(BadRequestError);
    const foreign = {
      file: await toFile(Buffer.from('no audio'), 'a.mp3'),
      model: 'whisper-1',
      language: 'de',
    };
    const error = await fails(client.audio.transcriptions.create(foreign));
    expect(error).to.be.instanceOf(BadRequestError).and.have.property('code', 'no_capable_miner');
  });

  describe('the programs in README.md', () => {
    const program = async (language: string) => {
      const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
      const section = readme.split("## With OpenAI's clients\n")[1]?.split('\n## ')[0] ?? '';
      const [, text] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section) ?? [];
      if (text === undefined) throw new Error(`README.md has no program in ${language}`);
      return text.replaceAll('http://localhost:8000', installation.url);
    };
    const speaks = async (stdout: string) => {
      expect(stdout).to.match(/^\w+( \w+)+\n.*bridge/);
      expect((await stat(join(folder, 'hello.wav'))).size).to.be.above(10_000);
      await rm(join(folder, 'hello.wav'));
    };
    const lacks = (context: Mocha.Context, what: string) => {
      context.test!.title += ` (skipped: ${what} is not installed)`;
      context.skip();
    };

    it('run in JavaScript', async function () {
      needs(this, 'transcription');
      needs(this, 'tts');
      const openai = JSON.stringify(import.meta.resolve('openai'));
      await writeFile(join(folder, 'try.mjs'), (await program('js')).replace("'openai'", openai));
      await speaks((await run(process.execPath, ['try.mjs'], { cwd: folder })).stdout);
    });

    it('run in Python', async function () {
      needs(this, 'transcription');
      needs(this, 'tts');
      if (
        await run('python3', ['-c', 'import openai']).then(
          () => false,
          () => true,
        )
      )
        lacks(this, 'the Python package openai');
      await speaks((await run('python3', ['-c', await program('python')], { cwd: folder })).stdout);
    });

    it('run with curl', async function () {
      needs(this, 'transcription');
      if ((await findExecutable('curl')) === undefined) lacks(this, 'curl');
      const { stdout } = await run('bash', ['-ec', await program('bash')], { cwd: folder });
      expect(stdout)
        .to.match(/"text":"\w+( \w+)+"/)
        .and.include('00:00:0')
        .and.include('bridge');
    });
  });
});
