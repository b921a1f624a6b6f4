import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect } from 'chai';
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  toFile,
} from 'openai';
import { TaskResult, TaskState, type Task } from '../../gen/ts/audiosubnet/v1/task.js';
import type { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { Refusal } from '../../src/domain/errors.js';
import { call, openBridge, postJson, type OpenBridge } from '../support/rest-bridge.js';
import { restClock } from '../support/rest-clock.js';
import { toneWav } from '../support/tone.js';

const TEXT = 'The committee met on Monday. It discussed the new bridge over the river at length.';
const SEGMENTS = [
  { startMs: 220n, endMs: 1260n, text: 'homeless to be rather' },
  { startMs: 1350n, endMs: 3590n, text: 'cold hearted' },
];
const HEARD = 'homeless to be rather cold hearted';

describe('the doors for programs written for OpenAI', () => {
  let open: OpenBridge;
  let client: OpenAI;

  const start = async (choice?: Parameters<typeof openBridge>[0]) => {
    open = await openBridge(choice);
    client = new OpenAI({ apiKey: 'any', baseURL: `${open.url}/v1`, maxRetries: 2 });
  };
  beforeEach(() => start());
  afterEach(() => open.close());

  const wav = () => toFile(toneWav(), 'tone.wav');
  const only = (): Task => [...open.proxy.tasks.values()].at(-1)!;
  const end = async (change: Partial<Task>) => {
    await open.proxy.watched(1);
    open.proxy.change({ ...only(), ...change });
  };
  const complete = (result: Partial<TaskResult>) =>
    end({ state: TaskState.COMPLETED, result: TaskResult.create(result) });
  const transcribed = () =>
    complete({ output: { $case: 'text', value: HEARD }, segments: SEGMENTS, mediaType: 'text/plain' });
  const fail = (reason: string, message: string) =>
    end({ state: TaskState.FAILED, failure: { reason, message } });
  const submitted = () => {
    const requests = open.proxy.requests.filter(({ method }) => method === 'submitTask');
    return requests.map(({ request }) => (request as SubmitTaskRequest).task!);
  };
  const calls = (method: string) => open.proxy.requests.filter((request) => request.method === method).length;
  /** The exception that the SDK makes of an answer. */
  const thrown = async (answer: PromiseLike<unknown>): Promise<APIError> => {
    const error: unknown = await Promise.resolve(answer).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof APIError) return error;
    throw new Error(`no error of the API: ${String(error)}`);
  };
  const summary = () =>
    client.chat.completions.create({
      model: 'audio-subnet-summarize',
      messages: [{ role: 'user', content: TEXT }],
    });

  describe('transcriptions', () => {
    const transcribe = async (more: object) => {
      const file = await wav();
      const [answer] = await Promise.all([
        client.audio.transcriptions.create({ file, model: 'whisper-1', ...more }) as PromiseLike<unknown>,
        transcribed(),
      ]);
      return answer;
    };

    it('hands the audio on as it is, and takes English where no language is named', async () => {
      await transcribe({});
      const [{ kind, language, expireAfter } = {}] = submitted();
      expect(language).to.equal('en');
      expect(expireAfter?.seconds).to.equal(3600n);
      expect(kind?.$case === 'transcription' && kind.value.fileName).to.equal('tone.wav');
      expect([...open.proxy.contents.values()]).to.deep.equal([Buffer.from(toneWav())]);
    });

    it('are json unless asked for otherwise, with the length of the audio', async () => {
      const seconds = Math.ceil((toneWav().length - 44) / 32_000);
      expect(await transcribe({})).to.deep.equal({ text: HEARD, usage: { type: 'duration', seconds } });
    });

    it('are text, subtitles of both kinds', async () => {
      expect(await transcribe({ response_format: 'text' })).to.equal(`${HEARD}\n`);
      expect(await transcribe({ response_format: 'srt' })).to.match(
        /^1\n00:00:00,220 --> 00:00:01,260\nhomeless to be rather\n\n2\n/,
      );
      expect(await transcribe({ response_format: 'vtt' })).to.match(
        /^WEBVTT\n\n00:00:00\.220 --> 00:00:01\.260\n/,
      );
    });

    it('are verbose, without numbers that nobody measured', async () => {
      const timestamp_granularities = ['segment'];
      const answer = (await transcribe({ response_format: 'verbose_json', timestamp_granularities })) as {
        readonly segments: readonly object[];
      };
      expect(answer).to.deep.include({ task: 'transcribe', language: 'english', text: HEARD });
      expect(answer).to.have.property('duration', (toneWav().length - 44) / 32_000);
      expect(answer.segments).to.have.length(2);
      expect(answer.segments[1]).to.deep.include({ id: 1, start: 1.35, end: 3.59, avg_logprob: null });
    });

    it('are streamed in pieces that make the whole', async () => {
      const file = await wav();
      const done = transcribed();
      const events = [];
      for await (const event of await client.audio.transcriptions.create({
        file,
        model: 'whisper-1',
        stream: true,
      }))
        events.push(event);
      await done;
      const deltas = events.flatMap((event) => (event.type === 'transcript.text.delta' ? event.delta : []));
      expect(deltas).to.have.length(2);
      expect(deltas.join('')).to.equal(HEARD);
      expect(events.at(-1)).to.deep.include({ type: 'transcript.text.done', text: HEARD });
    });

    it('have no subtitles where the engine tells no times and the length is unknown', async () => {
      const file = await toFile(Buffer.from('ID3 and so on'), 'a.mp3');
      const answer = thrown(
        client.audio.transcriptions.create({ file, model: 'whisper-1', response_format: 'srt' }),
      );
      await complete({ output: { $case: 'text', value: HEARD } });
      const error = await answer;
      expect(error).to.be.instanceOf(InternalServerError);
      expect(error.message).to.include('no times');
      expect(calls('submitTask')).to.equal(1);
    });

    it('are one cue over the whole where only the length is known', async () => {
      const file = await wav();
      const answer = client.audio.transcriptions.create({ file, model: 'whisper-1', response_format: 'vtt' });
      await Promise.all([answer, complete({ output: { $case: 'text', value: HEARD } })]);
      expect(await answer).to.match(new RegExp(`^WEBVTT\n\n00:00:00.000 --> 00:00:0\\d.\\d+\n${HEARD}\n$`));
    });

    for (const [what, more, param] of [
      [
        'times of words, also beside those of segments',
        { timestamp_granularities: ['word', 'segment'] },
        'timestamp_granularities[]',
      ],
      ['a form that there is not', { response_format: 'diarized_json' }, 'response_format'],
      ['a field that asks for more', { include: ['logprobs'] }, 'include[]'],
      ['a stream of subtitles', { stream: true, response_format: 'srt' }, 'response_format'],
      ['a language that there is not', { language: 'tlh' }, 'language'],
    ] as const)
      it(`refuse ${what} by name`, async () => {
        const body = { file: await wav(), model: 'whisper-1', ...more };
        const error = await thrown(client.audio.transcriptions.create(body as never));
        expect(error).to.be.instanceOf(BadRequestError);
        expect(error.param).to.equal(param);
        expect(error.type).to.equal('invalid_request_error');
        expect(open.proxy.tasks.size).to.equal(0);
      });

    it('refuse an empty file, none and two', async () => {
      const file = await toFile(Buffer.alloc(0), 'a.wav');
      const error = await thrown(client.audio.transcriptions.create({ file, model: 'whisper-1' }));
      expect([error.status, error.param]).to.deep.equal([400, 'file']);
      for (const count of [0, 2]) {
        const form = new FormData();
        form.set('model', 'whisper-1');
        for (let part = 0; part < count; part++) form.append('file', new Blob(['abc']), 'a.wav');
        const answer = await call(`${open.url}/v1/audio/transcriptions`, { method: 'POST', body: form });
        expect(answer.status).to.equal(400);
        expect(answer.json).to.have.nested.property('error.param', 'file');
      }
    });

    it('ignore what only advises the recognizer', async () => {
      expect(await transcribe({ prompt: 'Austen', temperature: 0.2 })).to.have.property('text', HEARD);
    });
  });

  it('say that translations are not offered, before the audio comes', async () => {
    const error = await thrown(client.audio.translations.create({ file: await wav(), model: 'whisper-1' }));
    expect(error).to.be.instanceOf(NotFoundError);
    expect(error.code).to.equal('translation_not_offered');
    expect(error.message).to.include('/v1/audio/transcriptions');
    expect(open.proxy.requests).to.deep.equal([]);
  });

  describe('speech', () => {
    const SPEECH = Buffer.from('RIFF of speech');
    const speak = async (more: object, mediaType = 'audio/wav') => {
      const answer = client.audio.speech.create({ model: 'tts-1', voice: 'nova', input: 'Hello', ...more });
      await complete({ output: { $case: 'audio', value: SPEECH }, mediaType });
      const response = await answer;
      return { type: response.headers.get('content-type'), bytes: Buffer.from(await response.arrayBuffer()) };
    };

    it('is WAV where mp3 cannot be written and nothing is asked for, and says so', async () => {
      expect(await speak({})).to.deep.equal({ type: 'audio/wav', bytes: SPEECH });
      const [{ kind } = {}] = submitted();
      expect(kind?.value).to.deep.equal({ text: 'Hello', voice: 'f2' });
    });

    it('is written in the format that is asked for', async () => {
      const { type, bytes } = await speak({ response_format: 'pcm' });
      expect([type, bytes.toString()]).to.deep.equal(['audio/pcm', 'pcm of RIFF of speech']);
      expect((await speak({ response_format: 'flac' }, 'audio/flac')).bytes).to.deep.equal(SPEECH);
    });

    for (const [what, more, param] of [
      [
        'a format that cannot be written, and names those that can',
        { response_format: 'mp3' },
        'response_format',
      ],
      ['another speed', { speed: 1.5 }, 'speed'],
      ['events', { stream_format: 'sse' }, 'stream_format'],
      ["a voice of one's own", { voice: { id: 'voice_1234' } }, 'voice'],
      ['an empty text', { input: '' }, 'input'],
    ] as const)
      it(`refuses ${what}`, async () => {
        const error = await thrown(
          client.audio.speech.create({ model: 'tts-1', voice: 'nova', input: 'Hello', ...more }),
        );
        expect([error.status, error.param]).to.deep.equal([400, param]);
        if (param === 'response_format') expect(error.message).to.include('flac and wav and pcm');
      });

    it('takes no effect of instructions and of the usual speed', async () => {
      expect((await speak({ instructions: 'Cheerful', speed: 1 })).bytes).to.deep.equal(SPEECH);
    });
  });

  describe('chats', () => {
    const summarized = () => complete({ output: { $case: 'text', value: 'It met.' }, model: 'lexrank' });

    it('answer with a summary of the last message of the user, and count its words', async () => {
      const answer = client.chat.completions.create({
        model: 'audio-subnet-summarize',
        messages: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'An earlier text.' },
          { role: 'assistant', content: 'Its summary.' },
          { role: 'user', content: [{ type: 'text', text: TEXT }] },
        ],
        max_completion_tokens: 100,
      });
      await summarized();
      const { choices, usage, object, model } = await answer;
      expect(choices[0]).to.deep.include({ finish_reason: 'stop' });
      expect(choices[0]?.message).to.deep.include({ role: 'assistant', content: 'It met.' });
      expect(usage).to.deep.equal({ prompt_tokens: 15, completion_tokens: 2, total_tokens: 17 });
      expect([object, model]).to.deep.equal(['chat.completion', 'audio-subnet-summarize']);
      expect(submitted()[0]?.kind?.value).to.deep.equal({ text: TEXT, maxSentences: 0 });
    });

    for (const include_usage of [true, false])
      it(`are streamed ${include_usage ? 'with' : 'without'} a last chunk of usage`, async () => {
        const done = summarized();
        const chunks = [];
        for await (const chunk of await client.chat.completions.create({
          model: 'audio-subnet-summarize',
          messages: [{ role: 'user', content: TEXT }],
          stream: true,
          stream_options: { include_usage },
        }))
          chunks.push(chunk);
        await done;
        expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).to.equal('It met.');
        const last = chunks.at(-1);
        if (include_usage)
          expect(last).to.deep.include({ choices: [] }).and.nested.include({ 'usage.total_tokens': 17 });
        else expect(last?.choices[0]?.finish_reason).to.equal('stop');
      });

    for (const [what, more, param] of [
      ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }, 'tools'],
      ['several choices', { n: 2 }, 'n'],
      [
        'pictures',
        { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
        'messages',
      ],
      ['a conversation without a user', { messages: [{ role: 'system', content: 'Be short.' }] }, 'messages'],
      ['no conversation', { messages: undefined }, 'messages'],
      ['a text that is too short', { messages: [{ role: 'user', content: 'Hi' }] }, 'messages'],
    ] as const)
      it(`refuse ${what}`, async () => {
        const body = {
          model: 'audio-subnet-summarize',
          messages: [{ role: 'user', content: TEXT }],
          ...more,
        };
        const error = await thrown(client.chat.completions.create(body as never));
        expect([error.status, error.param]).to.deep.equal([400, param]);
      });
  });

  describe('models', () => {
    it('are ours and the names of OpenAI that mean them', async () => {
      const { data } = await client.models.list();
      const ids = data.map(({ id }) => id);
      expect(ids.slice(0, 3)).to.deep.equal([
        'audio-subnet-transcribe',
        'audio-subnet-speak',
        'audio-subnet-summarize',
      ]);
      expect(ids).to.include.members(['whisper-1', 'gpt-4o-mini-transcribe', 'tts-1']);
      for (const id of ids) expect((await client.models.retrieve(id)).id).to.equal(id);
    });

    it('are not found under other names, nor behind a door that they are not for', async () => {
      const file = await wav();
      for (const ask of [
        () => client.models.retrieve('gpt-9'),
        () => client.audio.transcriptions.create({ file, model: 'tts-1' }),
        () => client.audio.speech.create({ model: 'whisper-1', voice: 'nova', input: 'Hello' }),
        () =>
          client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: TEXT }] }),
      ]) {
        const error = await thrown(ask());
        expect(error).to.be.instanceOf(NotFoundError);
        expect([error.code, error.param]).to.deep.equal(['model_not_found', 'model']);
      }
      expect(open.proxy.tasks.size).to.equal(0);
    });
  });

  describe('errors', () => {
    for (const [reason, kind, status, code] of [
      ['UNAUTHENTICATED', AuthenticationError, 401, 'invalid_api_key'],
      ['PERMISSION_DENIED', PermissionDeniedError, 403, 'permission_denied'],
      ['CONTENT_TOO_LARGE', APIError, 413, 'content_too_large'],
      ['REQUEST_ID_REUSED', ConflictError, 409, 'request_id_reused'],
      ['UNIMPLEMENTED', InternalServerError, 501, 'unimplemented'],
    ] as const)
      it(`of the proxy become exceptions: ${reason} is ${status}`, async () => {
        open.proxy.refusals.set('submitTask', new Refusal(reason, 'said the proxy'));
        client = client.withOptions({ maxRetries: 0 });
        const error = await thrown(summary());
        expect(error).to.be.instanceOf(kind);
        expect([error.status, error.code]).to.deep.equal([status, code]);
        expect(error.message).to.include('said the proxy');
        expect(error.requestID).to.be.a('string');
      });

    it('of a wrong key are told to who lists the models', async () => {
      open.proxy.refusals.set('getIntegrationInfo', new Refusal('UNAUTHENTICATED', 'no such key'));
      expect(await thrown(client.models.list())).to.be.instanceOf(AuthenticationError);
    });

    it('that pass are tried again after the time that the proxy names', async () => {
      open.proxy.refusals.set('submitTask', new Refusal('QUEUE_FULL', 'full', { retryAfterMs: 200 }));
      const error = await thrown(
        client.withOptions({ maxRetries: 1 }).chat.completions.create({
          model: 'audio-subnet-summarize',
          messages: [{ role: 'user', content: TEXT }],
        }),
      );
      expect(error).to.be.instanceOf(RateLimitError);
      expect(error.headers?.get('retry-after')).to.equal('1');
      expect(error.code).to.equal('rate_limit_exceeded');
      expect(calls('submitTask')).to.equal(2);
    });

    for (const [reason, kind, param] of [
      ['AUDIO_UNDECODABLE', BadRequestError, 'file'],
      ['NO_CAPABLE_MINER', BadRequestError, 'language'],
      ['ALL_MINERS_FAILED', InternalServerError, null],
      ['TASK_EXPIRED', InternalServerError, null],
      ['OF_ANOTHER_VALIDATOR', InternalServerError, null],
    ] as const)
      it(`of a task that failed are not tried again: ${reason}`, async () => {
        const answer = thrown(summary());
        await fail(reason, 'It did not work.');
        const error = await answer;
        expect(error).to.be.instanceOf(kind);
        expect([error.param, calls('submitTask')]).to.deep.equal([param, 1]);
        expect(error.message).to.include('It did not work.');
      });

    it('of a task that somebody cancelled say so', async () => {
      const answer = thrown(summary());
      await end({ state: TaskState.CANCELLED, cancelReason: 'by hand' });
      expect(await answer).to.be.instanceOf(ConflictError);
      expect((await answer).message).to.include('by hand');
    });

    it('of a proxy that goes down are 503, and the task is cancelled', async () => {
      const answer = thrown(
        client.withOptions({ maxRetries: 0 }).chat.completions.create({
          model: 'audio-subnet-summarize',
          messages: [{ role: 'user', content: TEXT }],
        }),
      );
      await open.proxy.watched(1);
      open.proxy.endWatches();
      expect((await answer).status).to.equal(503);
      expect(only().state).to.equal(TaskState.CANCELLED);
    });

    it('have the form of OpenAI for paths, methods and bodies that there are not', async () => {
      const get = await call(`${open.url}/v1/chat/completions`);
      expect([get.status, get.headers.get('allow')]).to.deep.equal([405, 'POST']);
      expect(get.json).to.have.nested.property('error.type', 'invalid_request_error');
      expect(await thrown(client.embeddings.create({ model: 'x', input: 'a' }))).to.be.instanceOf(
        NotFoundError,
      );
      const broken = await call(`${open.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"model":',
      });
      expect(broken.status).to.equal(400);
      expect(broken.json).to.have.nested.property('error.message', 'JSON decode error');
      const large = await postJson(`${open.url}/v1/chat/completions`, { model: 'x'.repeat(2 ** 21) });
      expect(large.status).to.equal(413);
      expect(large.json).to.have.nested.property('error.code', null);
      expect((await call(`${open.url}/elsewhere`)).json).to.deep.equal({ detail: 'Not Found' });
    });
  });

  describe('a client that waits', () => {
    it('is told which task it waits for', async () => {
      const answer = summary().withResponse();
      await complete({ output: { $case: 'text', value: 'It met.' } });
      expect((await answer).response.headers.get('x-task-id')).to.equal(only().id);
    });

    it('and goes away has its task cancelled', async () => {
      const leaving = new AbortController();
      const answer = client.chat.completions
        .create(
          { model: 'audio-subnet-summarize', messages: [{ role: 'user', content: TEXT }] },
          { signal: leaving.signal },
        )
        .catch((error: unknown) => error);
      await open.proxy.watched(1);
      const called = open.proxy.called();
      leaving.abort();
      await called;
      expect(calls('cancelTask')).to.equal(1);
      expect(only().state).to.equal(TaskState.CANCELLED);
      expect(await answer).to.be.instanceOf(OpenAI.APIUserAbortError);
    });

    it('and goes away before the proxy has answered has its task cancelled too', async () => {
      open.proxy.hold = true;
      const leaving = new AbortController();
      const called = open.proxy.called();
      const answer = client.chat.completions
        .create(
          { model: 'audio-subnet-summarize', messages: [{ role: 'user', content: TEXT }] },
          { signal: leaving.signal },
        )
        .catch((error: unknown) => error);
      await called;
      leaving.abort();
      await answer;
      const next = open.proxy.called();
      open.proxy.hold = false;
      open.proxy.release();
      await next;
      expect(open.proxy.requests.at(-1)?.method).to.equal('cancelTask');
      expect(calls('watchTask')).to.equal(0);
    });

    it('waits for an hour at most; the task is cancelled then and not asked for again', async () => {
      await open.close();
      const clock = restClock();
      await start({ clock });
      const answer = thrown(summary());
      await open.proxy.watched(1);
      clock.pass(3_600_000);
      const error = await answer;
      expect([error.status, error.code]).to.deep.equal([504, 'deadline_exceeded']);
      expect(only().state).to.equal(TaskState.CANCELLED);
      expect(calls('submitTask')).to.equal(1);
    });

    it('on a stream hears something every 15 s, and of a failure after that by an event', async () => {
      await open.close();
      const clock = restClock();
      await start({ clock });
      const answer = client.chat.completions.create({
        model: 'audio-subnet-summarize',
        messages: [{ role: 'user', content: TEXT }],
        stream: true,
      });
      await open.proxy.watched(1);
      clock.pass(15_000);
      const stream = await answer;
      const read = thrown(
        (async () => {
          for await (const chunk of stream) expect(chunk).to.equal(undefined);
        })(),
      );
      await fail('ALL_MINERS_FAILED', 'It did not work.');
      const error = await read;
      expect([error.code, error.type]).to.deep.equal(['all_miners_failed', 'server_error']);
      expect(error.error).to.have.property('message', 'It did not work.');
    });

    it('on a stream that has begun gets its answer', async () => {
      await open.close();
      const clock = restClock();
      await start({ clock });
      const file = await wav();
      const answer = client.audio.transcriptions.create({ file, model: 'whisper-1', stream: true });
      await open.proxy.watched(1);
      clock.pass(15_000);
      const stream = await answer;
      clock.pass(15_000);
      await transcribed();
      const types = [];
      for await (const { type } of stream) types.push(type);
      expect(types.at(-1)).to.equal('transcript.text.done');
    });

    it('keeps its silent connection, which others lose', async () => {
      await open.close();
      await start({ listens: false });
      const sockets: Socket[] = [];
      const door = createServer((socket) => {
        sockets.push(socket);
        open.bridge.serve(socket);
      }).listen(0, '127.0.0.1');
      await once(door, 'listening');
      const url = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
      const answer = postJson(`${url}/v1/chat/completions`, {
        model: 'audio-subnet-summarize',
        messages: [{ role: 'user', content: TEXT }],
      });
      await open.proxy.watched(1);
      sockets[0]!.emit('timeout');
      await complete({ output: { $case: 'text', value: 'It met.' } });
      expect((await answer).status).to.equal(200);
      open.proxy.hold = true;
      const called = open.proxy.called();
      const cut = call(`${url}/api/v1/tasks/${only().id}`).catch((error: unknown) => error);
      await called;
      sockets.at(-1)!.emit('timeout');
      expect(await cut).to.be.instanceOf(Error);
      open.proxy.release();
      door.close();
    });
  });
});
