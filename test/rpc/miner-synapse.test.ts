import { expect } from 'chai';
import type { GetCapabilitiesResponse } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import { type ForwardRequest, type ForwardResponse } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import { ForwardRequest as Request } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import { TaskKind } from '../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../../src/domain/errors.js';
import { fromRpcStatus, fromServiceError } from '../../src/rpc/status.js';
import { openGrpcMiner, type GrpcMiner } from '../support/grpc-miner.js';
import { digest } from '../support/memory-content.js';
import { ManualClock, until } from '../unit/validator/manual-clock.js';

const TASK = {
  kind: TaskKind.TTS,
  language: 'en',
  inputBytes: 5n,
  deadline: { seconds: 10n, nanos: 0 },
  voice: 'slt',
};

describe('MinerSynapse', () => {
  let mine: GrpcMiner;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    mine = await openGrpcMiner(clock);
  });
  afterEach(() => mine.close());

  /** A stream of synapses whose frames are kept. */
  function openStream() {
    const call = mine.client.forward();
    const frames: ForwardResponse[] = [];
    const ended = new Promise<Refusal | undefined>((resolve) => {
      call.on('data', (frame: ForwardResponse) => frames.push(frame));
      call.on('error', (error) => {
        resolve(fromServiceError(error as never));
      });
      call.on('end', () => {
        resolve(undefined);
      });
    });
    const send = (synapseId: string, frame: ForwardRequest['frame']) => {
      call.write(Request.fromPartial({ synapseId, frame } as never));
    };
    return {
      call,
      ended,
      task: (id: string, task: Partial<typeof TASK> & { inputSha256?: string } = {}) => {
        send(id, { $case: 'task', value: { ...TASK, ...task } as never });
      },
      input: (id: string, data: string, last = true) => {
        send(id, { $case: 'input', value: { data: Buffer.from(data), last } });
      },
      cancel: (id: string) => {
        send(id, { $case: 'cancel', value: {} });
      },
      of: (id: string) => frames.filter((frame) => frame.synapseId === id).map(({ frame }) => frame!),
      names: (id: string) =>
        frames.filter((frame) => frame.synapseId === id).map(({ frame }) => frame?.$case ?? 'nothing'),
      failure: (id: string) => {
        const last = frames.filter((frame) => frame.synapseId === id).at(-1)?.frame;
        return last?.$case === 'failed' ? fromRpcStatus(last.value) : undefined;
      },
    };
  }

  it('tells what it can do and what it lacks', async () => {
    const answer = await new Promise<GetCapabilitiesResponse>((resolve, reject) => {
      mine.client.getCapabilities({}, (error, response) => {
        if (error === null) resolve(response);
        else reject(error);
      });
    });
    expect(answer).to.deep.equal({
      capabilities: [{ kind: TaskKind.TTS, languages: ['en'], engine: 'flite', model: 'slt' }],
      missing: [{ kind: TaskKind.TRANSCRIPTION, engine: 'pocketsphinx', cure: 'install it' }],
      maxInputBytes: 1_000_000n,
      freeSlots: 2,
      maxSlots: 3,
      version: '0.1.0',
      hotkey: '5F',
    });
  });

  it('accepts, tells progress, and sends the output in chunks with its digest', async () => {
    const stream = openStream();
    stream.task('a', { inputSha256: digest(Buffer.from('Hello')) });
    stream.input('a', 'Hel', false);
    stream.input('a', 'lo');
    await until(() => mine.miner.open.length === 1);
    const [work] = mine.miner.open;
    expect(Buffer.from(work!.input).toString()).to.equal('Hello');
    expect(work!.header).to.deep.equal({
      kind: 'tts',
      language: 'en',
      inputBytes: 5,
      deadlineMs: 10_000,
      voice: 'slt',
    });
    work!.options.onProgress({ fraction: 0.5, stage: 'speaking' });
    const output = Buffer.alloc(600_000, 9);
    work!.complete(output);
    stream.call.end();
    expect(await stream.ended).to.equal(undefined);
    expect(stream.names('a')).to.deep.equal([
      'accepted',
      'progress',
      'output',
      'output',
      'output',
      'completed',
    ]);
    const parts = stream.of('a').flatMap((frame) => (frame.$case === 'output' ? [frame.value.data] : []));
    expect(Buffer.concat(parts).equals(output)).to.equal(true);
    expect(parts.every((part) => part.length <= 256 * 1024)).to.equal(true);
    expect(stream.of('a').at(-1)!.value).to.deep.include({
      outputBytes: 600_000n,
      outputSha256: digest(output),
      mediaType: 'audio/wav',
      processingTime: { seconds: 0n, nanos: 12_500_000 },
    });
    expect(mine.miner.released).to.equal(1);
    expect(clock.waiting).to.equal(0);
  });

  it('serves several synapses at once, their frames interleaved', async () => {
    const stream = openStream();
    stream.task('a');
    stream.task('b');
    stream.input('b', 'Hel', false);
    stream.input('a', 'World');
    stream.input('b', 'lo');
    await until(() => mine.miner.open.length === 2);
    const [first, second] = mine.miner.open;
    expect(Buffer.from(first!.input).toString()).to.equal('World');
    second!.complete(Buffer.from('b'));
    await until(() => stream.names('b').includes('completed'));
    first!.complete(Buffer.from('a'));
    stream.call.end();
    await stream.ended;
    expect(stream.names('a')).to.deep.equal(['accepted', 'output', 'completed']);
  });

  it('fails a synapse alone: refused, too long, too short, other bytes, or by its engine', async () => {
    const stream = openStream();
    stream.task('good');
    stream.task('long');
    stream.input('long', 'too long');
    stream.task('short');
    stream.input('short', 'abc');
    stream.task('digest', { inputSha256: '0'.repeat(64) });
    stream.input('digest', 'Hello');
    stream.task('engine');
    stream.input('engine', 'Hello');
    stream.task('rule', { language: 'x' });
    await until(() => stream.failure('rule') !== undefined);
    mine.miner.refusal = new Refusal('MINER_BUSY', 'busy', { retryAfterMs: 1_000 });
    stream.task('busy');
    await until(() => mine.miner.open.length === 1);
    mine.miner.open[0]!.fail(new Refusal('ENGINE_FAILED', 'no'));
    stream.input('good', 'Hello');
    await until(() => mine.miner.open.length === 2 && stream.failure('engine') !== undefined);
    mine.miner.open[1]!.complete(Buffer.from('ok'));
    stream.call.end();
    expect(await stream.ended).to.equal(undefined);
    const reasons = ['long', 'short', 'digest', 'engine', 'busy', 'rule'].map(
      (id) => stream.failure(id)?.reason,
    );
    expect(reasons).to.deep.equal([
      'SIZE_MISMATCH',
      'SIZE_MISMATCH',
      'DIGEST_MISMATCH',
      'ENGINE_FAILED',
      'MINER_BUSY',
      'INVALID_FIELD',
    ]);
    expect(stream.failure('busy')!.retryAfterMs).to.equal(1_000);
    expect(stream.names('good')).to.deep.equal(['accepted', 'output', 'completed']);
    expect(mine.miner.released).to.equal(mine.miner.admitted);
  });

  it('shows nothing of an unexpected error', async () => {
    const stream = openStream();
    stream.task('a');
    stream.input('a', 'Hello');
    await until(() => mine.miner.open.length === 1);
    mine.miner.open[0]!.fail(new Error('secret'));
    stream.call.end();
    await stream.ended;
    expect(stream.failure('a')).to.include({ reason: 'INTERNAL', message: 'internal error' });
  });

  it('fails with DEADLINE_EXCEEDED when the input does not come and when the work takes too long', async () => {
    const stream = openStream();
    stream.task('waiting');
    stream.task('working');
    stream.input('working', 'Hello');
    await until(() => mine.miner.open.length === 1);
    await clock.advance(10_000);
    await until(() => stream.failure('waiting') !== undefined && stream.failure('working') !== undefined);
    expect(stream.failure('waiting')!.reason).to.equal('DEADLINE_EXCEEDED');
    expect(stream.failure('working')!.reason).to.equal('DEADLINE_EXCEEDED');
    expect(mine.miner.open[0]!.options.signal.aborted).to.equal(true);
    stream.call.end();
    await stream.ended;
    expect(mine.miner.released).to.equal(2);
  });

  it('answers nothing more for a synapse that the caller cancelled', async () => {
    const stream = openStream();
    stream.task('a');
    stream.input('a', 'Hello');
    await until(() => mine.miner.open.length === 1);
    stream.cancel('a');
    await until(() => mine.miner.released === 1);
    expect(mine.miner.open[0]!.options.signal.aborted).to.equal(true);
    stream.input('a', 'late');
    stream.call.end();
    expect(await stream.ended).to.equal(undefined);
    expect(stream.names('a')).to.deep.equal(['accepted']);
  });

  it('fails open inputs when the caller half-closes, and finishes accepted work', async () => {
    const stream = openStream();
    stream.task('open');
    stream.task('working');
    stream.input('working', 'Hello');
    await until(() => mine.miner.open.length === 1);
    stream.call.end();
    await until(() => stream.failure('open') !== undefined);
    mine.miner.open[0]!.complete(Buffer.from('done'));
    expect(await stream.ended).to.equal(undefined);
    expect(stream.failure('open')!.reason).to.equal('SIZE_MISMATCH');
    expect(stream.names('working')).to.deep.equal(['accepted', 'output', 'completed']);
  });

  it('cancels all work when the stream breaks', async () => {
    const stream = openStream();
    stream.task('a');
    stream.task('b');
    stream.input('b', 'Hello');
    await until(() => mine.miner.open.length === 1);
    stream.call.cancel();
    await until(() => mine.miner.released === 2);
    expect(mine.miner.open[0]!.options.signal.aborted).to.equal(true);
    expect(clock.waiting).to.equal(0);
  });

  it('ends the stream when a frame names no synapse', async () => {
    const stream = openStream();
    stream.task('');
    const refusal = await stream.ended;
    expect(refusal!.violations[0]!.field).to.equal('synapse_id');
  });
});
