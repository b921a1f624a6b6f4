import { expect } from 'chai';
import { Refusal } from '../../../src/domain/errors.js';
import type { Engine, EngineOutput, EngineWork } from '../../../src/engines/engine.js';
import { createMiner, type MinerOptions } from '../../../src/miner/miner.js';
import type { SynapseHeader } from '../../../src/miner/ports.js';
import type { Clock } from '../../../src/runtime/clock.js';

const OUTPUT: EngineOutput = {
  output: Uint8Array.of(1),
  mediaType: 'text/plain; charset=utf-8',
  model: 'fake/one',
  segments: [],
};
const HEADER: SynapseHeader = { kind: 'tts', language: 'en', inputBytes: 5, deadlineMs: 1_000 };
const INPUT = Buffer.from('hello');

function engine(name: string, run: Engine['run'] = () => Promise.resolve(OUTPUT)): Engine {
  return { kind: 'tts', name, model: 'one', languages: ['en', 'de'], run };
}

/** An engine that works until it is stopped. */
const endless = engine(
  'endless',
  ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
);

class ManualClock implements Clock {
  time = 0;
  readonly timers = new Map<() => void, number>();
  now = () => this.time;
  wall = () => this.time;
  after(delayMs: number, callback: () => void): () => void {
    this.timers.set(callback, this.time + delayMs);
    return () => this.timers.delete(callback);
  }
  advance(ms: number): void {
    this.time += ms;
    for (const [callback, at] of [...this.timers])
      if (at <= this.time && this.timers.delete(callback)) callback();
  }
}

function miner(options: Partial<MinerOptions> = {}, engines: readonly Engine[] = [engine('fake')]) {
  const clock = new ManualClock();
  const missing = [{ kind: 'transcription', name: 'sphinx', cure: 'apt-get install sphinx' } as const];
  return {
    clock,
    miner: createMiner({
      catalog: { engines, missing },
      maxSlots: 2,
      maxInputBytes: 100,
      maxInputSetting: '--max_input',
      hotkey: '5F',
      version: '1.2.3',
      clock,
      ...options,
    }),
  };
}

const forwarding = (signal = new AbortController().signal) => ({ signal, onProgress: () => undefined });

