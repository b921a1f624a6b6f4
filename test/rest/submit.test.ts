import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { Priority, type TaskSpec } from '../../gen/ts/audiosubnet/v1/task.js';
import type { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { Refusal } from '../../src/domain/errors.js';
import {
  call,
  multipart,
  openBridge,
  postForm,
  postJson,
  type Answer,
  type OpenBridge,
} from '../support/rest-bridge.js';

const AUDIO = Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(40), Buffer.from('WAVE')]);
const SHA256 = createHash('sha256').update(AUDIO).digest('hex');
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('submitting over REST', () => {
  let open: OpenBridge;
  before(async () => (open = await openBridge()));
  beforeEach(() => {
    open.proxy.tasks.clear();
    open.proxy.refusals.clear();
    open.proxy.requests.length = 0;
  });
  after(() => open.close());

  const submitted = (): SubmitTaskRequest =>
    open.proxy.requests.findLast(({ method }) => method === 'submitTask')!.request as SubmitTaskRequest;
  const spec = (): TaskSpec => submitted().task!;
  const transcribe = (form: FormData, query = '', headers: Record<string, string> = {}) =>
    call(`${open.url}/api/v1/transcription${query}`, { method: 'POST', body: form, headers });
  const file = new Blob([AUDIO], { type: 'audio/wav' });

  const problems = ({ status, json }: Answer) => {
    expect(status).to.equal(422);
    return (json as { detail: { type: string; loc: unknown[] }[] }).detail.map(({ type, loc }) => [
      type,
      ...loc,
    ]);
  };

  describe('POST /api/v1/tts', () => {
    it('answers with the documented shape', async () => {
      const { status, json } = await postJson(`${open.url}/api/v1/tts`, {
        text: 'Hello world',
        source_language: 'en',
      });
      expect(status).to.equal(200);
      const { task_id, ...rest } = json as { task_id: string };
      expect(task_id).to.match(UUID);
      expect(rest).to.deep.equal({
        status: 'pending',
        message: 'Text-to-speech task submitted successfully',
        estimated_completion_time: null,
        task_type: 'tts',
        source_language: 'en',
      });
    });

    it('defaults to normal priority', async () => {
      await postJson(`${open.url}/api/v1/tts`, { text: 'Hello world', source_language: 'en' });
      expect(spec().priority).to.equal(Priority.NORMAL);
    });

    const fields = {
      text: 'Grüße & 100 %',
      source_language: 'DE',
      priority: 'Urgent',
      callback_url: 'https://a.example/x',
    };
    const carriers: Record<string, () => Promise<Answer>> = {
      json: () => postJson(`${open.url}/api/v1/tts`, fields),
      urlencoded: () => postForm(`${open.url}/api/v1/tts`, fields),
      multipart: () =>
        call(`${open.url}/api/v1/tts`, { method: 'POST', body: multipart(Object.entries(fields)) }),
      query: () =>
        call(`${open.url}/api/v1/tts?${new URLSearchParams(fields).toString()}`, { method: 'POST' }),
    };
    for (const [carrier, submit] of Object.entries(carriers)) {
      it(`takes its fields as ${carrier}, language and priority in any case`, async () => {
        expect((await submit()).status).to.equal(200);
        expect(spec()).to.deep.include({
          language: 'de',
          priority: Priority.URGENT,
          callbackUrl: 'https://a.example/x',
          kind: { $case: 'tts', value: { text: 'Grüße & 100 %', voice: '' } },
        });
      });
    }

    it('takes the body before the query, and the last one of a repeated query field', async () => {
      const url = `${open.url}/api/v1/tts?text=no&source_language=en&source_language=fr&priority=low`;
      await postJson(url, { text: 'Hello world', priority: 'high' });
      expect(spec()).to.deep.include({ language: 'fr', priority: Priority.HIGH });
      expect(spec().kind).to.deep.equal({ $case: 'tts', value: { text: 'Hello world', voice: '' } });
    });

    it('names every missing field at once', async () => {
      const answer = await postJson(`${open.url}/api/v1/tts`, { priority: 'sometime' });
      expect(problems(answer)).to.deep.equal([
        ['missing', 'body', 'text'],
        ['missing', 'body', 'source_language'],
        ['enum', 'body', 'priority'],
      ]);
      expect(open.proxy.requests).to.be.empty;
    });

    for (const carrier of ['json', 'urlencoded', 'multipart', 'query'] as const) {
      const bad = { text: 'Hello world', source_language: 'en', priority: 'sometime' };
      const part = carrier === 'query' ? 'query' : 'body';
      const send = (values: Record<string, string>) => {
        const url = `${open.url}/api/v1/tts`;
        if (carrier === 'json') return postJson(url, values);
        if (carrier === 'urlencoded') return postForm(url, values);
        if (carrier === 'multipart')
          return call(url, { method: 'POST', body: multipart(Object.entries(values)) });
        return call(`${url}?${new URLSearchParams(values).toString()}`, { method: 'POST' });
      };
      it(`refuses an unknown priority as ${carrier}`, async () => {
        const answer = await send(bad);
        expect(problems(answer)).to.deep.equal([['enum', part, 'priority']]);
        expect(answer.json).to.deep.nested.include({
          'detail[0].msg': "Input should be 'low', 'normal', 'high' or 'urgent'",
          'detail[0].input': 'sometime',
        });
      });
      it(`refuses an unknown language as ${carrier}`, async () => {
        const answer = await send({ text: 'Hello world', source_language: 'XX' });
        expect(problems(answer)).to.deep.equal([['value_error', part, 'source_language']]);
        expect(answer.json).to.have.nested.property('detail[0].input', 'XX');
      });
    }

    it('passes the rules of the proxy on in the words of the request', async () => {
      const answer = await postJson(`${open.url}/api/v1/tts`, { text: ' ', source_language: 'en' });
      expect(answer.json).to.deep.equal({
        detail: [{ type: 'value_error', loc: ['body', 'text'], msg: 'value is too short', input: ' ' }],
      });
    });

    it('refuses a text that is none', async () => {
      const answer = await postJson(`${open.url}/api/v1/tts`, { text: { a: 1 }, source_language: 'en' });
      expect(problems(answer)).to.deep.equal([['string_type', 'body', 'text']]);
    });

    it('refuses malformed JSON', async () => {
      const answer = await call(`${open.url}/api/v1/tts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"text": ',
      });
      expect(problems(answer)[0]!.slice(0, 2)).to.deep.equal(['json_invalid', 'body']);
    });

    for (const body of ['[]', '"text"', 'null']) {
      it(`refuses ${body} for an object`, async () => {
        const answer = await call(`${open.url}/api/v1/tts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        expect(problems(answer)).to.deep.equal([['model_attributes_type', 'body']]);
      });
    }

    it('refuses a body above 1 MiB and names the limit', async () => {
      const answer = await postJson(`${open.url}/api/v1/tts`, {
        text: 'x'.repeat(2 ** 20),
        source_language: 'en',
      });
      expect(answer.status).to.equal(413);
      expect(answer.json).to.deep.equal({ detail: 'The body is above the limit of 1048576 bytes' });
    });

    it('refuses a form field above 1 MiB', async () => {
      const body = multipart([
        ['text', 'x'.repeat(2 ** 20 + 1)],
        ['source_language', 'en'],
      ]);
      expect((await call(`${open.url}/api/v1/tts`, { method: 'POST', body })).status).to.equal(413);
    });

    it('refuses an unknown media type', async () => {
      const { status, json } = await call(`${open.url}/api/v1/tts`, { method: 'POST', body: 'hello' });
      expect(status).to.equal(415);
      expect(json).to.have.property('detail').that.is.a('string');
    });
  });

  describe('POST /api/v1/summarization', () => {
    it('takes the documented sample', async () => {
      const { status, json } = await postJson(`${open.url}/api/v1/summarization`, {
        text: 'Long text to summarize...',
        source_language: 'en',
      });
      expect(status).to.equal(200);
      expect(json).to.include({ task_type: 'summarization', estimated_completion_time: null });
    });

    it('refuses 9 characters', async () => {
      const answer = await postJson(`${open.url}/api/v1/summarization`, {
        text: '123456789',
        source_language: 'en',
      });
      expect(problems(answer)).to.deep.equal([['value_error', 'body', 'text']]);
    });
  });

  describe('POST /api/v1/transcription', () => {
    it('answers with the documented shape', async () => {
      const { status, json } = await transcribe(
        multipart([
          ['audio_file', file, 'a.wav'],
          ['source_language', 'en'],
        ]),
      );
      expect(status).to.equal(200);
      expect(json).to.include({
        status: 'pending',
        task_type: 'transcription',
        estimated_completion_time: null,
      });
    });

    const audio = { $case: 'content', value: { sha256: SHA256, sizeBytes: BigInt(AUDIO.length) } };
    const orders: Record<string, FormData> = {
      before: multipart([
        ['source_language', 'en'],
        ['priority', 'high'],
        ['audio_file', file, 'a.wav'],
      ]),
      behind: multipart([
        ['audio_file', file, 'a.wav'],
        ['source_language', 'en'],
        ['priority', 'high'],
      ]),
    };
    for (const [order, form] of Object.entries(orders)) {
      it(`takes fields ${order} the file`, async () => {
        expect((await transcribe(form)).status).to.equal(200);
        expect(spec()).to.deep.include({ language: 'en', priority: Priority.HIGH });
        expect(spec().kind).to.deep.equal({
          $case: 'transcription',
          value: { audio, fileName: 'a.wav', mediaType: 'audio/wav' },
        });
      });
    }

    it('takes fields from the query, the form first', async () => {
      const form = multipart([
        ['audio_file', file, 'a.wav'],
        ['priority', 'low'],
      ]);
      expect((await transcribe(form, '?source_language=es&priority=urgent')).status).to.equal(200);
      expect(spec()).to.include({ language: 'es', priority: Priority.LOW });
    });

    it('takes a file without a name', async () => {
      const body = [
        '--x',
        'content-disposition: form-data; name="audio_file"',
        '',
        AUDIO.toString('latin1'),
        '--x',
        'content-disposition: form-data; name="source_language"',
        '',
        'en',
        '--x--',
        '',
      ].join('\r\n');
      const { status } = await call(`${open.url}/api/v1/transcription`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: Buffer.from(body, 'latin1'),
      });
      expect(status).to.equal(200);
      expect(spec().kind?.value).to.deep.equal({ audio, fileName: '', mediaType: '' });
    });

    it('passes over files it does not know', async () => {
      const form = multipart([
        ['cover', new Blob([Buffer.alloc(300_000)]), 'cover.png'],
        ['audio_file', file, 'a.wav'],
        ['source_language', 'en'],
      ]);
      expect((await transcribe(form)).status).to.equal(200);
      expect(spec().kind?.value).to.deep.include({ audio });
    });

    it('passes a large file on whole', async () => {
      const large = Buffer.alloc(3_000_001, 'abcdefg');
      const form = multipart([
        ['audio_file', new Blob([large]), 'a.wav'],
        ['source_language', 'en'],
      ]);
      expect((await transcribe(form)).status).to.equal(200);
      const sha256 = createHash('sha256').update(large).digest('hex');
      expect(open.proxy.contents.get(sha256)?.equals(large)).to.equal(true);
    });

    it('makes the same submission of the same file and fields', async () => {
      const send = () =>
        transcribe(
          multipart([
            ['audio_file', file, 'a.wav'],
            ['source_language', 'en'],
          ]),
          '',
          { 'idempotency-key': 'k-1' },
        );
      const [first, second] = [await send(), await send()];
      const requests = open.proxy.requests.filter(({ method }) => method === 'submitTask');
      expect(requests[1]!.request).to.deep.equal(requests[0]!.request);
      expect(requests[0]!.request).to.have.property('requestId', 'k-1');
      expect(second.json).to.have.property('task_id', (first.json as { task_id: string }).task_id);
    });

    it('refuses a request without a file', async () => {
      expect(problems(await transcribe(multipart([['source_language', 'en']])))).to.deep.equal([
        ['missing', 'body', 'audio_file'],
      ]);
    });

    it('refuses fields without a form', async () => {
      const url = `${open.url}/api/v1/transcription`;
      const wanted = [['missing', 'body', 'audio_file']];
      expect(problems(await postJson(url, { source_language: 'en' }))).to.deep.equal(wanted);
      expect(problems(await postForm(url, { source_language: 'en' }))).to.deep.equal(wanted);
      expect(problems(await call(`${url}?source_language=en`, { method: 'POST' }))).to.deep.equal(wanted);
    });

    it('refuses a file of zero bytes', async () => {
      const form = multipart([
        ['audio_file', new Blob([]), 'a.wav'],
        ['source_language', 'en'],
      ]);
      expect(problems(await transcribe(form))).to.deep.equal([['value_error', 'body', 'audio_file']]);
    });

    it('refuses a second file', async () => {
      const form = multipart([
        ['audio_file', file, 'a.wav'],
        ['audio_file', file, 'b.wav'],
        ['source_language', 'en'],
      ]);
      expect(problems(await transcribe(form))).to.deep.equal([['too_many_files', 'body', 'audio_file']]);
    });

    const broken: Record<string, { readonly type?: string; readonly body: string }> = {
      'without an end': {
        body: '--x\r\ncontent-disposition: form-data; name="audio_file"; filename="a"\r\n\r\nRIFF',
      },
      'without a boundary': { type: 'multipart/form-data', body: '--x--\r\n' },
      'that ends in a head': { body: '--x\r\ncontent-disposition: form-da' },
      'of noise': { body: 'RIFF'.repeat(1000) },
    };
    for (const [name, { type = 'multipart/form-data; boundary=x', body }] of Object.entries(broken)) {
      it(`refuses a multipart ${name}`, async () => {
        const uploads = open.proxy.contents.size;
        const { status, json } = await call(`${open.url}/api/v1/transcription?source_language=en`, {
          method: 'POST',
          headers: { 'content-type': type },
          body,
        });
        expect(status).to.equal(400);
        expect(json).to.have.property('detail').that.is.a('string');
        expect(open.proxy.contents.size).to.equal(uploads);
        expect(open.proxy.requests.filter(({ method }) => method === 'submitTask')).to.be.empty;
      });
    }
  });

  describe('Idempotency-Key', () => {
    for (const path of ['tts', 'summarization']) {
      it(`gives one task for one key at ${path}`, async () => {
        const body = { text: 'Long text to summarize...', source_language: 'en' };
        const send = () => postJson(`${open.url}/api/v1/${path}`, body, { 'idempotency-key': 'same' });
        const [first, second] = [await send(), await send()];
        expect(first.status).to.equal(200);
        expect(second.json).to.have.property('task_id', (first.json as { task_id: string }).task_id);
        expect(submitted().requestId).to.equal('same');
      });
    }

    it('answers 409 when the key came with another body', async () => {
      open.proxy.refusals.set(
        'submitTask',
        new Refusal('REQUEST_ID_REUSED', 'the request id came with another body'),
      );
      const { status, json } = await postJson(`${open.url}/api/v1/tts`, {
        text: 'Hello',
        source_language: 'en',
      });
      expect(status).to.equal(409);
      expect(json).to.deep.equal({
        detail: 'the request id came with another body',
        reason: 'REQUEST_ID_REUSED',
      });
    });

    it('names the header when the key is refused', async () => {
      open.proxy.refusals.set('submitTask', Refusal.field('request_id', 'value is too long'));
      const answer = await postJson(`${open.url}/api/v1/tts`, { text: 'Hello', source_language: 'en' });
      expect(problems(answer)).to.deep.equal([['value_error', 'header', 'idempotency-key']]);
    });
  });

  it('says when to try again', async () => {
    open.proxy.refusals.set(
      'submitTask',
      new Refusal('QUEUE_FULL', 'the queue is full', { retryAfterMs: 1_500 }),
    );
    const { status, headers } = await postJson(`${open.url}/api/v1/tts`, {
      text: 'Hello',
      source_language: 'en',
    });
    expect(status).to.equal(429);
    expect(headers.get('retry-after')).to.equal('2');
  });
});
