import { Client, credentials, status as Code, type ServiceError } from '@grpc/grpc-js';
import { expect } from 'chai';
import { TaskKind, TaskState, TaskSpec } from '../../gen/ts/audiosubnet/v1/task.js';
import {
  BatchSubmitTasksRequest,
  GetTaskRequest,
  ListTasksRequest,
  SubmitTaskRequest,
  TaskView,
} from '../../gen/ts/audiosubnet/v1/task_service.js';
import type { Status } from '../../gen/ts/google/rpc/status.js';
import { Refusal } from '../../src/domain/errors.js';
import { fromRpcStatus, fromServiceError } from '../../src/rpc/status.js';
import { openGrpcProxy, type GrpcProxy } from '../support/grpc-proxy.js';
import { digest } from '../support/memory-content.js';
import { refused } from '../support/refused.js';

const tts = (text = 'Hello world', requestId = ''): SubmitTaskRequest =>
  SubmitTaskRequest.fromPartial({
    requestId,
    task: { kind: { $case: 'tts', value: { text } }, language: 'en' },
  });
const audio = (bytes: Buffer): SubmitTaskRequest =>
  SubmitTaskRequest.fromPartial({
    task: {
      kind: { $case: 'transcription', value: { audio: { $case: 'inlineAudio', value: bytes } } },
      language: 'en',
    },
  });

/** Sends bytes that need not be a message. */
function sendRaw(proxy: GrpcProxy, path: string, bytes: Buffer): Promise<ServiceError> {
  const client = new Client(proxy.channel.address, credentials.createInsecure());
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      (message: Buffer) => message,
      (message) => message,
      bytes,
      (error) => {
        client.close();
        if (error === null) reject(new Error('the call succeeded'));
        else resolve(error);
      },
    );
  });
}

