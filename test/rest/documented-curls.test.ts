import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Priority } from '../../gen/ts/audiosubnet/v1/task.js';
import type { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { openBridge, type OpenBridge } from '../support/rest-bridge.js';

const run = promisify(execFile);

/** As the documentation has them, but for the port. */
const CURLS = {
  transcription: `curl -X POST "http://localhost:8000/api/v1/transcription" \\
  -F "audio_file=@test_audio.wav" \\
  -F "source_language=en" \\
  -F "priority=normal"`,
  tts: `curl -X POST "http://localhost:8000/api/v1/tts" \\
  -H "Content-Type: application/json" \\
  -d '{"text": "Hello world", "source_language": "en"}'`,
  summarization: `curl -X POST "http://localhost:8000/api/v1/summarization" \\
  -H "Content-Type: application/json" \\
  -d '{"text": "Long text to summarize...", "source_language": "en"}'`,
  integration: `curl "http://localhost:8000/api/v1/validator/integration"`,
  distribute: `curl -X POST "http://localhost:8000/api/v1/validator/distribute"`,
};

describe('the documented curl commands', () => {
  let open: OpenBridge;
  let folder: string | undefined;
  before('needs curl', async function () {
    const found = await run('curl', ['--version']).catch(() => undefined);
    if (found === undefined) {
      this.test!.title = 'skipped: there is no curl on PATH';
      this.skip();
    }
    open = await openBridge();
    folder = await mkdtemp(join(tmpdir(), 'documented-curls-'));
    await writeFile(join(folder, 'test_audio.wav'), Buffer.from('RIFF\0\0\0\0WAVE'));
  });
  after(async () => {
    if (folder === undefined) return;
    await open.close();
    await rm(folder, { recursive: true });
  });

  const answer = async (name: keyof typeof CURLS): Promise<Record<string, unknown>> => {
    const command = CURLS[name]
      .replace('localhost:8000', `127.0.0.1:${open.port}`)
      .replace('curl', 'curl -s');
    const { stdout } = await run('sh', ['-c', command], { cwd: folder! });
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  for (const kind of ['transcription', 'tts', 'summarization'] as const) {
    it(`submit a ${kind}`, async () => {
      const { task_id, ...rest } = await answer(kind);
      expect(task_id).to.match(/^[0-9a-f-]{36}$/);
      expect(rest).to.include({ status: 'pending', task_type: kind, source_language: 'en' });
      const { task } = open.proxy.requests.at(-1)!.request as SubmitTaskRequest;
      expect(task).to.deep.include({ language: 'en', priority: Priority.NORMAL });
    });
  }

  it('pass the file on with its name', async () => {
    await answer('transcription');
    const { task } = open.proxy.requests.at(-1)!.request as SubmitTaskRequest;
    expect(task!.kind?.value).to.include({ fileName: 'test_audio.wav' });
    expect([...open.proxy.contents.values()].at(-1)?.toString()).to.equal('RIFF\0\0\0\0WAVE');
  });

  it('read the integration info', async () => {
    expect(await answer('integration')).to.have.keys(
      'network_info',
      'miners',
      'pending_tasks',
      'queue_stats',
      // Not of the document: by which policies the validators judge.
      'validators',
    );
  });

  it('distribute', async () => {
    expect(await answer('distribute')).to.include({ task_count: 0 });
  });
});
