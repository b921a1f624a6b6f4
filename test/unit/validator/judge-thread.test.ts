import { expect } from 'chai';
import { bytesPrint } from '../../../src/domain/score/answer-print.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import { encodeWav } from '../../../src/engines/audio/wav.js';
import { systemClock, type Clock } from '../../../src/runtime/clock.js';
import { JudgeError, JudgeThread } from '../../../src/validator/judge-thread.js';
import { createJudges, type JudgeWork } from '../../../src/validator/judges.js';
import { ManualClock, settle } from './manual-clock.js';
import { memoryLog, type LogLine } from './memory-log.js';

const ODD_WORKER = new URL('./odd-judge-worker.js', import.meta.url);
const SOURCE =
  'The harbour was built in 1872 by fishermen. Today it serves ferries and visitors love it. '.repeat(9);

const transcripts = (...texts: readonly string[]): JudgeWork => ({
  kind: 'transcription',
  input: bytesPrint(Buffer.from('audio')),
  question: { language: 'en', audioMs: 5000 },
  replies: texts.map((text, place) => ({ hotkey: `hk${place}`, text, totalMs: 1000, firstByteMs: 900 })),
});
const WORKS: readonly JudgeWork[] = [
  transcripts('go forward ten meters', 'go forward then meters', 'blah'),
  {
    kind: 'summarization',
    question: { language: 'en', text: SOURCE },
    replies: [{ hotkey: 'hk', text: 'The harbour was built in 1872.', totalMs: 5 }],
  },
  {
    kind: 'tts',
    question: { language: 'en', text: 'Hello' },
    replies: [{ hotkey: 'hk', print: bytesPrint(Buffer.from('noise')), totalMs: 5 }],
  },
];

