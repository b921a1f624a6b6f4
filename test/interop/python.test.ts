import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Installation } from '../support/installation.js';

const run = promisify(execFile);
const PROTO = new URL('../../../proto', import.meta.url).pathname;
const CLIENT = new URL('../../../test/interop/python_client.py', import.meta.url).pathname;

async function missing(): Promise<string | undefined> {
  try {
    await run('python3', ['-c', 'import grpc_tools, grpc']);
    return undefined;
  } catch {
    return 'python3 with grpcio-tools is not installed';
  }
}

describe('a Python client with stubs generated from proto/', function () {
  this.timeout(60_000);
  let installation: Installation | undefined;
  let stubs = '';

  before(async function () {
    const reason = await missing();
    if (reason !== undefined) {
      this.test!.parent!.title += ` (skipped: ${reason})`;
      this.skip();
    }
    stubs = await mkdtemp(join(tmpdir(), 'audio-subnet-stubs-'));
    installation = await Installation.create(1);
    await installation.startProxy();
    await installation.startMiner();
    installation.startValidator();
  });
  after(async () => {
    await installation?.dispose();
    if (stubs !== '') await rm(stubs, { recursive: true });
  });

  it('submits, watches and fetches a task, and sees typed errors', async () => {
    const files = [
      'task',
      'task_service',
      'content_service',
      'webhook_service',
      'validator_integration',
      'miner_synapse',
    ];
    await run('python3', [
      ...['-m', 'grpc_tools.protoc', '-I', PROTO, `--python_out=${stubs}`, `--grpc_python_out=${stubs}`],
      ...files.map((name) => `audiosubnet/v1/${name}.proto`),
      ...['buf/validate/validate.proto', 'google/rpc/status.proto'],
    ]);
    const address = `127.0.0.1:${installation?.ports.grpc ?? 0}`;
    const { stdout } = await run('python3', [CLIENT, stubs, address]);
    expect(stdout).to.match(/^ok /);
  });
});
