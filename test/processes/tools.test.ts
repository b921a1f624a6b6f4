import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { findExecutable } from '../../src/engines/find-executable.js';
import { Installation } from '../support/installation.js';
import { finalTask, getTask, submitJson } from '../support/rest-client.js';

const run = promisify(execFile);
const BUF = new URL('../../../node_modules/.bin/buf', import.meta.url).pathname;
const WATCH = 'audiosubnet.v1.ValidatorIntegration/WatchPendingTasks';
const TEXT = 'A text that is long enough to be summarized. It has two sentences.';

/** A command that prints JSON documents one after the other; `next` gives each. */
function follow(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: AsyncIterator<string, unknown> = createInterface(child.stdout)[Symbol.asyncIterator]();
  let text = '';
  return {
    async next(): Promise<Record<string, unknown>> {
      for (;;) {
        const line = await lines.next();
        if (line.done === true) throw new Error(`the stream ended: ${text}`);
        text += line.value;
        try {
          const found = JSON.parse(text) as Record<string, unknown>;
          text = '';
          return found;
        } catch {
          // The document goes on in the next line.
        }
      }
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('generic gRPC tools, by reflection alone', function () {
  this.timeout(60_000);
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(1);
    await installation.startProxy();
  });
  afterEach(() => installation.dispose());

  async function observes(command: string, args: readonly string[]): Promise<void> {
    const stream = follow(command, args);
    try {
      expect(await stream.next()).to.have.property('sessionStarted');
      const id = await submitJson(installation.url, 'summarization', TEXT);
      const event = (await stream.next()) as { taskObserved?: { task?: { taskId?: string } } };
      expect(event.taskObserved?.task?.taskId).to.equal(id);
      expect((await getTask(installation.url, id)).status).to.equal('pending');
      await installation.startMiner();
      installation.startValidator();
      expect((await finalTask(installation.url, id)).status).to.equal('completed');
    } finally {
      await stream.stop();
    }
  }

  it('buf curl on the HTTP port shows tasks as they come and takes none', () =>
    observes(BUF, [
      ...['curl', '--http2-prior-knowledge', '--protocol', 'grpc'],
      ...['-d', '{}', `${installation.url}/${WATCH}`],
    ]));

  it('buf curl with max_in_flight takes leases', async () => {
    const id = await submitJson(installation.url, 'summarization', TEXT);
    const stream = follow(BUF, [
      ...['curl', '--http2-prior-knowledge', '--protocol', 'grpc'],
      ...['-d', '{"max_in_flight": 1}', `${installation.url}/${WATCH}`],
    ]);
    try {
      expect(await stream.next()).to.have.property('sessionStarted');
      const event = (await stream.next()) as { tasksAssigned?: { tasks?: { taskId?: string }[] } };
      expect(event.tasksAssigned?.tasks?.map(({ taskId }) => taskId)).to.deep.equal([id]);
      expect((await getTask(installation.url, id)).status).to.equal('processing');
    } finally {
      await stream.stop();
    }
  });

  it('grpcurl lists, describes and watches', async function () {
    const grpcurl = await findExecutable('grpcurl');
    if (grpcurl === undefined) {
      this.test!.title += ' (skipped: grpcurl is not installed)';
      this.skip();
      return;
    }
    const address = `127.0.0.1:${installation.ports.grpc}`;
    const { stdout: services } = await run(grpcurl, ['-plaintext', address, 'list']);
    for (const name of ['TaskService', 'ContentService', 'ValidatorIntegration'])
      expect(services).to.include(`audiosubnet.v1.${name}`);
    const { stdout: method } = await run(grpcurl, [
      '-plaintext',
      address,
      'describe',
      WATCH.replace('/', '.'),
    ]);
    expect(method).to.include('stream .audiosubnet.v1.WatchPendingTasksResponse');
    await observes(grpcurl, ['-plaintext', address, WATCH]);
  });
});
