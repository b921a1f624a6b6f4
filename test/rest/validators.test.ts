import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { Priority, Task, TaskKind } from '../../gen/ts/audiosubnet/v1/task.js';
import {
  GetIntegrationInfoResponse,
  LeasedTask,
  NetworkSource,
  type SettleTasksRequest,
  type Settlement,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../../src/domain/errors.js';
import { call, multipart, openBridge, postForm, postJson, type OpenBridge } from '../support/rest-bridge.js';
import { NOW } from '../support/rest-proxy.js';

const NOW_TEXT = '2025-08-20T09:30:00.123456Z';
const TOKEN = '0123456789abcdef0123456789abcdef';

const INFO = GetIntegrationInfoResponse.fromPartial({
  networkInfo: {
    netuid: 49,
    network: 'finney',
    totalMiners: 5,
    availableMiners: 3,
    source: NetworkSource.CHAIN,
    age: { seconds: 7n, nanos: 500_000_000 },
    connected: true,
  },
  miners: [
    {
      uid: 3,
      hotkey: '5H',
      ip: '0.0.0.0',
      port: 8091,
      externalIp: '192.0.2.7',
      externalPort: 9091,
      stake: 12.5,
    },
  ],
  pendingTasks: [
    {
      taskId: 'a',
      kind: TaskKind.SUMMARIZATION,
      language: 'en',
      priority: Priority.HIGH,
      createTime: NOW,
      payloadBytes: 9n,
    },
  ],
  queueStats: {
    pendingCount: 4n,
    processingCount: 3n,
    completedCount: 2n,
    failedCount: 1n,
    cancelledCount: 5n,
    readTime: NOW,
  },
  validators: [
    { validatorHotkey: '5V', policyVersion: '1', policyHash: 'a'.repeat(64), age: { seconds: 3n } },
    { validatorHotkey: 'old' },
  ],
});

const leased = (id: string, input: LeasedTask['input']): LeasedTask =>
  LeasedTask.fromPartial({
    taskId: id,
    leaseToken: TOKEN,
    kind: TaskKind.TTS,
    language: 'en',
    priority: Priority.NORMAL,
    createTime: NOW,
    leaseDuration: { seconds: 45n },
    ...(input === undefined ? {} : { input }),
  });
const text = (value: string) =>
  ({ payload: { $case: 'text', value }, payloadBytes: 0n }) as LeasedTask['input'];

describe('validators over REST', () => {
  let open: OpenBridge;
  before(async () => (open = await openBridge()));
  beforeEach(() => {
    const { tasks, contents, requests, refusals, settleRefusals } = open.proxy;
    for (const map of [tasks, contents, refusals, settleRefusals]) map.clear();
    requests.length = 0;
    open.proxy.info = INFO;
    open.proxy.pending = [];
    tasks.set('speech', Task.fromPartial({ id: 'speech', kind: TaskKind.TTS }));
    tasks.set('words', Task.fromPartial({ id: 'words', kind: TaskKind.TRANSCRIPTION }));
  });
  after(() => open.close());

  const last = (method: string) => open.proxy.requests.findLast((entry) => entry.method === method)?.request;

  it('gives the integration info in the documented shape', async () => {
    const { status, json } = await call(`${open.url}/api/v1/validator/integration`);
    expect(status).to.equal(200);
    expect(json).to.deep.equal({
      network_info: {
        netuid: 49,
        network: 'finney',
        total_miners: 5,
        available_miners: 3,
        source: 'chain',
        age_seconds: 7.5,
      },
      miners: [
        {
          uid: 3,
          hotkey: '5H',
          ip: '0.0.0.0',
          port: 8091,
          external_ip: '192.0.2.7',
          external_port: 9091,
          stake: 12.5,
        },
      ],
      pending_tasks: [
        {
          task_id: 'a',
          task_type: 'summarization',
          language: 'en',
          priority: 'high',
          submitted_at: NOW_TEXT,
        },
      ],
      queue_stats: {
        pending_count: 4,
        processing_count: 3,
        completed_count: 2,
        failed_count: 1,
        total_tasks: 15,
        timestamp: NOW_TEXT,
      },
      validators: [
        { hotkey: '5V', policy_version: '1', policy_hash: 'a'.repeat(64), age_seconds: 3 },
        { hotkey: 'old', policy_version: null, policy_hash: null, age_seconds: null },
      ],
    });
  });

  for (const path of ['/health', '/api/v1/health']) {
    it(`gives the health at ${path}`, async () => {
      expect(await call(`${open.url}${path}`)).to.deep.include({
        status: 200,
        json: {
          status: 'healthy',
          timestamp: NOW_TEXT,
          bittensor_connected: true,
          queue_size: 4,
          pending_tasks: 4,
          processing_tasks: 3,
          completed_tasks: 2,
          failed_tasks: 1,
          total_tasks: 15,
        },
      });
    });
  }

  it('is not healthy while the proxy is away', async () => {
    open.proxy.refusals.set('getIntegrationInfo', new Refusal('UNAVAILABLE', 'no connection'));
    expect(await call(`${open.url}/health`)).to.deep.include({
      status: 503,
      json: { detail: 'no connection', reason: 'UNAVAILABLE' },
    });
  });

  describe('/api/v1/validator/distribute', () => {
    const url = () => `${open.url}/api/v1/validator/distribute`;

    it('has no tasks key when there is none', async () => {
      expect(await call(url(), { method: 'POST' })).to.deep.include({
        status: 200,
        json: { message: 'No pending tasks to distribute', task_count: 0 },
      });
    });

    it('claims ten tasks and 32 MiB under a hand-out', async () => {
      await call(url(), { method: 'POST' });
      expect(last('claimTasks')).to.deep.include({ handOut: true, maxTasks: 10, maxInputBytes: 32n << 20n });
    });

    for (const method of ['GET', 'POST']) {
      it(`hands tasks out to ${method}`, async () => {
        open.proxy.pending = [leased('a', text('Grüße')), leased('b', text('x'))];
        const { json } = await call(`${url()}?limit=2&validator_hotkey=5V`, { method });
        expect(last('claimTasks')).to.deep.include({ maxTasks: 2, validatorHotkey: '5V' });
        const common = {
          task_type: 'tts',
          language: 'en',
          priority: 'normal',
          submitted_at: NOW_TEXT,
          lease_token: TOKEN,
          expires_in: 45,
        };
        expect(json).to.deep.equal({
          message: 'Distributed 2 tasks to validator',
          task_count: 2,
          tasks: [
            { ...common, task_id: 'a', input_data: Buffer.from('Grüße').toString('base64') },
            { ...common, task_id: 'b', input_data: 'eA==' },
          ],
        });
      });
    }

    it('takes the limit as JSON', async () => {
      await postJson(url(), { limit: 3 });
      expect(last('claimTasks')).to.have.property('maxTasks', 3);
    });

    it('takes nothing for HEAD', async () => {
      const { status, headers } = await call(url(), { method: 'HEAD' });
      expect(status).to.equal(405);
      expect(headers.get('allow')).to.equal('POST, GET');
      expect(open.proxy.requests).to.be.empty;
    });

    const large = Buffer.alloc(600_000, 'abcdefg');
    const sha256 = createHash('sha256').update(large).digest('hex');
    const content = {
      payload: { $case: 'content', value: { sha256, sizeBytes: 600_000n } },
    } as LeasedTask['input'];

    it('fetches a large input with the token of its lease', async () => {
      open.proxy.contents.set(sha256, large);
      open.proxy.pending = [leased('a', content)];
      const { json } = await call(url(), { method: 'POST' });
      expect((json as { tasks: { input_data: string }[] }).tasks[0]!.input_data).to.equal(
        large.toString('base64'),
      );
      expect(last('downloadContent')).to.deep.include({ sha256, leaseToken: TOKEN });
    });

    it('leaves a task out that was deleted meanwhile', async () => {
      open.proxy.pending = [leased('a', content), leased('b', text('x'))];
      const { json } = await call(url(), { method: 'POST' });
      expect(json).to.deep.nested.include({ task_count: 1, 'tasks[0].task_id': 'b' });
    });

    it('gives the tasks back when they cannot be handed out', async () => {
      open.proxy.refusals.set('downloadContent', new Refusal('DISK_LOW', 'the disk is full'));
      open.proxy.pending = [leased('a', content), leased('b', text('x'))];
      expect((await call(url(), { method: 'POST' })).status).to.equal(507);
      const { settlements } = last('settleTasks') as SettleTasksRequest;
      expect(settlements.map(({ taskId, outcome }) => [taskId, outcome?.$case])).to.deep.equal([
        ['a', 'released'],
        ['b', 'released'],
      ]);
    });

    it('refuses a limit of 0', async () => {
      const { status } = await call(`${url()}?limit=0`, { method: 'POST' });
      expect(status).to.equal(422);
      expect(open.proxy.requests).to.be.empty;
    });
  });

  describe('POST /api/v1/validator/submit_result', () => {
    const url = () => `${open.url}/api/v1/validator/submit_result`;
    const numbers = { processing_time: '1.25', miner_uid: '7', accuracy_score: '0.5', speed_score: '1' };
    const base64 = (value: string | Buffer) => Buffer.from(value).toString('base64');
    const settlement = (): Settlement => (last('settleTasks') as SettleTasksRequest).settlements[0]!;
    const output = () => {
      const { outcome } = settlement();
      return outcome?.$case === 'completed' ? outcome.value.result?.output : undefined;
    };
    const words = { task_id: 'words', result: base64('guten Tag'), ...numbers };

    const carriers = {
      urlencoded: () => postForm(url(), words),
      json: () =>
        postJson(url(), {
          ...words,
          processing_time: 1.25,
          miner_uid: 7,
          accuracy_score: 0.5,
          speed_score: 1,
        }),
      multipart: () => call(url(), { method: 'POST', body: multipart(Object.entries(words)) }),
    };
    for (const [carrier, send] of Object.entries(carriers)) {
      it(`settles with the documented fields as ${carrier}`, async () => {
        expect(await send()).to.deep.include({
          status: 200,
          json: { success: true, message: 'Result submitted successfully', task_id: 'words' },
        });
        const { taskId, leaseToken, outcome, responses } = settlement();
        expect({ taskId, leaseToken, responses }).to.deep.equal({
          taskId: 'words',
          leaseToken: '',
          responses: [],
        });
        expect(outcome).to.deep.nested.include({
          $case: 'completed',
          'value.result.minerUid': 7,
          'value.result.mediaType': 'text/plain; charset=utf-8',
          'value.result.minerProcessingTime': { seconds: 1n, nanos: 250_000_000 },
          'value.result.score.accuracy': 0.5,
          'value.result.score.speed': 1,
        });
        expect(output()).to.deep.equal({ $case: 'text', value: 'guten Tag' });
      });
    }

    it('answers the same again with 200', async () => {
      expect((await postForm(url(), words)).status).to.equal(200);
      expect((await postForm(url(), words)).status).to.equal(200);
    });

    for (const plain of ['hello world', 'test', 'ää', '']) {
      it(`takes the plain text ${JSON.stringify(plain)}`, async () => {
        expect((await postForm(url(), { ...words, result: plain })).status).to.equal(200);
        expect(output()).to.deep.equal({ $case: 'text', value: plain });
      });
    }

    const wav = Buffer.from('UklGRgAA++++', 'base64');

    it('takes audio in base64', async () => {
      await postForm(url(), { ...words, task_id: 'speech', result: base64(wav) });
      expect(output()).to.deep.equal({ $case: 'audio', value: wav });
      expect(settlement()).to.have.nested.property('outcome.value.result.mediaType', 'audio/wav');
    });

    it('takes audio whose plus signs a form did not escape', async () => {
      const result = base64(wav);
      expect(result).to.include('+');
      const fields = new URLSearchParams({ ...words, task_id: 'speech' });
      fields.delete('result');
      await call(url(), {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `${fields.toString()}&result=${result}`,
      });
      expect(output()).to.deep.equal({ $case: 'audio', value: wav });
    });

    it('refuses audio that is no base64', async () => {
      const { status, json } = await postForm(url(), { ...words, task_id: 'speech', result: 'RIFF?' });
      expect(status).to.equal(422);
      expect(json).to.have.deep.nested.property('detail[0].loc', ['body', 'result']);
    });

    it('stores a large output under the lease', async () => {
      const large = Buffer.alloc(3_000_001, 'abcdefg');
      const { status } = await postJson(url(), {
        ...words,
        task_id: 'speech',
        result: base64(large),
        lease_token: TOKEN,
      });
      expect(status).to.equal(200);
      const sha256 = createHash('sha256').update(large).digest('hex');
      expect(last('uploadContent')).to.deep.include({ leaseToken: TOKEN, sizeBytes: 3_000_001n });
      expect(output()).to.deep.equal({ $case: 'content', value: { sha256, sizeBytes: 3_000_001n } });
    });

    it('takes the parts of a transcript in seconds, as a form too', async () => {
      const segments = [
        { start: 0, end: 1.25, text: 'hello' },
        { start: 1.25, end: 2e300, text: 'there' },
      ];
      const expected = [
        { startMs: 0n, endMs: 1_250n, text: 'hello' },
        { startMs: 1_250n, endMs: 1_000_000_000_000n, text: 'there' },
      ];
      await postJson(url(), { ...words, segments });
      expect(settlement().outcome).to.have.deep.nested.property('value.result.segments', expected);
      await postJson(url(), { ...words, segments: JSON.stringify(segments) });
      expect(settlement().outcome).to.have.deep.nested.property('value.result.segments', expected);
    });

    it('takes what each miner answered in the shape in which it is read', async () => {
      const response = {
        miner_uid: 7,
        hotkey: '5H',
        accuracy_score: null,
        speed_score: 0.5,
        combined_score: 0.15,
        parts: [{ name: 'speed', value: 0.5, explanation: 'in 2 s' }],
        miner_processing_time: 1.5,
        validator_time: 2,
        error_message: null,
        selected: true,
      };
      await postJson(url(), {
        ...words,
        accuracy_score: null,
        combined_score: 0.15,
        policy_version: '1',
        validator_time: 2,
        model: 'pocketsphinx',
        miner_hotkey: '5H',
        lease_token: TOKEN,
        responses: [response],
      });
      const { leaseToken, outcome, responses } = settlement();
      expect(leaseToken).to.equal(TOKEN);
      expect(responses[0]).to.deep.include({
        minerUid: 7,
        hotkey: '5H',
        selected: true,
        minerProcessingTime: { seconds: 1n, nanos: 500_000_000 },
        validatorTime: { seconds: 2n, nanos: 0 },
      });
      expect(responses[0]!.score).to.deep.nested.include({
        accuracy: undefined,
        combined: 0.15,
        'parts[0].name': 'speed',
      });
      expect(outcome).to.deep.nested.include({
        'value.result.model': 'pocketsphinx',
        'value.result.minerHotkey': '5H',
        'value.result.score.accuracy': undefined,
        'value.result.score.policyVersion': '1',
      });
    });

    it('settles a failure', async () => {
      const { json } = await postJson(url(), {
        task_id: 'words',
        status: 'failed',
        error_reason: 'AUDIO_UNDECODABLE',
        error_message: 'not a sound',
        retryable: true,
      });
      expect(json).to.deep.equal({
        success: true,
        message: 'Failure submitted successfully',
        task_id: 'words',
      });
      expect(settlement().outcome).to.deep.equal({
        $case: 'failed',
        value: { failure: { reason: 'AUDIO_UNDECODABLE', message: 'not a sound' }, retryable: true },
      });
    });

    it('names a failure without a reason ALL_MINERS_FAILED', async () => {
      await postForm(url(), { task_id: 'words', status: 'failed' });
      expect(settlement().outcome).to.have.deep.nested.property('value.failure', {
        reason: 'ALL_MINERS_FAILED',
        message: '',
      });
    });

    it('gives a task back', async () => {
      await postForm(url(), { task_id: 'words', status: 'released', error_message: 'going down' });
      expect(settlement().outcome).to.deep.equal({ $case: 'released', value: { reason: 'going down' } });
    });

    it('names every missing field', async () => {
      const { status, json } = await postForm(url(), {});
      expect(status).to.equal(422);
      expect((json as { detail: { loc: string[] }[] }).detail.map(({ loc }) => loc[1])).to.have.members([
        'task_id',
        'result',
        'processing_time',
        'miner_uid',
        'accuracy_score',
        'speed_score',
      ]);
    });

    const bad: Record<string, Record<string, unknown>> = {
      miner_uid: { miner_uid: 'seven' },
      speed_score: { speed_score: 'NaN' },
      status: { status: 'done' },
      retryable: { status: 'failed', retryable: 'perhaps' },
      responses: { responses: 'none' },
      segments: { segments: 'none' },
    };
    for (const [name, fields] of Object.entries(bad)) {
      it(`refuses a bad ${name}`, async () => {
        const { status, json } = await postJson(url(), { ...words, ...fields });
        expect(status).to.equal(422);
        expect(json).to.have.deep.nested.property('detail[0].loc', ['body', name]);
        expect(last('settleTasks')).to.equal(undefined);
      });
    }

    it('says where in the responses a field is bad', async () => {
      const { json } = await postJson(url(), { ...words, responses: [{}, { speed_score: 'fast' }] });
      expect(json).to.have.deep.nested.property('detail[0].loc', ['body', 'responses', 1, 'speed_score']);
    });

    const paths = {
      'settlements[0].completed.result.miner_uid': ['body', 'miner_uid'],
      'settlements[0].completed.result.score.accuracy': ['body', 'accuracy_score'],
      'settlements[0].completed.result.miner_processing_time': ['body', 'processing_time'],
      'settlements[0].failed.failure.reason': ['body', 'error_reason'],
      'settlements[0].lease_token': ['body', 'lease_token'],
      'settlements[0].responses[2].score.speed': ['body', 'responses', 2, 'speed_score'],
    };
    for (const [path, loc] of Object.entries(paths)) {
      it(`calls ${path} ${loc.slice(1).join('.')}`, async () => {
        open.proxy.refusals.set('settleTasks', Refusal.field(path, 'value is bad'));
        const { status, json } = await postForm(url(), words);
        expect(status).to.equal(422);
        expect(json).to.have.deep.nested.property('detail[0].loc', loc);
      });
    }

    it('answers 409 when the lease is lost', async () => {
      open.proxy.settleRefusals.set('words', new Refusal('LEASE_LOST', 'the lease is not the current one'));
      expect(await postForm(url(), words)).to.deep.include({
        status: 409,
        json: { detail: 'the lease is not the current one', reason: 'LEASE_LOST' },
      });
    });

    it('answers 409 when it was settled differently', async () => {
      open.proxy.settleRefusals.set('words', new Refusal('SETTLED_DIFFERENTLY', 'it has another outcome'));
      expect((await postForm(url(), words)).status).to.equal(409);
    });

    it('answers 404 for an unknown task', async () => {
      expect(await postForm(url(), { ...words, task_id: 'none' })).to.deep.include({
        status: 404,
        json: { detail: 'Task not found', reason: 'TASK_NOT_FOUND' },
      });
    });
  });
});
