import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { Task, TaskKind, TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import { openBridge, type OpenBridge } from '../support/rest-bridge.js';
import { NOW } from '../support/rest-proxy.js';

const SEGMENTS = [
  { startMs: 0n, endMs: 900n, text: 'hello <there>' },
  { startMs: 1_000n, endMs: 2_500n, text: 'friends' },
];
const transcript = Task.fromPartial({
  id: 't',
  kind: TaskKind.TRANSCRIPTION,
  language: 'en',
  state: TaskState.COMPLETED,
  revision: 3n,
  createTime: NOW,
  endTime: NOW,
  result: { output: { $case: 'text', value: 'hello <there> friends' }, segments: SEGMENTS },
});

describe('results and inputs over REST', () => {
  let open: OpenBridge;
  before(async () => (open = await openBridge()));
  beforeEach(() => {
    open.proxy.tasks.clear();
    open.proxy.contents.clear();
    open.proxy.tasks.set('t', transcript);
  });
  after(() => open.close());

  const set = (task: object) => open.proxy.tasks.set('t', Task.fromPartial({ ...transcript, ...task }));
  const stored = (bytes: Buffer) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    open.proxy.contents.set(sha256, bytes);
    return { $case: 'content', value: { sha256, sizeBytes: BigInt(bytes.length) } } as const;
  };
  const read = async (path: string) => {
    const response = await fetch(`${open.url}/api/v1/tasks/t/${path}`);
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  const result = (query: string) => read(`result${query}`);

  describe('GET /api/v1/tasks/{id}/result', () => {
    const forms = [
      ['text', 'text/plain; charset=utf-8', 'hello <there> friends'],
      [
        'srt',
        'application/x-subrip; charset=utf-8',
        '1\n00:00:00,000 --> 00:00:00,900\nhello <there>\n\n2\n00:00:01,000 --> 00:00:02,500\nfriends\n',
      ],
      [
        'vtt',
        'text/vtt; charset=utf-8',
        'WEBVTT\n\n00:00:00.000 --> 00:00:00.900\nhello &lt;there&gt;\n\n00:00:01.000 --> 00:00:02.500\nfriends\n',
      ],
    ] as const;
    for (const [format, mediaType, expected] of forms) {
      it(`gives ${format}`, async () => {
        const { status, headers, body } = await result(`?format=${format}`);
        expect({ status, body }).to.deep.equal({ status: 200, body: expected });
        expect(headers.get('content-type')).to.equal(mediaType);
        expect(headers.get('x-content-type-options')).to.equal('nosniff');
      });
    }

    it('gives JSON without being asked for a form', async () => {
      const { headers, body } = await result('');
      expect(headers.get('content-type')).to.match(/^application\/json/);
      expect(JSON.parse(body)).to.deep.include({
        text: 'hello <there> friends',
        segments: [
          { start: 0, end: 0.9, text: 'hello <there>' },
          { start: 1, end: 2.5, text: 'friends' },
        ],
      });
    });

    it('gives a long text whole', async () => {
      const text = 'wörter '.repeat(20_000);
      set({ result: { ...transcript.result, output: stored(Buffer.from(text)) } });
      expect((await result('?format=text')).body).to.equal(text);
      expect(JSON.parse((await result('')).body)).to.include({ text });
    });

    it('waits for the end', async () => {
      set({ state: TaskState.PENDING, revision: 1n, result: undefined });
      const answer = result('?format=text&wait=30');
      await open.proxy.watched(1);
      open.proxy.change(transcript);
      expect((await answer).body).to.equal('hello <there> friends');
    });

    const refusals: readonly [name: string, task: object, query: string, reason: string, detail: RegExp][] = [
      [
        'that is not there yet',
        { state: TaskState.PROCESSING, result: undefined },
        '',
        'TASK_NOT_FINAL',
        /\?wait=60/,
      ],
      [
        'of a failed task',
        { state: TaskState.FAILED, result: undefined, failure: { reason: 'X', message: 'no miner' } },
        '',
        'RESULT_UNAVAILABLE',
        /failed: no miner/,
      ],
      [
        'of a cancelled task',
        { state: TaskState.CANCELLED, result: undefined },
        '',
        'RESULT_UNAVAILABLE',
        /cancelled$/,
      ],
      [
        'without times as subtitles',
        { result: { ...transcript.result, segments: [] } },
        '?format=srt',
        'RESULT_UNAVAILABLE',
        /no times/,
      ],
      [
        'that is speech as text',
        { kind: TaskKind.TTS, result: { output: { $case: 'audio', value: Buffer.from('x') } } },
        '?format=text',
        'RESULT_UNAVAILABLE',
        /\/api\/v1\/tasks\/t\/audio/,
      ],
    ];
    for (const [name, task, query, reason, detail] of refusals) {
      it(`answers 409 for a result ${name}`, async () => {
        set(task);
        const { status, body } = await result(query);
        expect(status).to.equal(409);
        expect(JSON.parse(body)).to.include({ reason });
        expect((JSON.parse(body) as { detail: string }).detail).to.match(detail);
      });
    }

    for (const format of ['docx', 'constructor', '']) {
      it(`refuses format=${format}`, async () => {
        const { status, body } = await result(`?format=${format}`);
        expect(status).to.equal(422);
        expect(body).to.include("'json', 'text', 'srt' or 'vtt'");
      });
    }
  });

  describe('GET /api/v1/tasks/{id}/input', () => {
    it('gives audio under the name and type that it came with', async () => {
      const input = {
        fileName: 'a.flac',
        mediaType: 'audio/flac',
        payload: { $case: 'audio', value: Buffer.from('fLaC') },
      };
      set({ input });
      const { status, headers, body } = await read('input');
      expect({ status, body }).to.deep.equal({ status: 200, body: 'fLaC' });
      expect(headers.get('content-type')).to.equal('audio/flac');
      expect(headers.get('content-disposition')).to.equal('attachment; filename="a.flac"');
    });

    it('streams a large one', async () => {
      const bytes = Buffer.alloc(1_000_003, 'abc');
      set({ input: { payload: stored(bytes) } });
      const { headers, body } = await read('input');
      expect(headers.get('content-length')).to.equal('1000003');
      expect(body === bytes.toString()).to.equal(true);
    });

    it('gives the text of other kinds', async () => {
      set({ kind: TaskKind.TTS, input: { payload: { $case: 'text', value: '<script>' } } });
      const { headers, body } = await read('input');
      expect(body).to.equal('<script>');
      expect(headers.get('content-type')).to.equal('text/plain; charset=utf-8');
      expect(headers.get('content-disposition')).to.equal('attachment; filename="t.txt"');
    });

    for (const mediaType of [
      'text/html',
      'image/svg+xml',
      'audio/x+xml',
      'AUDIO/X+XML',
      'application/javascript',
      '',
    ]) {
      it(`never lets ${mediaType || 'an unnamed type'} run as a page`, async () => {
        set({ input: { mediaType, payload: { $case: 'audio', value: Buffer.from('<script>') } } });
        const { headers } = await read('input');
        expect(headers.get('content-type')).to.equal('application/octet-stream');
        expect(headers.get('content-disposition')).to.match(/^attachment; /);
        expect(headers.get('x-content-type-options')).to.equal('nosniff');
        expect(headers.get('content-security-policy')).to.match(/^sandbox;/);
      });
    }

    it('keeps a file name from saying more than a name', async () => {
      set({ input: { fileName: '../"é\r\nx: y%41', payload: { $case: 'audio', value: Buffer.from('x') } } });
      const { headers } = await read('input');
      expect(headers.get('content-disposition')).to.equal(
        `attachment; filename=".._____x: y_41"; filename*=UTF-8''..%2F%22%C3%A9%0D%0Ax%3A%20y%2541`,
      );
      expect(headers.has('x')).to.equal(false);
    });

    it('answers 404 when it is not kept any more', async () => {
      set({ input: { fileName: 'a.wav' } });
      const { status, body } = await read('input');
      expect(status).to.equal(404);
      expect(JSON.parse(body)).to.include({ reason: 'CONTENT_NOT_FOUND' });
    });
  });
});