function refusal(action: () => unknown): Refusal {
  try {
    action();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const rejection = (promise: Promise<unknown>): Promise<Refusal> =>
  promise.then(
    () => {
      throw new Error('was not refused');
    },
    (error: unknown) => error as Refusal,
  );

describe('capabilities()', () => {
  it('tells what there is, what is missing and what is free', async () => {
    const { miner: subject } = miner();
    subject.admit(HEADER);
    expect(await subject.capabilities()).to.deep.equal({
      capabilities: [{ kind: 'tts', languages: ['en', 'de'], engine: 'fake', model: 'one' }],
      missing: [{ kind: 'transcription', engine: 'sphinx', cure: 'apt-get install sphinx' }],
      maxInputBytes: 100,
      freeSlots: 1,
      maxSlots: 2,
      hotkey: '5F',
      version: '1.2.3',
    });
  });
});

describe('admit()', () => {
  it('refuses work without an engine, naming kind, language and cure', () => {
    const refused = refusal(() => miner().miner.admit({ ...HEADER, kind: 'transcription', language: 'fr' }));
    expect(refused.reason).to.equal('ENGINE_UNAVAILABLE');
    expect(refused.metadata).to.deep.equal({
      kind: 'transcription',
      language: 'fr',
      cure: 'apt-get install sphinx.',
    });
  });

  it('refuses a language that no engine has, naming those it has', () => {
    const refused = refusal(() => miner().miner.admit({ ...HEADER, language: 'fr' }));
    expect(refused.metadata['cure']).to.equal('fake does it in en, de.');
  });

  it('refuses an input above the limit, naming limit and setting', () => {
    const refused = refusal(() => miner().miner.admit({ ...HEADER, inputBytes: 101 }));
    expect(refused.reason).to.equal('CONTENT_TOO_LARGE');
    expect(refused.metadata).to.deep.equal({ limit_bytes: '100', setting: '--max_input' });
    expect(miner().miner.admit({ ...HEADER, inputBytes: 100 }).engine).to.equal('fake');
  });

  it('refuses when all slots are taken, and admits again after a release', () => {
    const { miner: subject } = miner();
    const first = subject.admit(HEADER);
    subject.admit(HEADER);
    const refused = refusal(() => subject.admit(HEADER));
    expect(refused.reason).to.equal('MINER_BUSY');
    expect(refused.retryAfterMs).to.be.above(0);
    first.release();
    first.release();
    subject.admit(HEADER);
    expect(refusal(() => subject.admit(HEADER)).reason).to.equal('MINER_BUSY');
  });

  it('takes no slot for work it refuses', async () => {
    const { miner: subject } = miner();
    refusal(() => subject.admit({ ...HEADER, language: 'fr' }));
    refusal(() => subject.admit({ ...HEADER, inputBytes: 101 }));
    expect((await subject.capabilities()).freeSlots).to.equal(2);
  });

  it('takes the first engine, or the preferred one', () => {
    const engines = [engine('one'), engine('two')];
    expect(miner({}, engines).miner.admit(HEADER).engine).to.equal('one');
    expect(miner({ preferredEngines: ['none', 'two'] }, engines).miner.admit(HEADER).engine).to.equal('two');
  });
});

describe('forward()', () => {
  it('hands the work to the engine and says how long it took', async () => {
    const seen: EngineWork[] = [];
    const { miner: subject, clock } = miner({}, [
      engine('fake', (work) => {
        seen.push(work);
        clock.advance(30);
        work.onProgress({ fraction: 0.5, stage: 'half' });
        return Promise.resolve(OUTPUT);
      }),
    ]);
    const progress: unknown[] = [];
    const slot = subject.admit({ ...HEADER, voice: 'rms', maxSentences: 3 });
    const output = await slot.forward(INPUT, { ...forwarding(), onProgress: (step) => progress.push(step) });
    expect(output).to.deep.equal({ ...OUTPUT, processingMs: 30 });
    expect(seen[0]).to.include({ input: INPUT, language: 'en', voice: 'rms', maxSentences: 3 });
    expect(progress).to.deep.equal([{ fraction: 0.5, stage: 'half' }]);
  });

  it('takes its own voice only where none is wished for, and no number of sentences for 0', async () => {
    const seen: EngineWork[] = [];
    const { miner: subject } = miner({ voice: 'awb' }, [
      engine('fake', (work) => (seen.push(work), Promise.resolve(OUTPUT))),
    ]);
    await subject.admit({ ...HEADER, voice: '', maxSentences: 0 }).forward(INPUT, forwarding());
    await subject.admit({ ...HEADER, voice: 'slt' }).forward(INPUT, forwarding());
    expect(seen.map(({ voice }) => voice)).to.deep.equal(['awb', 'slt']);
    expect(seen[0]).not.to.have.property('maxSentences');
  });

  it('stops the engine at the deadline, counted from the admission', async () => {
    const { miner: subject, clock } = miner({}, [endless]);
    const slot = subject.admit(HEADER);
    clock.advance(600);
    const run = rejection(slot.forward(INPUT, forwarding()));
    clock.advance(400);
    const refused = await run;
    expect(refused.reason).to.equal('DEADLINE_EXCEEDED');
    expect(refused.metadata).to.deep.equal({ deadline_ms: '1000' });
  });

  it('does not start when the deadline passed during the upload', async () => {
    let started = false;
    const { miner: subject, clock } = miner({}, [
      engine('fake', () => {
        started = true;
        return Promise.resolve(OUTPUT);
      }),
    ]);
    const slot = subject.admit(HEADER);
    clock.advance(1_000);
    expect((await rejection(slot.forward(INPUT, forwarding()))).reason).to.equal('DEADLINE_EXCEEDED');
    expect(started).to.be.false;
  });

  it('stops the engine when the caller gives up, before or during', async () => {
    const { miner: subject } = miner({}, [endless]);
    const caller = new AbortController();
    const run = rejection(subject.admit(HEADER).forward(INPUT, forwarding(caller.signal)));
    caller.abort();
    expect((await run).reason).to.equal('CANCELLED');
    const late = rejection(subject.admit(HEADER).forward(INPUT, forwarding(caller.signal)));
    expect((await late).reason).to.equal('CANCELLED');
  });

  it('passes refusals on and turns other errors into ENGINE_FAILED, with the cause', async () => {
    const refused = new Refusal('AUDIO_UNDECODABLE', 'no audio');
    const broken = new Error('secret path');
    const failing = (error: Error) => miner({}, [engine('fake', () => Promise.reject(error))]).miner;
    expect(await rejection(failing(refused).admit(HEADER).forward(INPUT, forwarding()))).to.equal(refused);
    const other = await rejection(failing(broken).admit(HEADER).forward(INPUT, forwarding()));
    expect(other).to.include({ reason: 'ENGINE_FAILED', cause: broken });
    expect(other.message).not.to.match(/secret/);
  });

  it('leaves no timer behind', async () => {
    const { miner: subject, clock } = miner();
    const slot = subject.admit(HEADER);
    await slot.forward(INPUT, forwarding());
    slot.release();
    subject.admit(HEADER).release();
    expect(clock.timers.size).to.equal(0);
  });
});
