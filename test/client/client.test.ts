import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Server, ServerCredentials, type Metadata } from '@grpc/grpc-js';
import { GetTaskResponse, TaskServiceService } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { Task, TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import type { TaskServiceClient } from '../../src/rpc/clients/task-clients.js';
import {
  AudioSubnetError,
  createClient,
  TaskEndedError,
  type AudioSubnetClient,
} from '../../src/client/index.js';
import { GrpcClient } from '../../src/client/grpc-client.js';
import { Refusal } from '../../src/domain/errors.js';
import { systemClock } from '../../src/runtime/clock.js';
import { openContentProxy, type ContentProxy } from '../support/content-proxy.js';

const MIB = 1024 * 1024;
const TEXT = 'The committee met on Monday. It discussed the bridge.';

async function failure(promise: Promise<unknown>): Promise<AudioSubnetError> {
  const outcome: unknown = await promise.catch((error: unknown) => error);
  if (outcome instanceof AudioSubnetError) return outcome;
  throw new Error('no AudioSubnetError', { cause: outcome });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function* pieces(bytes: Buffer, size = 100_000): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

describe('the TypeScript client', () => {
  let proxy: ContentProxy;
  let client: AudioSubnetClient;
  let folder: string;

  before(async () => {
    proxy = await openContentProxy({ maxBytes: 8 * MIB });
    client = createClient({ server: `http://127.0.0.1:${proxy.grpcPort}` });
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-client-'));
  });
  after(async () => {
    client.close();
    await proxy.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => proxy.calls.splice(0));

  const called = (name: string) => proxy.calls.filter((call) => call.endsWith(`/${name}`)).length;

  describe('submit()', () => {
    it('hands a text in and tells of the task', async () => {
      const task = await client.submit({
        kind: 'summarization',
        text: TEXT,
        language: 'en',
        priority: 'urgent',
        maxSentences: 1,
      });
      expect(task).to.include({ kind: 'summarization', state: 'pending', priority: 'urgent', revision: 1 });
      expect(task.createTime).to.be.instanceOf(Date);
      expect(await client.get(task.id)).to.deep.equal({ ...task, queuePosition: 0 });
    });

    it('sends short audio inline, whatever it comes from', async () => {
      const bytes = randomBytes(MIB);
      const path = join(folder, 'short.wav');
      await writeFile(path, bytes);
      for (const audio of [bytes, path, pieces(bytes)]) {
        const task = await client.submit({ kind: 'transcription', audio, language: 'en' });
        expect(task.inputBytes).to.equal(MIB);
        expect(task.fileName).to.equal(audio === path ? 'short.wav' : undefined);
      }
      expect(called('UploadContent')).to.equal(0);
    });

    it('uploads long audio first and tells how far it is', async () => {
      for (const kind of ['bytes', 'path', 'stream'] as const) {
        const bytes = randomBytes(3 * MIB + 1);
        const path = join(folder, `${kind}.wav`);
        await writeFile(path, bytes);
        const audio = kind === 'bytes' ? bytes : kind === 'path' ? path : pieces(bytes);
        const sent: number[] = [];
        const task = await client.submit(
          { kind: 'transcription', audio, language: 'en', fileName: `named-${kind}` },
          {
            onProgress: ({ sentBytes, totalBytes }) => {
              expect(totalBytes).to.equal(bytes.length);
              sent.push(sentBytes);
            },
          },
        );
        expect(task).to.include({ inputBytes: bytes.length, fileName: `named-${kind}` });
        expect(sent[0]).to.equal(0);
        expect(sent.at(-1)).to.equal(bytes.length);
        expect(sent).to.deep.equal([...sent].sort((a, b) => a - b));
      }
      expect(called('UploadContent')).to.equal(3);
      expect((await readdir(tmpdir())).filter((name) => name.startsWith('audio-subnet-upload-'))).to.be.empty;
    });

    it('takes audio that was uploaded before', async () => {
      const content = await client.upload(randomBytes(1000));
      const task = await client.submit({ kind: 'transcription', audio: content, language: 'en' });
      expect(task.inputBytes).to.equal(1000);
    });

    it('puts concurrent submissions together, and each learns of its own', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 300 }, (_, place) =>
          client.submit({ kind: 'tts', text: place === 7 ? ' ' : `text ${place}`, language: 'en' }),
        ),
      );
      expect(called('BatchSubmitTasks')).to.be.within(1, 3);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(299);
      const refused = outcomes[7] as PromiseRejectedResult;
      expect(refused.reason).to.be.instanceOf(AudioSubnetError).and.include({
        reason: 'INVALID_FIELD',
        retryable: false,
      });
    });

    it('makes one task when the answer is lost', async () => {
      let lost = 0;
      const tasks = {
        ...proxy.clients.tasks,
        batchSubmitTasks: async (...args: Parameters<typeof proxy.clients.tasks.batchSubmitTasks>) => {
          const answer = await proxy.clients.tasks.batchSubmitTasks(...args);
          lost += 1;
          if (lost <= 2) throw new Refusal('UNAVAILABLE', 'the connection was cut');
          return answer;
        },
      };
      const before = (await all(client.list())).length;
      const lossy = new GrpcClient({ ...proxy.clients, tasks, clock: systemClock, random: () => 0 });
      const task = await lossy.submit({ kind: 'tts', text: 'once', language: 'en' });
      expect(lost).to.equal(3);
      expect((await all(client.list())).length).to.equal(before + 1);
      expect((await client.get(task.id)).id).to.equal(task.id);
    });

    it('refuses another body under an id that was used', async () => {
      const submission = { kind: 'tts', text: 'one', language: 'en', requestId: 'mine' } as const;
      const { id } = await client.submit(submission);
      expect((await client.submit(submission)).id).to.equal(id);
      const error = await failure(client.submit({ ...submission, text: 'two' }));
      expect(error).to.include({ reason: 'REQUEST_ID_REUSED', retryable: false });
    });

    it('passes errors of the system about files on as they are', async () => {
      const submission = { kind: 'transcription', audio: join(folder, 'none'), language: 'en' } as const;
      const error: unknown = await client.submit(submission).catch((reason: unknown) => reason);
      expect(error).to.have.property('code', 'ENOENT');
    });

    it('names the limit that audio is above', async () => {
      const error = await failure(client.upload(Buffer.alloc(9 * MIB)));
      expect(error).to.include({ reason: 'CONTENT_TOO_LARGE', retryable: false });
      expect(error.details.metadata).to.include({ setting: '--limits.max_audio_bytes' });
    });
  });

  describe('list()', () => {
    it('gives every page, and what was asked for alone', async () => {
      const { id } = await client.submit({ kind: 'tts', text: 'to be cancelled', language: 'en' });
      await client.cancel(id, { reason: 'not needed' });
      const everything = await all(client.list());
      expect(everything.length).to.be.above(300);
      expect(new Set(everything.map((task) => task.id)).size).to.equal(everything.length);
      const cancelled = await all(client.list({ state: 'cancelled', kind: 'tts' }));
      expect(cancelled.map((task) => [task.id, task.cancelReason])).to.deep.equal([[id, 'not needed']]);
    });

    it('asks for no further page once the loop is left', async () => {
      for await (const task of client.list()) {
        expect(task.id).to.be.a('string');
        break;
      }
      expect(called('ListTasks')).to.equal(1);
    });
  });

  describe('result()', () => {
    const fresh = async () => {
      const own = await openContentProxy();
      const ownClient = createClient({ server: `http://127.0.0.1:${own.grpcPort}` });
      return { own, ownClient, close: () => (ownClient.close(), own.close()) };
    };

    it('waits for the end and gives text or audio, small and large', async () => {
      const { own, ownClient, close } = await fresh();
      const summary = await ownClient.submit({ kind: 'summarization', text: TEXT, language: 'en' });
      const waiting = ownClient.result(summary.id);
      await own.complete(summary.id, 'A bridge – discussed.');
      const text = await waiting;
      expect(text).to.include({ kind: 'text', text: 'A bridge – discussed.', mediaType: 'text/plain' });
      expect(text.task).to.include({ id: summary.id, state: 'completed' });
      for (const bytes of [randomBytes(900), randomBytes(700_000)]) {
        const spoken = await ownClient.submit({ kind: 'tts', text: 'Hello', language: 'en' });
        await own.complete(spoken.id, bytes);
        const result = await ownClient.result(spoken.id);
        if (result.kind !== 'audio') throw new Error('no audio');
        expect(Buffer.from(result.audio).equals(bytes)).to.equal(true);
      }
      await close();
    });

    it('throws what became of a task that has none', async () => {
      const { own, ownClient, close } = await fresh();
      const { id } = await ownClient.submit({ kind: 'tts', text: 'Hello', language: 'en' });
      await own.fail(id, 'AUDIO_UNDECODABLE', 'no miner could read it');
      const failed = await failure(ownClient.result(id));
      if (!(failed instanceof TaskEndedError)) throw failed;
      expect(failed.reason).to.equal('AUDIO_UNDECODABLE');
      expect(failed.message).to.include('no miner could read it');
      expect(failed.task).to.have.property('state', 'failed');
      const second = await ownClient.submit({ kind: 'tts', text: 'Hello', language: 'en' });
      await ownClient.cancel(second.id);
      expect(await failure(ownClient.result(second.id))).to.include({ reason: 'CANCELLED' });
      await close();
    });
  });

  describe('watch()', () => {
    it('asks for what comes after the last revision it gave, and for no more than the caller wants', async () => {
      const asked: bigint[] = [];
      const states = [
        Task.fromPartial({ id: 'a', state: TaskState.PROCESSING, revision: 5n }),
        Task.fromPartial({ id: 'a', state: TaskState.COMPLETED, revision: 6n }),
      ];
      const tasks: TaskServiceClient = {
        ...proxy.clients.tasks,
        async *watchTask({ afterRevision }) {
          asked.push(afterRevision);
          yield await Promise.resolve({ task: states.shift() });
          throw new Refusal('SERVER_DRAINING', 'the server is shutting down');
        },
      };
      const own = new GrpcClient({ ...proxy.clients, tasks, clock: systemClock, random: () => 0 });
      const seen = await all(own.watch('a', { afterRevision: 3 }));
      expect(seen.map(({ revision }) => revision)).to.deep.equal([5, 6]);
      expect(asked).to.deep.equal([3n, 5n]);
    });
  });

  describe('errors', () => {
    it('have the reason of the contract', async () => {
      const error = await failure(client.get('0198c5a0-0000-7000-8000-000000000000'));
      expect(error).to.include({ reason: 'TASK_NOT_FOUND', retryable: false, retryAfterMs: undefined });
    });

    it('say when to come again', async () => {
      const refusal = new Refusal('QUEUE_FULL', 'full', { retryAfterMs: 2_000 });
      const tasks = { ...proxy.clients.tasks, getTask: () => Promise.reject(refusal) };
      const full = new GrpcClient({ ...proxy.clients, tasks, clock: systemClock, random: () => 0 });
      expect(await failure(full.get('x'))).to.include({
        reason: 'QUEUE_FULL',
        retryable: true,
        retryAfterMs: 2_000,
      });
    });

    it('come from a signal too', async () => {
      const { id } = await client.submit({ kind: 'tts', text: 'Hello', language: 'en' });
      const abort = new AbortController();
      const waiting = failure(client.result(id, { signal: abort.signal }));
      abort.abort();
      expect(await waiting).to.include({ reason: 'CANCELLED' });
      const late = failure(client.result(id, { signal: AbortSignal.timeout(1) }));
      expect(await late).to.include({ reason: 'DEADLINE_EXCEEDED' });
      const aborted = { signal: AbortSignal.abort() };
      expect(await failure(client.upload(randomBytes(100), aborted))).to.include({ reason: 'CANCELLED' });
      const submission = { kind: 'tts', text: 'Hello', language: 'en' } as const;
      expect(await failure(client.submit(submission, aborted))).to.include({ reason: 'CANCELLED' });
    });

    it('end what is under way when the client is closed', async () => {
      const own = createClient({ server: `http://127.0.0.1:${proxy.grpcPort}` });
      const { id } = await own.submit({ kind: 'tts', text: 'Hello', language: 'en' });
      const waiting = failure(all(own.watch(id)));
      own.close();
      expect(await waiting).to.include({ reason: 'CANCELLED' });
      expect(await failure(own.get(id))).to.include({ reason: 'CANCELLED' });
    });
  });

  it('takes http:// URLs with a host and a port, and keys that a header can carry', () => {
    for (const server of ['localhost:8000', 'https://a:1', 'http://a:1/path', 'ftp://a', ''])
      expect(() => createClient({ server }), server)
        .to.throw(AudioSubnetError)
        .and.include({ reason: 'INVALID_FIELD' });
    expect(() => createClient({ apiKey: 'a b' })).to.throw(AudioSubnetError, 'apiKey');
    createClient({ server: 'http://[::1]:50051' }).close();
  });

  it('sends its key with each call', async () => {
    const seen: Metadata[] = [];
    const server = new Server();
    server.addService(TaskServiceService, {
      getTask: (call: { metadata: Metadata }, callback: (error: null, answer: GetTaskResponse) => void) => {
        seen.push(call.metadata);
        callback(null, GetTaskResponse.fromPartial({ task: { id: 'a' } }));
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    const keyed = createClient({ server: `http://127.0.0.1:${port}`, apiKey: 'secret' });
    await keyed.get('a');
    keyed.close();
    server.forceShutdown();
    expect(seen.map((metadata) => metadata.get('authorization'))).to.deep.equal([['Bearer secret']]);
  });
});
