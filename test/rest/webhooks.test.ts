import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { pino } from 'pino';
import { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { WebhookState } from '../../gen/ts/audiosubnet/v1/webhook_service.js';
import { Refusal } from '../../src/domain/errors.js';
import { ANONYMOUS, type Owner, type Sha256, type TaskId } from '../../src/domain/ids.js';
import { createBridge, type Bridge } from '../../src/rest/bridge.js';
import {
  createContentServiceClient,
  createWebhookServiceClient,
  type WebhookServiceClient,
} from '../../src/rpc/clients/task-clients.js';
import { forbiddenUrl } from '../../src/webhooks/callback-url.js';
import { newTask } from '../support/new-task.js';
import { call, ENCODER, multipart, postForm, postJson, type Answer } from '../support/rest-bridge.js';
import { openQueueProxy, type QueueProxy } from '../support/queue-proxy.js';

const AUDIO = Buffer.from('RIFF0000WAVEfmt ');
const HOOK = 'https://a.example:8443/hook?x=1';
const METADATA_SERVICE = 'http://169.254.169.254/latest/meta-data';
const CALL = { deadlineMs: 10_000 };

describe('webhooks', () => {
  let proxy: QueueProxy;
  let bridge: Bridge;
  let webhooks: WebhookServiceClient;
  let url: string;

  before(async () => {
    proxy = await openQueueProxy({
      rules: {
        minSummaryLength: 10,
        maxSummaryLength: 50_000,
        maxTtsLength: 10_000,
        maxAttempts: 3,
        maxRunMs: 3_600_000,
        forbiddenUrl: (given) => forbiddenUrl(given, { allowPrivate: false }),
      },
    });
    // What a transcription uploads is kept apart from the store here.
    const sha256 = createHash('sha256').update(AUDIO).digest('hex') as Sha256;
    await proxy.store.addContent({ owner: ANONYMOUS, sha256, sizeBytes: AUDIO.length, file: 'a' });
    const { tasks, validators, channel } = proxy;
    webhooks = createWebhookServiceClient(channel);
    const clients = { tasks, validators, webhooks, content: createContentServiceClient(channel) };
    bridge = await createBridge({
      clients,
      encoder: ENCODER,
      log: pino({ level: 'silent' }),
      maxAudioBytes: 8 * 1024 * 1024,
    });
    const { port } = await bridge.listen({ host: '127.0.0.1', port: 0 });
    url = `http://127.0.0.1:${port}`;
  });
  after(async () => {
    await bridge.close(1_000);
    await proxy.close();
  });

  const text = 'a text that is long enough';

  /** Every way in over REST. */
  const carriers: Record<string, (callback: string) => Promise<Answer>> = {
    'a transcription by multipart': (callback) =>
      call(`${url}/api/v1/transcription`, {
        method: 'POST',
        body: multipart([
          ['callback_url', callback],
          ['source_language', 'en'],
          ['audio_file', new Blob([AUDIO]), 'a.wav'],
        ]),
      }),
    'speech by JSON': (callback) =>
      postJson(`${url}/api/v1/tts`, { text, source_language: 'en', callback_url: callback }),
    'speech by a form': (callback) =>
      postForm(`${url}/api/v1/tts`, { text, source_language: 'en', callback_url: callback }),
    'a summary by JSON': (callback) =>
      postJson(`${url}/api/v1/summarization`, { text, source_language: 'en', callback_url: callback }),
    'a summary by multipart': (callback) =>
      call(`${url}/api/v1/summarization`, {
        method: 'POST',
        body: multipart([
          ['text', text],
          ['source_language', 'en'],
          ['callback_url', callback],
        ]),
      }),
  };

  const submission = (callbackUrl: string) =>
    SubmitTaskRequest.fromPartial({
      task: { kind: { $case: 'tts', value: { text } }, language: 'en', callbackUrl },
    });

  for (const [how, submit] of Object.entries(carriers)) {
    it(`are wanted by ${how}, kept and shown`, async () => {
      const { status, json } = await submit(HOOK);
      expect(status).to.equal(200);
      const { task_id: id } = json as { task_id: string };
      const [task] = (await call(`${url}/api/v1/tasks?limit=1`)).json as [Record<string, unknown>];
      expect(task).to.include({ task_id: id, callback_url: HOOK });
    });

    it(`are refused by ${how} for a place that is not public`, async () => {
      const { status, json } = await submit(METADATA_SERVICE);
      expect(status).to.equal(422);
      expect(JSON.stringify(json)).to.include('callback_url').and.include('public internet');
    });
  }

  it('are wanted and refused over gRPC, alone and in a batch', async () => {
    const { task } = await proxy.tasks.submitTask(submission(HOOK), CALL);
    expect(task?.callbackUrl).to.equal(HOOK);
    const refused: unknown = await proxy.tasks
      .submitTask(submission(METADATA_SERVICE), CALL)
      .catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(Refusal);
    expect(refused).to.deep.include({
      reason: 'URL_FORBIDDEN',
      violations: [{ field: 'task.callback_url', description: 'must name a host on the public internet' }],
    });
    const { results } = await proxy.tasks.batchSubmitTasks(
      { requests: [submission(HOOK), submission('http://2130706433/'), submission(HOOK)] },
      CALL,
    );
    expect(results.map(({ outcome }) => outcome?.$case)).to.deep.equal(['submitted', 'error', 'submitted']);
  });

  async function ended(): Promise<string> {
    const { task } = await proxy.tasks.submitTask(submission(HOOK), CALL);
    await proxy.tasks.cancelTask({ id: task?.id ?? '', reason: '' }, CALL);
    return task?.id ?? '';
  }

  /** Ends one try of every webhook that is due. */
  async function tryAll(status: number): Promise<void> {
    const request = { limit: 100, failingLimit: 100, claimMs: 60_000 };
    const { webhooks: claimed } = await proxy.store.claimWebhooks(request);
    for (const { id, claim } of claimed)
      await proxy.store.recordTry({
        id,
        claim,
        durationMs: 1_500,
        httpStatus: status,
        outcome:
          status < 300
            ? { kind: 'delivered' }
            : {
                kind: 'failed',
                failure: { reason: 'REFUSED', message: `answered ${status}` },
                retryMs: 60_000,
                isEndpointDown: false,
              },
      });
  }

  it('show their tries and are sent again when it is asked for', async () => {
    const id = await ended();
    const at = `${url}/api/v1/tasks/${id}/webhook`;
    const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
    const due = (await call(at)).json as Record<string, unknown>;
    expect(due).to.include({ task_id: id, webhook_id: `msg_${id}`, url: HOOK, type: 'task.cancelled' });
    expect(due).to.deep.include({ status: 'pending', try_count: 0, tries: [] });
    expect(due['created_at']).to.match(instant);
    await tryAll(500);
    const failed = (await call(at)).json as { next_try_at: string; tries: Record<string, unknown>[] };
    expect(failed).to.include({ status: 'pending', try_count: 1 });
    expect(failed.next_try_at).to.match(instant);
    const [{ started_at: startedAt, ...rest }] = failed.tries as [Record<string, unknown>];
    expect(startedAt).to.match(instant);
    expect(rest).to.deep.equal({
      number: 1,
      duration: 1.5,
      http_status: 500,
      error: 'REFUSED',
      error_message: 'answered 500',
    });
    const again = await call(`${at}/redeliver`, { method: 'POST' });
    expect(again.status).to.equal(200);
    expect(again.json).to.include({ task_id: id, status: 'pending', try_count: 1 });
    await tryAll(204);
    const { webhook, deliveries } = await webhooks.listWebhookDeliveries({ taskId: id }, CALL);
    expect(webhook).to.include({ state: WebhookState.DELIVERED, tryCount: 2, nextTryTime: undefined });
    expect(deliveries.map(({ number, httpStatus, error }) => [number, httpStatus, error])).to.deep.equal([
      [2, 204, 0],
      [1, 500, 8],
    ]);
  });

  it('are not found where there are none, and for the tasks of others', async () => {
    const { task } = await proxy.tasks.submitTask(submission(HOOK), CALL);
    const theirs = newTask({ owner: 'somebody' as Owner, callbackUrl: HOOK });
    await proxy.store.submit([theirs]);
    await proxy.store.cancel({ owner: theirs.owner, id: theirs.id, reason: '' });
    for (const [id, reason] of [
      [task?.id as TaskId, 'WEBHOOK_NOT_FOUND'],
      [theirs.id, 'TASK_NOT_FOUND'],
      ['nothing' as TaskId, 'TASK_NOT_FOUND'],
    ] as const) {
      for (const asked of [
        webhooks.listWebhookDeliveries({ taskId: id }, CALL),
        webhooks.redeliverWebhook({ taskId: id }, CALL),
      ])
        expect(await asked.catch((error: unknown) => error)).to.include({ reason });
      const read = await call(`${url}/api/v1/tasks/${id}/webhook`);
      const sent = await call(`${url}/api/v1/tasks/${id}/webhook/redeliver`, { method: 'POST' });
      expect([read.status, sent.status]).to.deep.equal([404, 404]);
    }
  });
});
