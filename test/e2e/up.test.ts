import { expect } from 'chai';
import { findExecutable } from '../../src/engines/find-executable.js';
import { Installation } from '../support/installation.js';
import {
  finalTask,
  getTask,
  outputText,
  ratedMiner,
  submitAudio,
  submitJson,
  type RestMiner,
} from '../support/rest-client.js';
import type { RunningProgram } from '../support/program.js';
import { findSpeech } from '../support/speech.js';

const TEXT =
  'The committee met on Monday. It discussed the new bridge over the river at length. ' +
  'The bridge will cost four million and open in 2031. Several members doubted the price. ' +
  'In the end the committee approved the bridge by nine votes to two. Lunch was served at noon.';

describe('audio-subnet up', function () {
  this.timeout(60_000);
  let installation: Installation;
  let up: RunningProgram;

  const start = async () => {
    up = installation.start('up', ...installation.listeners);
    await up.output('audio-subnet is running');
  };

  before(async () => {
    installation = await Installation.create();
    await start();
  });
  after(() => installation.dispose());

  it('transcribes human speech with most of its words right', async function () {
    const speech = findSpeech();
    if (typeof speech === 'string' || (await findExecutable('pocketsphinx_batch')) === undefined) {
      this.test!.title += ` (skipped: ${typeof speech === 'string' ? speech : 'pocketsphinx is not installed'})`;
      this.skip();
      return;
    }
    const task = await finalTask(installation.url, await submitAudio(installation.url, speech.audio));
    expect(task.error_message).to.equal(null);
    const heard = outputText(task).split(' ');
    const right = speech.words.filter((word) => heard.includes(word)).length;
    expect(right / speech.words.length).to.be.above(0.6);
    expect(task.accuracy_score).to.be.within(0, 1);
    const { text, segments } = task.result!;
    expect(text).to.equal(outputText(task));
    expect(segments!.map((segment) => segment.text).join(' ')).to.equal(text);
    for (const { start, end } of segments!) expect(end).to.be.above(start);
    const subtitles = await fetch(`${installation.url}/api/v1/tasks/${task.task_id}/result?format=srt`);
    expect(await subtitles.text()).to.match(/^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\n\w/);
  });

  it('speaks a text: the result is a file that plays', async function () {
    if ((await findExecutable('flite')) === undefined && (await findExecutable('espeak-ng')) === undefined) {
      this.test!.title += ' (skipped: neither flite nor espeak-ng is installed)';
      this.skip();
      return;
    }
    const id = await submitJson(installation.url, 'tts', 'Hello world');
    const task = await finalTask(installation.url, id);
    expect(task.status).to.equal('completed');
    const audio = await fetch(`${installation.url}/api/v1/tasks/${id}/audio`);
    expect(audio.headers.get('content-type')).to.equal('audio/wav');
    const bytes = Buffer.from(await audio.arrayBuffer());
    expect(bytes.subarray(0, 4).toString()).to.equal('RIFF');
    expect(bytes.equals(Buffer.from(task.result?.output_data ?? '', 'base64'))).to.equal(true);
  });

  it('summarizes a text in fewer of its own sentences', async () => {
    const task = await finalTask(installation.url, await submitJson(installation.url, 'summarization', TEXT));
    expect(task.status).to.equal('completed');
    const summary = outputText(task);
    expect(summary.length).to.be.within(20, TEXT.length * 0.75);
    for (const sentence of summary.match(/[^.]+\./g) ?? []) expect(TEXT).to.include(sentence.trim());
  });

  it('fails undecodable audio with a clear reason, and audio that no miner understands', async function () {
    const noise = Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(40), Buffer.from('WAVE')]);
    const task = await finalTask(installation.url, await submitAudio(installation.url, noise));
    expect(task.status).to.equal('failed');
    if ((await findExecutable('pocketsphinx_batch')) !== undefined)
      expect(task.error_message).to.match(/audio/i);
    const foreign = await finalTask(installation.url, await submitAudio(installation.url, noise, 'de'));
    expect(foreign.status).to.equal('failed');
    expect(foreign.error_message)
      .to.match(/transcription/)
      .and.match(/\bde\b/);
  });

  it('keeps queue and results over a stop, which takes no 5 s', async () => {
    const id = await submitJson(installation.url, 'summarization', TEXT);
    const done = await finalTask(installation.url, id);
    const before = performance.now();
    expect(await up.kill('SIGINT')).to.equal(0);
    expect(performance.now() - before).to.be.below(5_000);
    await start();
    expect(await getTask(installation.url, id)).to.deep.equal(done);
  });

  it('remembers over a stop how its miners did, and shows it', async () => {
    await finalTask(installation.url, await submitJson(installation.url, 'summarization', TEXT));
    await up.kill('SIGINT');
    await start();
    const rated = await ratedMiner(installation.url);
    const one = await fetch(`${installation.url}/api/v1/miners/${rated.hotkey}`);
    expect(((await one.json()) as RestMiner).observations[0]?.score).to.be.within(0.01, 1);
    const rating = rated.observations[0]?.ratings.find(({ task_type }) => task_type === 'summarization');
    expect(rating?.sample_count).to.be.at.least(1);
    expect(rating?.parts.map(({ name }) => name)).to.include.members(['coverage', 'speed']);
    const missing = await fetch(`${installation.url}/api/v1/miners/nobody`);
    expect(missing.status).to.equal(404);
  });
});
