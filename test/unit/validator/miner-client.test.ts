import { createHash } from 'node:crypto';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { expect } from 'chai';
import {
  MinerSynapseService,
  type ForwardRequest,
  type ForwardResponse,
  type SynapseCompleted,
} from '../../../gen/ts/audiosubnet/v1/miner_synapse.js';
import { TaskKind } from '../../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../../../src/domain/errors.js';
import { createMinerClient } from '../../../src/rpc/clients/miner-client.js';
import { toRpcStatus } from '../../../src/rpc/status.js';
import type { AudioTask, MinerAddress, MinerClient } from '../../../src/validator/ports/miner-client.js';
import { rejection } from './rejection.js';

type Call = ServerDuplexStream<ForwardRequest, ForwardResponse>;
type Frame = NonNullable<ForwardResponse['frame']>;

describe('the gRPC miner client', () => {
  let server: Server;
  let client: MinerClient;
  let address: MinerAddress;
  let connections: Set<string>;
  let forward: (call: Call) => void;

  beforeEach(async () => {
    connections = new Set();
    server = new Server({ 'grpc.max_receive_message_length': 4 * 1024 * 1024 });
    server.addService(MinerSynapseService, {
      getCapabilities: (call: { getPeer(): string }, callback: (error: null, response: unknown) => void) => {
        connections.add(call.getPeer());
        callback(null, {
          capabilities: [
            { kind: TaskKind.TTS, languages: ['en'], engine: 'flite', model: 'slt' },
            { kind: 99, languages: ['en'], engine: 'newer', model: '' },
          ],
          missing: [{ kind: TaskKind.TRANSCRIPTION, engine: 'pocketsphinx', cure: 'Install it.' }],
          maxInputBytes: 1000n,
          freeSlots: 1,
          maxSlots: 2,
          version: '0.1.0',
          hotkey: 'h',
        });
      },
      forward: (call: Call) => {
        connections.add(call.getPeer());
        call.on('error', () => undefined);
        forward(call);
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    address = { hotkey: 'h', host: '127.0.0.1', port };
    client = createMinerClient();
  });

  afterEach(() => {
    client.close();
    server.forceShutdown();
  });

  const { signal } = new AbortController();
  const task = (changed: Partial<AudioTask> = {}): AudioTask => ({
    kind: 'tts',
    language: 'en',
    input: Buffer.from('Hello'),
    deadlineMs: 60_000,
    ...changed,
  });
  const completed = (output: Buffer, changed: Partial<SynapseCompleted> = {}): Frame => ({
    $case: 'completed',
    value: {
      outputBytes: BigInt(output.length),
      outputSha256: createHash('sha256').update(output).digest('hex'),
      mediaType: 'audio/wav',
      model: 'flite/slt',
      processingTime: { seconds: 1n, nanos: 500_000_000 },
      segments: [],
      ...changed,
    },
  });
  const output = (data: Buffer): Frame => ({ $case: 'output', value: { data } });
  /** Reads the whole question, then answers. */
  const answering =
    (...frames: Frame[]) =>
    (call: Call) => {
      let synapseId = '';
      call.on('data', (message: ForwardRequest) => {
        synapseId = message.synapseId;
      });
      call.on('end', () => {
        for (const frame of frames) call.write({ synapseId, frame });
        call.end();
      });
    };

  it('tells what a miner can do and leaves out what it does not know', async () => {
    const { capabilities, missing, ...rest } = await client.capabilities(address, signal);
    expect(capabilities).to.deep.equal([{ kind: 'tts', languages: ['en'], engine: 'flite', model: 'slt' }]);
    expect(missing.map(({ cure }) => cure)).to.deep.equal(['Install it.']);
    expect(rest).to.deep.equal({ maxInputBytes: 1000, freeSlots: 1, hotkey: 'h', version: '0.1.0' });
  });

  it('lets calls end by themselves: no question is lost to a connection that ended for too many resets', async () => {
    forward = answering(output(Buffer.from('x')), completed(Buffer.from('x')));
    for (let round = 0; round < 24; round++)
      await Promise.all(Array.from({ length: 128 }, () => client.query(address, task(), { signal })));
    expect(connections.size).to.equal(1);
  });

  it('sends the question in chunks and puts the reply together', async () => {
    const input = Buffer.alloc(3_000_000, 'ab');
    const chunks: Buffer[] = [];
    let header: unknown;
    let lasts = 0;
    const reply = Buffer.alloc(500_000, 'x');
    forward = (call) => {
      answering(
        { $case: 'accepted', value: { engine: 'flite' } },
        { $case: 'progress', value: { fraction: 0.5, stage: 'half' } },
        { $case: 'progress', value: { fraction: NaN, stage: 'x'.repeat(1_000) } },
        { $case: 'progress', value: { fraction: 7, stage: '' } },
        output(reply.subarray(0, 200_000)),
        output(reply.subarray(200_000)),
        completed(reply),
      )(call);
      call.on('data', ({ frame }: ForwardRequest) => {
        if (frame?.$case === 'task') header = frame.value;
        if (frame?.$case !== 'input') return;
        chunks.push(frame.value.data);
        lasts += frame.value.last ? 1 : 0;
      });
    };
    const progress: number[] = [];
    const answer = await client.query(address, task({ input, voice: 'slt', maxSentences: 3 }), {
      signal,
      onProgress: ({ fraction }) => progress.push(fraction),
    });
    expect(Buffer.concat(chunks).equals(input)).to.equal(true);
    expect([lasts, Math.max(...chunks.map(({ length }) => length))]).to.deep.equal([1, 256 * 1024]);
    expect(header).to.deep.include({
      kind: TaskKind.TTS,
      language: 'en',
      inputBytes: 3_000_000n,
      inputSha256: createHash('sha256').update(input).digest('hex'),
      voice: 'slt',
      maxSentences: 3,
    });
    expect(Buffer.from(answer.output).equals(reply)).to.equal(true);
    expect(answer).to.deep.include({ mediaType: 'audio/wav', model: 'flite/slt', minerProcessingMs: 1500 });
    expect(answer.firstByteMs).to.be.above(0).and.at.most(answer.totalMs);
    expect(progress).to.deep.equal([0.5, 0, 1]);
  });

  it('uses one connection for many questions', async () => {
    forward = answering(completed(Buffer.alloc(0)));
    await Promise.all(Array.from({ length: 5 }, () => client.query(address, task(), { signal })));
    await client.capabilities(address, signal);
    expect(connections.size).to.equal(1);
  });

  const data = Buffer.from('speech');
  const wrong: readonly (readonly [string, readonly Frame[], string])[] = [
    ['another digest', [output(data), completed(data, { outputSha256: '0'.repeat(64) })], 'DIGEST_MISMATCH'],
    ['another length', [output(data), completed(data, { outputBytes: 7n })], 'SIZE_MISMATCH'],
    ['an end in the middle', [output(data)], 'ENGINE_FAILED'],
    [
      "the miner's own refusal",
      [{ $case: 'failed', value: toRpcStatus(new Refusal('MINER_BUSY', 'busy', { retryAfterMs: 700 })) }],
      'MINER_BUSY',
    ],
  ];
  for (const [name, frames, reason] of wrong) {
    it(`refuses ${name} as ${reason}`, async () => {
      forward = answering(...frames);
      const error = await rejection(client.query(address, task(), { signal }));
      expect(error.reason).to.equal(reason);
      if (reason === 'MINER_BUSY') expect(error.retryAfterMs).to.equal(700);
    });
  }

  it('breaks a reply off that is too large', async () => {
    let cancelled: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    forward = (call) => {
      call.on('cancelled', cancelled);
      call.once('data', ({ synapseId }: ForwardRequest) => {
        const flood = () => {
          while (!call.cancelled && call.write({ synapseId, frame: output(Buffer.alloc(256 * 1024)) }));
          if (!call.cancelled) call.once('drain', flood);
        };
        flood();
      });
    };
    const error = await rejection(client.query(address, task({ kind: 'summarization' }), { signal }));
    expect(error.message).to.equal('the reply is above 4194304 bytes');
    await ended;
  });

  it('leaves out segments that make no sense', async () => {
    forward = answering(
      completed(Buffer.alloc(0), {
        segments: [
          { startMs: 0n, endMs: 10n, text: 'good' },
          { startMs: 20n, endMs: 10n, text: 'backwards' },
          { startMs: -1n, endMs: 10n, text: 'before the start' },
        ],
      }),
    );
    const { segments } = await client.query(address, task({ kind: 'transcription' }), { signal });
    expect(segments).to.deep.equal([{ startMs: 0, endMs: 10, text: 'good' }]);
  });

  it('cancels the call with its signal', async () => {
    let cancelled: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const controller = new AbortController();
    forward = (call) => {
      call.on('cancelled', cancelled);
      controller.abort();
    };
    const error = await rejection(client.query(address, task(), { signal: controller.signal }));
    expect(error.reason).to.equal('CANCELLED');
    await ended;
  });

  it('calls a miner that is not there unavailable', async () => {
    server.forceShutdown();
    const error = await rejection(client.query(address, task(), { signal }));
    expect(error.reason).to.equal('UNAVAILABLE');
  });

  it('gives up a little after the deadline when the miner does not', async () => {
    forward = () => undefined;
    const error = await rejection(client.query(address, task({ deadlineMs: 1 }), { signal }));
    expect(error.reason).to.equal('DEADLINE_EXCEEDED');
  });
});
