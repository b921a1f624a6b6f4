import { expect } from 'chai';
import {
  GetTaskRequest,
  ListTasksRequest,
  SubmitTaskRequest,
} from '../../gen/ts/audiosubnet/v1/task_service.js';
import { UploadHeader } from '../../gen/ts/audiosubnet/v1/content_service.js';
import { TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import { openKeyedProxy, type Clients, type KeyedProxy } from '../support/keyed-proxy.js';
import { refused } from '../support/refused.js';

const NOBODYS = '0198c5a0-0000-7000-8000-000000000000';

const speech = (text: string, requestId = '') =>
  SubmitTaskRequest.fromPartial({
    requestId,
    task: { kind: { $case: 'tts', value: { text } }, language: 'en' },
  });

async function* bytes(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

describe('what belongs to one key', () => {
  let proxy: KeyedProxy;
  let ann: Clients;
  let bob: Clients;

  before(async () => {
    proxy = await openKeyedProxy();
    ann = proxy.as((await proxy.keys.create('submit', 'read')).text);
    // Administering does not make one the owner.
    bob = proxy.as((await proxy.keys.create('admin')).text);
  });
  after(() => proxy.close());

  const submit = async (client: Clients, text: string, requestId?: string): Promise<string> =>
    (await client.tasks.submitTask(speech(text, requestId))).task?.id ?? '';

  const ways: Readonly<Record<string, (client: Clients, id: string) => Promise<unknown>>> = {
    GetTask: ({ tasks }, id) => tasks.getTask(GetTaskRequest.create({ id })),
    WatchTask: ({ tasks }, id) => tasks.watchTask({ id, afterRevision: 0n })[Symbol.asyncIterator]().next(),
    CancelTask: ({ tasks }, id) => tasks.cancelTask({ id, reason: '' }),
    DeleteTask: ({ tasks }, id) => tasks.deleteTask({ id }),
  };
  for (const [way, ask] of Object.entries(ways))
    it(`is not found by another by ${way}, as what does not exist`, async () => {
      const id = await submit(ann, 'of Ann');
      const hers = await refused(ask(bob, id));
      const nobodys = await refused(ask(bob, NOBODYS));
      expect(hers.reason).to.equal('TASK_NOT_FOUND');
      expect(nobodys.reason).to.equal('TASK_NOT_FOUND');
      expect(hers.message.replace(id, NOBODYS)).to.equal(nobodys.message);
      const { task } = await ann.tasks.getTask(GetTaskRequest.create({ id }));
      expect(task?.state).to.equal(TaskState.PENDING);
    });

  it('is in no list of another, by no page token either', async () => {
    await submit(ann, 'first');
    await submit(bob, 'between');
    await submit(ann, 'second');
    await submit(bob, 'last');
    const list = async ({ tasks }: Clients, request: Partial<ListTasksRequest>) =>
      tasks.listTasks(ListTasksRequest.fromPartial(request));
    const hers = (await list(ann, {})).tasks.map(({ id }) => id);
    const his = (await list(bob, {})).tasks.map(({ id }) => id);
    expect(his).to.have.length(2);
    expect(hers.filter((id) => his.includes(id))).to.deep.equal([]);
    const { nextPageToken } = await list(ann, { pageSize: 1 });
    const page = await list(bob, { pageToken: nextPageToken });
    for (const { id } of page.tasks) expect(his).to.include(id);
  });

  it('has request ids of its own', async () => {
    const hers = await submit(ann, 'the text of Ann', 'the-same-id');
    const his = await submit(bob, 'the text of Bob', 'the-same-id');
    expect(his).not.to.equal(hers);
    expect(await submit(ann, 'the text of Ann', 'the-same-id')).to.equal(hers);
  });

  it('is content that another neither reads nor refers to', async () => {
    const { sha256, sizeBytes } = await ann.content.uploadContent(
      bytes('audio of Ann'),
      UploadHeader.create(),
    );
    expect(await ann.content.getUpload({ sha256 })).to.include({ complete: true });
    expect((await refused(bob.content.getUpload({ sha256 }))).reason).to.equal('CONTENT_NOT_FOUND');
    const request = { sha256, offset: 0n, maxBytes: 0n, leaseToken: '' };
    const reading = bob.content.downloadContent(request)[Symbol.asyncIterator]().next();
    expect((await refused(reading)).reason).to.equal('CONTENT_NOT_FOUND');
    const submission = SubmitTaskRequest.fromPartial({
      task: {
        kind: {
          $case: 'transcription',
          value: { audio: { $case: 'content', value: { sha256, sizeBytes } } },
        },
        language: 'en',
      },
    });
    expect((await refused(bob.tasks.submitTask(submission))).reason).to.equal('CONTENT_MISSING');
    expect((await ann.tasks.submitTask(submission)).task?.id).not.to.equal('');
  });

  it('stays with the key over a rotation', async () => {
    const { id: key, text } = await proxy.keys.create('submit', 'read');
    const id = await submit(proxy.as(text), 'of Cid');
    const renewed = proxy.as(await proxy.keys.rotate(key, 0));
    expect((await renewed.tasks.getTask(GetTaskRequest.create({ id }))).task?.id).to.equal(id);
  });

  it('is settled by who validates, and read by its owner', async () => {
    const validator = proxy.as((await proxy.keys.create('validate')).text);
    const cid = proxy.as((await proxy.keys.create('submit', 'read')).text);
    const id = await submit(cid, 'to be spoken');
    for (let found = false; !found;) {
      const { tasks } = await validator.validators.claimTasks({
        sessionId: '',
        validatorHotkey: 'v',
        maxTasks: 1,
        kinds: [],
        wait: undefined,
        handOut: true,
        maxInputBytes: 0n,
      });
      const body = new URLSearchParams({
        task_id: tasks[0]?.taskId ?? '',
        lease_token: tasks[0]?.leaseToken ?? '',
        result: Buffer.from('sound').toString('base64'),
        processing_time: '1',
        miner_uid: '1',
        accuracy_score: '1',
        speed_score: '1',
      });
      const key = (await proxy.keys.create('validate')).text;
      const response = await fetch(`${proxy.url}/api/v1/validator/submit_result`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${key}` },
      });
      expect(response.status, await response.text()).to.equal(200);
      found = tasks[0]?.taskId === id;
    }
    const { task } = await cid.tasks.getTask(GetTaskRequest.create({ id }));
    expect(task?.state).to.equal(TaskState.COMPLETED);
    expect(task?.result?.output).to.deep.equal({ $case: 'audio', value: Buffer.from('sound') });
  });
});