describe('TaskService', () => {
  let proxy: GrpcProxy;
  beforeEach(async () => {
    proxy = await openGrpcProxy();
  });
  afterEach(() => proxy.close());

  describe('SubmitTask', () => {
    it('stores the task and answers with it, without its payload', async () => {
      const { task, deduplicated } = await proxy.tasks.submitTask(tts());
      expect(deduplicated).to.equal(false);
      expect(task).to.include({ kind: TaskKind.TTS, state: TaskState.PENDING, language: 'en' });
      const [submission] = proxy.queue.submissions;
      expect(submission).to.include({ kind: 'tts', priority: 'normal', owner: 'anonymous' });
      expect(submission!.input).to.include({ payloadBytes: 11, textLength: 11 });
      expect(proxy.calls).to.have.length(1);
      expect(proxy.calls[0]).to.include({ method: '/audiosubnet.v1.TaskService/SubmitTask', code: Code.OK });
    });

    it('gives the same task for the same request id', async () => {
      const first = await proxy.tasks.submitTask(tts('a', 'id-1'));
      const second = await proxy.tasks.submitTask(tts('a', 'id-1'));
      expect(second).to.deep.include({ deduplicated: true });
      expect(second.task!.id).to.equal(first.task!.id);
      expect((await refused(proxy.tasks.submitTask(tts('b', 'id-1')))).reason).to.equal('REQUEST_ID_REUSED');
    });

    it('names each broken rule by its field', async () => {
      const refusal = await refused(
        proxy.tasks.submitTask(
          SubmitTaskRequest.fromPartial({
            task: { kind: { $case: 'tts', value: { text: ' ' } }, language: 'xx', callbackUrl: 'ftp://a' },
          }),
        ),
      );
      expect(refusal.reason).to.equal('INVALID_FIELD');
      expect(refusal.message).to.contain('task.tts.text: must not be blank');
      expect(refusal.violations.map(({ field }) => field)).to.have.members([
        'task.tts.text',
        'task.language',
        'task.callback_url',
      ]);
    });

    it('refuses a message with no kind set', async () => {
      const refusal = await refused(
        proxy.tasks.submitTask({ requestId: '', task: TaskSpec.fromPartial({ language: 'en' }) }),
      );
      expect(refusal.violations[0]).to.include({ field: 'task.kind' });
    });

    it('refuses bytes that are no message', async () => {
      for (const bytes of [Buffer.from('ffffffff', 'hex'), Buffer.from([0x0a, 2, 0xff, 0xfe])]) {
        const error = await sendRaw(proxy, '/audiosubnet.v1.TaskService/SubmitTask', bytes);
        expect(error.code).to.equal(Code.INVALID_ARGUMENT);
        expect(fromServiceError(error).reason).to.equal('MALFORMED_MESSAGE');
      }
    });

    it('refuses a message of 5 MiB and goes on', async () => {
      const error = await sendRaw(
        proxy,
        '/audiosubnet.v1.TaskService/SubmitTask',
        Buffer.alloc(5 * 1024 * 1024),
      );
      expect(error.code).to.equal(Code.RESOURCE_EXHAUSTED);
      expect(fromServiceError(error).reason).to.equal('MESSAGE_TOO_LARGE');
      expect(error.metadata.get('grpc-status-details-bin')).to.have.length(1);
      expect((await proxy.tasks.submitTask(tts())).task).not.to.equal(undefined);
    });

    it('keeps small audio inline and stores large audio as content', async () => {
      const large = Buffer.alloc(200_000, 7);
      await proxy.tasks.submitTask(audio(Buffer.from('RIFF')));
      await proxy.tasks.submitTask(audio(large));
      const [small, stored] = proxy.queue.submissions.map(({ input }) => input);
      if (small!.payload.kind !== 'inline') throw new Error('the small one is not inline');
      expect(Buffer.from(small!.payload.bytes).toString()).to.equal('RIFF');
      expect(stored!.payload).to.deep.equal({ kind: 'content', sha256: digest(large), sizeBytes: 200_000 });
      expect(stored!.payloadBytes).to.equal(200_000);
    });

    it('takes the size of referenced content from the store, and refuses what is not there', async () => {
      const byReference = (sha256: string) =>
        SubmitTaskRequest.fromPartial({
          task: {
            kind: { $case: 'transcription', value: { audio: { $case: 'content', value: { sha256 } } } },
            language: 'en',
          },
        });
      const sha256 = proxy.content.put('anonymous' as never, Buffer.alloc(99));
      await proxy.tasks.submitTask(byReference(sha256));
      expect(proxy.queue.submissions[0]!.input.payloadBytes).to.equal(99);
      const refusal = await refused(proxy.tasks.submitTask(byReference('0'.repeat(64))));
      expect(refusal).to.deep.include({ reason: 'CONTENT_MISSING', metadata: { sha256: '0'.repeat(64) } });
    });

    it('counts code points and keeps every character', async () => {
      await proxy.tasks.submitTask(tts('a👋🏽é'));
      const { input } = proxy.queue.submissions[0]!;
      expect(input.textLength).to.equal(Array.from('a👋🏽é').length);
      const id = [...proxy.queue.tasks.keys()][0]!;
      const full = await proxy.tasks.getTask(GetTaskRequest.create({ id, view: TaskView.FULL }));
      expect(full.task!.input!.payload).to.deep.equal({ $case: 'text', value: 'a👋🏽é' });
    });
  });

  describe('BatchSubmitTasks', () => {
    it('lets each item succeed or fail by itself, in order', async () => {
      const missing = SubmitTaskRequest.fromPartial({
        task: {
          kind: {
            $case: 'transcription',
            value: { audio: { $case: 'content', value: { sha256: '1'.repeat(64) } } },
          },
          language: 'en',
        },
      });
      const { results } = await proxy.tasks.batchSubmitTasks({
        requests: [tts('one', 'r'), tts(' '), missing, tts('other', 'r'), tts('two')],
      });
      const outcomes = results.map(({ outcome }) =>
        outcome?.$case === 'error' ? fromRpcStatus(outcome.value).reason : outcome?.$case,
      );
      expect(outcomes).to.deep.equal([
        'submitted',
        'INVALID_FIELD',
        'CONTENT_MISSING',
        'REQUEST_ID_REUSED',
        'submitted',
      ]);
      const invalid = results[1]!.outcome;
      expect(fromRpcStatus(invalid!.value as Status).violations[0]!.field).to.equal('task.tts.text');
    });

    it('refuses an empty batch as a whole', async () => {
      const refusal = await refused(proxy.tasks.batchSubmitTasks(BatchSubmitTasksRequest.create()));
      expect(refusal.violations[0]!.field).to.equal('requests');
    });
  });

  describe('GetTask, CancelTask, DeleteTask', () => {
    it('answer TASK_NOT_FOUND for an id that is none', async () => {
      for (const call of [
        proxy.tasks.getTask(GetTaskRequest.create({ id: 'nonsense' })),
        proxy.tasks.cancelTask({ id: 'nonsense', reason: '' }),
        proxy.tasks.deleteTask({ id: 'nonsense' }),
      ]) {
        expect((await refused(call)).reason).to.equal('TASK_NOT_FOUND');
      }
    });

    it('cancel with a reason, then erase', async () => {
      const { task } = await proxy.tasks.submitTask(tts());
      const cancelled = await proxy.tasks.cancelTask({ id: task!.id, reason: 'no need' });
      expect(cancelled.task).to.include({ state: TaskState.CANCELLED, cancelReason: 'no need' });
      await proxy.tasks.deleteTask({ id: task!.id });
      expect((await refused(proxy.tasks.deleteTask({ id: task!.id }))).reason).to.equal('TASK_NOT_FOUND');
    });
  });

  describe('ListTasks', () => {
    it('pages through all tasks, newest first', async () => {
      for (const text of ['a', 'b', 'c', 'd', 'e']) await proxy.tasks.submitTask(tts(text));
      const seen: string[] = [];
      let pageToken = '';
      do {
        const page = await proxy.tasks.listTasks(ListTasksRequest.create({ pageSize: 2, pageToken }));
        seen.push(...page.tasks.map(({ id }) => id));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      expect(seen).to.deep.equal([...proxy.queue.tasks.keys()].reverse());
    });

    it('refuses a foreign token, a token of another filter and a negative page size', async () => {
      for (const text of ['a', 'b']) await proxy.tasks.submitTask(tts(text));
      const { nextPageToken } = await proxy.tasks.listTasks(ListTasksRequest.create({ pageSize: 1 }));
      for (const request of [
        ListTasksRequest.create({ pageToken: 'x' }),
        ListTasksRequest.create({ pageToken: nextPageToken, kind: TaskKind.TTS }),
      ]) {
        expect((await refused(proxy.tasks.listTasks(request))).reason).to.equal('INVALID_PAGE_TOKEN');
      }
      const negative = await refused(proxy.tasks.listTasks(ListTasksRequest.create({ pageSize: -1 })));
      expect(negative.violations[0]!.field).to.equal('page_size');
    });

    it('ends a page early rather than pass the size of a message', async () => {
      const bytes = Buffer.alloc(64 * 1024);
      for (let count = 0; count < 80; count += 1) {
        const { task } = await proxy.tasks.submitTask(tts());
        proxy.queue.change(task!.id as never, {
          state: 'completed',
          validator: 'v',
          result: {
            output: { kind: 'inline', bytes },
            mediaType: 'audio/wav',
            model: 'm',
            minerHotkey: 'h',
            segments: [],
          },
        });
      }
      const first = await proxy.tasks.listTasks(ListTasksRequest.create());
      expect(first.tasks.length).to.be.within(30, 60);
      const rest = await proxy.tasks.listTasks(ListTasksRequest.create({ pageToken: first.nextPageToken }));
      expect(first.tasks.length + rest.tasks.length).to.equal(80);
      expect(rest.nextPageToken).to.equal('');
    });
  });

  describe('WatchTask', () => {
    it('sends the task as it is, then each change, and ends after the final one', async () => {
      const { task } = await proxy.tasks.submitTask(tts());
      const id = task!.id as never;
      const states: TaskState[] = [];
      for await (const event of proxy.tasks.watchTask({ id, afterRevision: 0n })) {
        states.push(event.task!.state);
        if (event.task!.state === TaskState.PENDING) proxy.queue.change(id, { state: 'processing' });
        if (event.task!.state === TaskState.PROCESSING) {
          proxy.queue.change(id, { state: 'failed', failure: { reason: 'ENGINE_FAILED', message: 'm' } });
        }
      }
      expect(states).to.deep.equal([TaskState.PENDING, TaskState.PROCESSING, TaskState.FAILED]);
    });

    it('ends the call on the server when the reader leaves the loop', async () => {
      const { task } = await proxy.tasks.submitTask(tts());
      for await (const event of proxy.tasks.watchTask({ id: task!.id, afterRevision: 0n })) {
        expect(event.task!.state).to.equal(TaskState.PENDING);
        break;
      }
      while (proxy.calls.length < 2) await new Promise((resolve) => setImmediate(resolve));
      expect(proxy.calls[1]).to.include({
        method: '/audiosubnet.v1.TaskService/WatchTask',
        code: Code.CANCELLED,
      });
    });

    it('ends with DEADLINE_EXCEEDED at the deadline of the call', async () => {
      const { task } = await proxy.tasks.submitTask(tts());
      const watch = async () => {
        const events = proxy.tasks.watchTask({ id: task!.id, afterRevision: 0n }, { deadlineMs: 150 });
        for await (const event of events) expect(event.task).not.to.equal(undefined);
      };
      expect((await refused(watch())).reason).to.equal('DEADLINE_EXCEEDED');
    });

    it('ends with the reason of the caller when he aborts', async () => {
      const { task } = await proxy.tasks.submitTask(tts());
      const controller = new AbortController();
      const watch = async () => {
        const events = proxy.tasks.watchTask(
          { id: task!.id, afterRevision: 0n },
          { signal: controller.signal },
        );
        for await (const event of events) {
          expect(event.task).not.to.equal(undefined);
          controller.abort(new Refusal('QUOTA_EXCEEDED', 'enough'));
        }
      };
      expect((await refused(watch())).reason).to.equal('QUOTA_EXCEEDED');
    });
  });
});

describe('a handler', () => {
  it('that throws at once or later costs its call alone and shows nothing of the error', async () => {
    let late = false;
    const stats = () => {
      if (late) return Promise.reject(new Error('secret: late'));
      throw new Error('secret: at once');
    };
    const proxy = await openGrpcProxy({ queue: { stats } });
    for (late of [false, true]) {
      const refusal = await refused(proxy.tasks.getQueueStats({}));
      expect(refusal).to.include({ reason: 'INTERNAL', message: 'internal error' });
      const line = proxy.logged.find((entry) => entry['requestId'] === refusal.metadata['request_id']);
      expect(JSON.stringify(line)).to.contain(late ? 'secret: late' : 'secret: at once');
    }
    expect((await proxy.tasks.submitTask(tts())).task).not.to.equal(undefined);
    await proxy.close();
  });

  it('whose answer is above the size of a message ends with MESSAGE_TOO_LARGE', async () => {
    const proxy = await openGrpcProxy();
    const { task } = await proxy.tasks.submitTask(tts());
    const text = 'x'.repeat(5 * 1024 * 1024);
    proxy.queue.change(task!.id as never, { state: 'cancelled', reason: text });
    const refusal = await refused(proxy.tasks.getTask(GetTaskRequest.create({ id: task!.id })));
    expect(refusal.reason).to.equal('MESSAGE_TOO_LARGE');
    await proxy.close();
  });

  it('that does not exist is refused with UNIMPLEMENTED and a reason', async () => {
    const proxy = await openGrpcProxy();
    const error = await sendRaw(proxy, '/audiosubnet.v1.TaskService/Nothing', Buffer.alloc(0));
    expect(error.code).to.equal(Code.UNIMPLEMENTED);
    expect(fromServiceError(error).metadata).to.deep.equal({ method: '/audiosubnet.v1.TaskService/Nothing' });
    await proxy.close();
  });
});

describe('a server that is not there', () => {
  it('is UNAVAILABLE with the message of the connection', async () => {
    const proxy = await openGrpcProxy();
    await proxy.grpc.shutdown(0);
    const refusal = await refused(proxy.tasks.getQueueStats({}, { deadlineMs: 5_000 }));
    expect(refusal.reason).to.equal('UNAVAILABLE');
    expect(refusal.message).to.contain('127.0.0.1');
    await proxy.close();
  });
});