describe('JudgeThread', () => {
  const { signal } = new AbortController();
  let lines: LogLine[];
  let judges: JudgeThread | undefined;
  const open = (script?: URL, changed: { clock?: Clock; maxHeapMb?: number } = {}) => {
    const memory = memoryLog();
    lines = memory.lines;
    judges = new JudgeThread({
      policy: POLICY,
      clock: systemClock,
      log: memory.log,
      ...(script === undefined ? {} : { script }),
      ...changed,
    });
    return judges;
  };
  afterEach(() => judges?.close());
  /** What the odd worker is told to do, and the name of the error or the answer. */
  const told = (thread: JudgeThread, ...orders: readonly string[]) =>
    Promise.all(
      orders.map((order) =>
        thread.judge(transcripts(order), new AbortController().signal).then(
          () => 'answered',
          (error: unknown) => (error instanceof JudgeError ? error.message : String(error)),
        ),
      ),
    );

  it('gives the scores that the judges give in this thread', async () => {
    const findEngines = () => Promise.resolve({ engines: [], missing: [] });
    const here = createJudges({ policy: POLICY, findEngines });
    const thread = open();
    for (const work of WORKS)
      expect(await thread.judge(work, signal)).to.deep.equal(await here.judge(work, signal));
    const tone = Float32Array.from(
      { length: 8000 },
      (_, index) => Math.sin(index / 3) * (index % 800 < 400 ? 1 : 0),
    );
    const audio = encodeWav({ sampleRateHz: 16_000, channels: [tone] });
    const spoken = { question: { language: 'en', text: 'Hello' }, audio };
    const { facts } = await thread.hear(spoken, signal);
    expect(facts).to.deep.equal((await here.hear(spoken, signal)).facts);
    expect(facts).to.deep.include({ kind: 'sound', durationMs: 500 });
    const noAudio = { ...spoken, audio: Buffer.from('no audio') };
    expect((await thread.hear(noAudio, signal)).facts?.kind).to.equal('undecodable');
  });

  it('judges by the policy it was given', async () => {
    const memory = memoryLog();
    const other = { ...POLICY, version: 'other', hash: 'b'.repeat(64) };
    judges = new JudgeThread({ policy: other, clock: systemClock, log: memory.log });
    const [score] = await judges.judge(transcripts('a', 'a'), signal);
    expect(score).to.deep.include({ policyVersion: 'other', policyHash: 'b'.repeat(64) });
  });

  it('fails the call that throws, and no other', async () => {
    const thread = open(ODD_WORKER);
    const answers = await told(thread, 'ok', 'throw', 'ok');
    expect(answers[1]).to.match(/^judge failed: Error: told to/);
    expect([answers[0], answers[2]]).to.deep.equal(['answered', 'answered']);
    expect(lines).to.deep.equal([]);
  });

  it('starts again when the thread dies; the call that kills it fails alone', async () => {
    const thread = open(ODD_WORKER);
    expect(await told(thread, 'ok', 'die', 'ok', 'ok')).to.deep.equal([
      'answered',
      'judge ended the thread',
      'answered',
      'answered',
    ]);
    // With the others beside it, then alone.
    expect(lines.map(({ msg, level }) => [msg, level])).to.deep.equal([
      ['the thread that judges ended; it is started again', 40],
      ['the thread that judges ended; it is started again', 40],
    ]);
    expect(await told(thread, 'ok')).to.deep.equal(['answered']);
  });

  it('outlives a call that takes all the memory of the thread', async () => {
    const thread = open(ODD_WORKER, { maxHeapMb: 32 });
    expect(await told(thread, 'eat', 'ok')).to.deep.equal(['judge ended the thread', 'answered']);
  });

  it('ends a thread that hangs for ten seconds, and answers the others', async () => {
    const clock = new ManualClock();
    const thread = open(ODD_WORKER, { clock });
    const answers = told(thread, 'hang', 'ok');
    while (clock.waiting === 0) await settle();
    await clock.advance(9_999);
    expect(lines).to.deep.equal([]);
    await clock.advance(1);
    expect(lines).to.have.length(1);
    while (clock.waiting === 0) await settle();
    await clock.advance(10_000);
    expect(await answers).to.deep.equal(['judge ended the thread', 'answered']);
    expect(clock.waiting).to.equal(0);
  });

  it('does not count the time for which a call waits for its turn in the thread', async () => {
    const clock = new ManualClock();
    const thread = open(ODD_WORKER, { clock });
    const answers = told(thread, 'hold');
    await told(thread, 'ok');
    await clock.advance(120_000);
    expect(lines).to.deep.equal([]);
    await told(thread, 'release');
    expect(await answers).to.deep.equal(['answered']);
  });

  it('ends a thread that hangs on a call for which nobody waits any more', async () => {
    const clock = new ManualClock();
    const thread = open(ODD_WORKER, { clock });
    const controller = new AbortController();
    const given = thread.judge(transcripts('hang'), controller.signal).catch((error: unknown) => error);
    while (clock.waiting === 0) await settle();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await given).to.equal(reason);
    const others = told(thread, 'ok');
    await clock.advance(10_000);
    expect(await others).to.deep.equal(['answered']);
  });

  it('rejects with the reason of the signal, and goes on', async () => {
    const thread = open(ODD_WORKER);
    const controller = new AbortController();
    const waiting = thread.judge(transcripts('wait'), controller.signal).catch((error: unknown) => error);
    const others = told(thread, 'ok');
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await waiting).to.equal(reason);
    expect(await others).to.deep.equal(['answered']);
    const late = await thread.judge(transcripts('ok'), controller.signal).catch((error: unknown) => error);
    expect(late).to.equal(reason);
  });

  it('has eight calls in the thread at a time, and gets to all of many', async () => {
    const thread = open(ODD_WORKER);
    const orders = Array.from({ length: 40 }, () => 'most at a time');
    const scores = await Promise.all(
      orders.map((order) => thread.judge(transcripts(order), new AbortController().signal)),
    );
    expect(Math.max(...scores.map(([score]) => score?.speed ?? 0))).to.equal(8);
  });

  it('hears one reply at a time, and judges meanwhile', async () => {
    const thread = open(ODD_WORKER);
    const spoken = { question: { language: 'en', text: 'Hello' }, audio: Buffer.from('') };
    const hearings = Array.from({ length: 6 }, () => thread.hear(spoken, signal));
    expect(await told(thread, 'ok')).to.deep.equal(['answered']);
    const most = (await Promise.all(hearings)).map(({ spentMs }) => spentMs);
    expect(most).to.deep.equal([1, 1, 1, 1, 1, 1]);
  });

  it('fails what is under way when it is closed, and what comes later', async () => {
    const thread = open(ODD_WORKER);
    const waiting = told(thread, ...Array.from({ length: 10 }, () => 'wait'));
    await thread.close();
    expect(new Set(await waiting)).to.deep.equal(new Set(['the judges are closed']));
    expect(await told(thread, 'ok')).to.deep.equal(['the judges are closed']);
  });
});
