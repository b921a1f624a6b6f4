import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Task } from '../../gen/ts/audiosubnet/v1/task.js';
import { TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import { findExecutable } from '../../src/engines/find-executable.js';
import { audioLengthMs } from '../../src/validator/audio-length.js';
import { Installation } from '../support/installation.js';
import { ProxyCaller } from '../support/proxy-caller.js';
import { submitAudio } from '../support/rest-client.js';
import { skipSuite } from '../support/skip-suite.js';
import { findClips } from '../support/spoken-clips.js';
import { longRecording, type Recording } from './long-recording.js';

/** Minutes of the long recording; fewer for a quick look. */
const MINUTES = Number(process.env['LONG_AUDIO_MINUTES'] ?? 25);
const MB = 1024 * 1024;

interface Followed {
  readonly final: Task;
  /** Of the progress that was told, in order. */
  readonly fractions: readonly number[];
  readonly revisions: readonly bigint[];
  readonly ms: number;
}

describe('long audio', function () {
  this.timeout(2 * 3_600_000);
  let installation: Installation;
  let caller: ProxyCaller;
  let programs: Readonly<Record<string, number>>;

  before(async function () {
    const clips = findClips();
    if (typeof clips === 'string') skipSuite(this, clips);
    for (const program of ['pocketsphinx_batch', 'ffmpeg'])
      if ((await findExecutable(program)) === undefined) skipSuite(this, `${program} is not installed`);
    installation = await Installation.create(1);
    const proxy = await installation.startProxy();
    const miner = await installation.startMiner();
    const validator = installation.startValidator('--challenge.per_hour', '0', '--challenge.share', '0');
    await validator.line(({ msg }) => msg === 'validator is ready');
    programs = { proxy: proxy.pid, miner: miner.pid, validator: validator.pid };
    caller = new ProxyCaller(`127.0.0.1:${installation.ports.grpc}`);
  });

  after(async () => {
    caller.close();
    await installation.dispose();
  });

  async function follow(recording: Recording): Promise<Followed> {
    const start = performance.now();
    const id = await submitAudio(installation.url, recording.audio);
    const fractions: number[] = [];
    const revisions: bigint[] = [];
    for await (const { task } of caller.tasks.watchTask({ id, afterRevision: 0n }, {})) {
      if (task === undefined) continue;
      revisions.push(task.revision);
      if (task.progress !== undefined) fractions.push(task.progress.fraction);
      if (task.state === TaskState.COMPLETED || task.state === TaskState.FAILED)
        return { final: task, fractions, revisions, ms: performance.now() - start };
    }
    throw new Error('the task did not end');
  }

  function rightShare({ final }: Followed, { words }: Recording): number {
    const output = final.result?.output;
    const text = output?.$case === 'text' ? output.value : '';
    const left = new Map<string, number>();
    for (const word of text.split(' ')) left.set(word, (left.get(word) ?? 0) + 1);
    const right = words.filter((word) => {
      const count = left.get(word) ?? 0;
      left.set(word, count - 1);
      return count > 0;
    });
    return right.length / words.length;
  }

  for (const ending of ['opus', 'm4a'])
    it(`transcribes a minute of ${ending}`, async () => {
      const recording = await longRecording(60, ending);
      const followed = await follow(recording);
      expect(followed.final.failure?.message).to.equal(undefined);
      expect(rightShare(followed, recording)).to.be.above(0.6);
    });

  it(`transcribes ${MINUTES} minutes of MP3 in one attempt, and tells how far it is`, async () => {
    const recording = await longRecording(60 * MINUTES, 'mp3');
    expect(recording.audio.byteLength).to.be.below(50 * MB);
    expect(audioLengthMs(recording.audio)).to.be.closeTo(60_000 * MINUTES, 1_000);
    const followed = await follow(recording);
    const { final, fractions, revisions, ms } = followed;
    const memory = Object.entries(programs).map(([name, pid]) => [name, Math.round(peakBytes(pid) / MB)]);
    const share = rightShare(followed, recording);
    process.stdout.write(
      `${JSON.stringify({ seconds: recording.seconds, took: ms / 1_000, share, events: fractions.length, peakMb: Object.fromEntries(memory) as unknown })}\n`,
    );
    expect(final.failure?.message).to.equal(undefined);
    expect(final.state).to.equal(TaskState.COMPLETED);
    expect(final.attemptCount).to.equal(1);
    expect(share).to.be.above(0.6);
    expect(fractions).to.have.length.above(5);
    expect(fractions).to.deep.equal([...fractions].sort((a, b) => a - b));
    // Progress is no revision: submitted, leased, confirmed, completed.
    expect(new Set(revisions).size).to.be.at.most(4);
    for (const [name, megabytes] of memory) expect(megabytes, String(name)).to.be.below(600);
  });
});

/** The most memory that a process ever had, by Linux. */
function peakBytes(pid: number): number {
  const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(found?.[1] ?? 0) * 1024;
}
