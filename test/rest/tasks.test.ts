import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { Priority, Task, TaskKind, TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../../src/domain/errors.js';
import { call, openBridge, postJson, type OpenBridge } from '../support/rest-bridge.js';
import { NOW } from '../support/rest-proxy.js';

const NOW_TEXT = '2025-08-20T09:30:00.123456Z';
const WAV = Buffer.from('RIFF0000WAVEfmt ');

const score = {
  accuracy: 0.875,
  speed: 0.5,
  combined: 0.7625,
  policyVersion: '1',
  policyHash: 'c'.repeat(64),
};
const transcription = Task.fromPartial({
  id: 'a',
  kind: TaskKind.TRANSCRIPTION,
  language: 'en',
  priority: Priority.URGENT,
  state: TaskState.COMPLETED,
  createTime: NOW,
  queueTime: NOW,
  startTime: NOW,
  endTime: NOW,
  input: { fileName: 'a.wav', payloadBytes: 48n },
  result: {
    output: { $case: 'text', value: 'grüß dich' },
    model: 'pocketsphinx',
    minerUid: 0,
    score,
    minerProcessingTime: { seconds: 1n, nanos: 250_000_000 },
    validatorTime: { seconds: 2n, nanos: 0 },
  },
  responses: [
    {
      minerUid: 0,
      hotkey: '5Winner',
      score: {
        ...score,
        parts: [{ name: 'agreement', value: 0.9, explanation: 'two of three' }, { name: 'noise' }],
      },
      minerProcessingTime: { seconds: 1n, nanos: 250_000_000 },
      validatorTime: { seconds: 2n, nanos: 0 },
      selected: true,
    },
    { hotkey: '5Late', errorMessage: 'no answer in time' },
  ],
});
const pending = Task.fromPartial({
  id: 'b',
  kind: TaskKind.TTS,
  language: 'fr',
  priority: Priority.LOW,
  state: TaskState.PENDING,
  createTime: NOW,
  queueTime: NOW,
  input: { textLength: 11, payloadBytes: 11n },
  callbackUrl: 'https://a.example/x',
});
const failed = Task.fromPartial({
  ...pending,
  id: 'c',
  state: TaskState.FAILED,
  startTime: NOW,
  endTime: NOW,
  failure: { reason: 'NO_CAPABLE_MINER', message: 'no miner speaks fr' },
});
/** What shows while a task is on its way; nothing is known of it here. */
const ON_ITS_WAY = {
  queue_position: null,
  attempt: 0,
  max_attempts: 0,
  estimated_completion_time: null,
  progress: null,
};
const inputOf = (id: string, bytes: number) => ({
  input_bytes: bytes,
  input_url: `/api/v1/tasks/${id}/input`,
});
const UNFINISHED = {
  ...ON_ITS_WAY,
  result: null,
  processing_time: null,
  accuracy_score: null,
  speed_score: null,
  error_message: null,
  completed_at: null,
};

describe('tasks over REST', () => {
  let open: OpenBridge;
  before(async () => (open = await openBridge()));
  beforeEach(() => {
    open.proxy.tasks.clear();
    open.proxy.contents.clear();
    open.proxy.requests.length = 0;
    open.proxy.maxPageSize = 1_000;
    for (const task of [transcription, pending, failed]) open.proxy.tasks.set(task.id, task);
  });
  after(() => open.close());

  const get = (path: string) => call(`${open.url}/api/v1${path}`);
  const speech = (result: object): void => {
    const output = Task.fromPartial({
      ...pending,
      id: 's',
      state: TaskState.COMPLETED,
      endTime: NOW,
      result,
    });
    open.proxy.tasks.set('s', output);
  };
  const stored = (bytes: Buffer) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    open.proxy.contents.set(sha256, bytes);
    return { $case: 'content', value: { sha256, sizeBytes: BigInt(bytes.length) } } as const;
  };

  describe('GET /api/v1/tasks/{id}', () => {
    const completed = {
      task_id: 'a',
      status: 'completed',
      task_type: 'transcription',
      source_language: 'en',
      result: {
        output_data: Buffer.from('grüß dich').toString('base64'),
        model_used: 'pocketsphinx',
        processing_time: 1.25,
        accuracy_score: 0.875,
        speed_score: 0.5,
        miner_uid: 0,
        text: 'grüß dich',
        audio_url: null,
        segments: null,
        output_bytes: 11,
        output_url: '/api/v1/tasks/a/result?format=text',
      },
      processing_time: 1.25,
      accuracy_score: 0.875,
      speed_score: 0.5,
      error_message: null,
      completed_at: NOW_TEXT,
      ...ON_ITS_WAY,
      ...inputOf('a', 48),
    };

    it('gives a completed task', async () => {
      const { status, json } = await get('/tasks/a');
      expect(status).to.equal(200);
      expect(json).to.deep.equal(completed);
    });

    it('gives the same without the model at the older path', async () => {
      const { model_used: _, ...result } = completed.result;
      expect((await get('/task/a/result')).json).to.deep.equal({ ...completed, result });
    });

    it('gives a task that is not final, with every key', async () => {
      const wanted = {
        task_id: 'b',
        status: 'pending',
        task_type: 'tts',
        source_language: 'fr',
        ...UNFINISHED,
        ...inputOf('b', 11),
        attempt: 1,
      };
      expect((await get('/tasks/b')).json).to.deep.equal(wanted);
      expect(await get('/task/b/result')).to.deep.include({ status: 200, json: wanted });
    });

    it('gives the failure of a failed task', async () => {
      expect((await get('/tasks/c')).json).to.deep.equal({
        task_id: 'c',
        status: 'failed',
        task_type: 'tts',
        source_language: 'fr',
        ...UNFINISHED,
        ...inputOf('c', 11),
        error_message: 'no miner speaks fr',
      });
    });

    it('shows the place, the attempt and the expected end of a task that waits', async () => {
      const waiting = { ...pending, queuePosition: 7n, attemptCount: 1, maxAttempts: 3 };
      open.proxy.tasks.set('b', { ...waiting, estimatedCompletionSeconds: 42 });
      expect((await get('/tasks/b')).json).to.include({
        queue_position: 7,
        attempt: 2,
        max_attempts: 3,
        estimated_completion_time: 42,
      });
    });

    it('shows how far an attempt is', async () => {
      const progress = { fraction: 0.25, stage: 'recognizing' };
      open.proxy.tasks.set('b', { ...pending, state: TaskState.PROCESSING, progress });
      expect((await get('/tasks/b')).json).to.deep.include({ attempt: 1, progress });
    });

    it('gives the parts of a transcript in seconds', async () => {
      const segments = [
        { startMs: 0n, endMs: 1_250n, text: 'grüß' },
        { startMs: 1_250n, endMs: 2_000n, text: 'dich' },
      ];
      open.proxy.tasks.set('a', { ...transcription, result: { ...transcription.result!, segments } });
      expect((await get('/tasks/a')).json).to.have.deep.nested.property('result.segments', [
        { start: 0, end: 1.25, text: 'grüß' },
        { start: 1.25, end: 2, text: 'dich' },
      ]);
    });

    const resultOf = async () => ((await get('/tasks/s')).json as { result: object }).result;

    it('fetches an output of 64 KiB that is kept as content', async () => {
      const bytes = Buffer.alloc(65_536, 'xyz');
      speech({ output: stored(bytes), mediaType: 'audio/wav' });
      expect(await resultOf()).to.include({
        output_data: bytes.toString('base64'),
        text: null,
        audio_url: '/api/v1/tasks/s/audio',
      });
    });

    it('names a larger output by its length and URL alone, without fetching it', async () => {
      speech({ output: stored(Buffer.alloc(65_537)), mediaType: 'audio/wav' });
      expect(await resultOf()).to.include({
        output_data: null,
        output_bytes: 65_537,
        output_url: '/api/v1/tasks/s/audio',
        audio_url: '/api/v1/tasks/s/audio',
      });
      expect(open.proxy.requests.map(({ method }) => method)).to.deep.equal(['getTask']);
    });

    it('does the same for a long text with its parts', async () => {
      const segments = [{ startMs: 0n, endMs: 1n, text: 'long' }];
      const output = stored(Buffer.alloc(65_537, 'text '));
      const result = { ...transcription.result!, output, segments };
      open.proxy.tasks.set('s', { ...transcription, id: 's', result });
      expect(await resultOf()).to.include({
        output_data: null,
        text: null,
        segments: null,
        output_bytes: 65_537,
        output_url: '/api/v1/tasks/s/result?format=text',
      });
    });

    for (const path of [
      '/tasks/none',
      '/tasks/none?wait=1',
      '/tasks/none/result',
      '/tasks/none/events',
      '/tasks/none/input',
      '/tasks/none/audio',
      '/task/none/result',
      '/task/none/responses',
    ]) {
      it(`answers 404 for an unknown id at ${path}`, async () => {
        expect(await get(path)).to.deep.include({
          status: 404,
          json: { detail: 'Task not found', reason: 'TASK_NOT_FOUND' },
        });
      });
    }
  });

  it('gives what each miner answered', async () => {
    expect((await get('/task/a/responses')).json).to.deep.equal({
      task_id: 'a',
      responses: [
        {
          miner_uid: 0,
          hotkey: '5Winner',
          accuracy_score: 0.875,
          speed_score: 0.5,
          combined_score: 0.7625,
          parts: [
            { name: 'agreement', value: 0.9, explanation: 'two of three' },
            { name: 'noise', value: null, explanation: '' },
          ],
          policy_version: score.policyVersion,
          policy_hash: score.policyHash,
          miner_processing_time: 1.25,
          validator_time: 2,
          error_message: null,
          selected: true,
        },
        {
          miner_uid: null,
          hotkey: '5Late',
          accuracy_score: null,
          speed_score: null,
          combined_score: null,
          parts: [],
          policy_version: null,
          policy_hash: null,
          miner_processing_time: null,
          validator_time: null,
          error_message: 'no answer in time',
          selected: false,
        },
      ],
    });
  });

  describe('GET /api/v1/tasks', () => {
    it('lists flat records without payloads', async () => {
      const common = { input_data: null, input_bytes: 11, submitted_at: NOW_TEXT, queued_at: NOW_TEXT };
      const text = {
        ...common,
        task_type: 'tts',
        language: 'fr',
        priority: 'low',
        callback_url: 'https://a.example/x',
        text_length: 11,
      };
      expect(await get('/tasks')).to.deep.include({
        status: 200,
        json: [
          {
            ...common,
            ...inputOf('a', 48),
            task_id: 'a',
            task_type: 'transcription',
            language: 'en',
            priority: 'urgent',
            callback_url: null,
            status: 'completed',
            file_name: 'a.wav',
            file_size: 48,
            processing_started_at: NOW_TEXT,
            completed_at: NOW_TEXT,
            output_data: null,
            output_url: '/api/v1/tasks/a/result?format=text',
            audio_url: null,
            processing_time: 1.25,
            accuracy_score: 0.875,
            speed_score: 0.5,
            pipeline_model: 'pocketsphinx',
            combined_score: 0.7625,
            miner_uid: 0,
            validator_time: 2,
            validator_model: '1',
          },
          { ...text, ...inputOf('b', 11), task_id: 'b', status: 'pending' },
          {
            ...text,
            ...inputOf('c', 11),
            task_id: 'c',
            status: 'failed',
            processing_started_at: NOW_TEXT,
            failed_at: NOW_TEXT,
            error_message: 'no miner speaks fr',
          },
        ],
      });
    });

    const ids = async (query: string) =>
      ((await get(`/tasks${query}`)).json as { task_id: string }[]).map(({ task_id }) => task_id);

    it('lists one state', async () => {
      expect(await ids('?status=PENDING')).to.deep.equal(['b']);
    });

    it('asks for 100 by default and for 1,000 at most', async () => {
      await get('/tasks');
      await get('/tasks?limit=5000');
      const sizes = open.proxy.requests.map(({ request }) => (request as { pageSize: number }).pageSize);
      expect(sizes).to.deep.equal([100, 1_000]);
    });

    it('reads as many pages as the limit needs', async () => {
      open.proxy.maxPageSize = 1;
      expect(await ids('?limit=2')).to.deep.equal(['a', 'b']);
      expect(await ids('?limit=9')).to.deep.equal(['a', 'b', 'c']);
    });

    for (const query of ['status=done', 'limit=0', 'limit=-1', 'limit=ten', 'limit=1.5']) {
      it(`refuses ${query}`, async () => {
        const { status, json } = await get(`/tasks?${query}`);
        expect(status).to.equal(422);
        expect(json).to.have.deep.nested.property('detail[0].loc', ['query', query.split('=')[0]]);
      });
    }
  });

  describe('GET /api/v1/tasks/{id}/audio', () => {
    const audio = async () => {
      const response = await fetch(`${open.url}/api/v1/tasks/s/audio`);
      return {
        status: response.status,
        headers: response.headers,
        bytes: Buffer.from(await response.arrayBuffer()),
      };
    };

    it('gives a small result as a file', async () => {
      speech({ output: { $case: 'audio', value: WAV }, mediaType: 'audio/wav' });
      const { status, headers, bytes } = await audio();
      expect(status).to.equal(200);
      expect(headers.get('content-type')).to.equal('audio/wav');
      expect(headers.get('content-length')).to.equal(String(WAV.length));
      expect(bytes.equals(WAV)).to.equal(true);
    });

    it('streams a large one', async () => {
      const large = Buffer.alloc(3_000_001, 'abcdefg');
      speech({ output: stored(large), mediaType: 'audio/wav' });
      const { headers, bytes } = await audio();
      expect(headers.get('content-length')).to.equal('3000001');
      expect(bytes.equals(large)).to.equal(true);
    });

    for (const mediaType of ['text/html', 'audio/x+xml', 'audio/wav; charset="<script>"', '']) {
      it(`never passes ${mediaType || 'an empty media type'} on as it is`, async () => {
        speech({ output: { $case: 'audio', value: WAV }, mediaType });
        const { headers } = await audio();
        expect(headers.get('content-type')).to.be.oneOf(['audio/wav', 'application/octet-stream']);
        expect(headers.get('x-content-type-options')).to.equal('nosniff');
        expect(headers.get('content-security-policy')).to.match(/^sandbox;/);
      });
    }

    it('answers 404 when the content is gone', async () => {
      const output = stored(WAV);
      open.proxy.contents.clear();
      speech({ output, mediaType: 'audio/wav' });
      expect((await get('/tasks/s/audio')).json).to.have.property('reason', 'CONTENT_NOT_FOUND');
    });

    it('answers 409 while there is none', async () => {
      expect(await get('/tasks/b/audio')).to.deep.include({
        status: 409,
        json: { detail: 'The task is pending, there is no audio' },
      });
    });

    it('answers 404 for a task that speaks nothing', async () => {
      expect(await get('/tasks/a/audio')).to.deep.include({
        status: 404,
        json: { detail: 'The task has no spoken result' },
      });
    });
  });

  describe('POST /api/v1/tasks/{id}/cancel', () => {
    it('cancels with a reason', async () => {
      const { status, json } = await postJson(`${open.url}/api/v1/tasks/b/cancel`, { reason: 'not needed' });
      expect(status).to.equal(200);
      expect(json).to.include({
        task_id: 'b',
        status: 'cancelled',
        error_message: 'not needed',
        result: null,
      });
    });

    it('needs no body', async () => {
      const { status } = await call(`${open.url}/api/v1/tasks/b/cancel`, { method: 'POST' });
      expect(status).to.equal(200);
    });

    it('answers 409 for a final task', async () => {
      open.proxy.refusals.set('cancelTask', new Refusal('TASK_TERMINAL', 'the task is completed'));
      const { status, json } = await call(`${open.url}/api/v1/tasks/a/cancel`, { method: 'POST' });
      open.proxy.refusals.clear();
      expect(status).to.equal(409);
      expect(json).to.deep.equal({ detail: 'the task is completed', reason: 'TASK_TERMINAL' });
    });
  });

  it('deletes a task once', async () => {
    const remove = () => call(`${open.url}/api/v1/tasks/b`, { method: 'DELETE' });
    expect(await remove()).to.deep.include({
      status: 200,
      json: { success: true, message: 'Task deleted', task_id: 'b' },
    });
    expect(await remove()).to.include({ status: 404 });
    expect(open.proxy.tasks.has('b')).to.equal(false);
  });
});
