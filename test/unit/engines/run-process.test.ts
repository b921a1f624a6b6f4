import { expect } from 'chai';
import { runProcess } from '../../../src/engines/run-process.js';
import { never, refused } from './fixtures.js';

const NODE = process.execPath;
const node = (script: string) => ({ file: NODE, args: ['-e', script], signal: never() });

describe('runProcess()', () => {
  it('hands on what the process writes', async () => {
    let output = '';
    await runProcess({
      ...node('process.stdin.pipe(process.stdout)'),
      stdin: Buffer.from('to and fro'),
      onStdout: (chunk) => (output += chunk.toString()),
    });
    expect(output).to.equal('to and fro');
  });

  it('refuses a failed run with the last line of its message', async () => {
    const refusal = await refused(
      runProcess(node('console.error("first\\nlast"); process.exitCode = 7')),
      'ENGINE_FAILED',
    );
    expect(refusal.message).to.match(/code 7: last$/);
  });

  it('ends a process that takes more memory or time than it may', async () => {
    const limits = { memoryKib: 300 * 1024, cpuSeconds: 1 };
    const hungry = node('const held = []; for (;;) held.push(Buffer.alloc(5e7, 1))');
    await refused(runProcess({ ...hungry, limits }), 'ENGINE_FAILED');
    await refused(runProcess({ ...node('for (;;);'), limits }), 'ENGINE_FAILED');
    await runProcess({ ...node('Buffer.alloc(5e7, 1)'), limits });
  });

  it('keeps only the end of a flood of messages', async () => {
    const kept = await runProcess(node('process.stderr.write("x".repeat(1e6) + "end")'));
    expect(kept).to.have.length(2_000).and.match(/end$/);
  });

  it('refuses what cannot be started', async () => {
    const refusal = await refused(
      runProcess({ file: '/nowhere/engine', args: [], signal: never() }),
      'ENGINE_FAILED',
    );
    expect(refusal.message).to.match(/engine cannot be started/);
  });

  it('survives a process that does not read its input', async () => {
    await runProcess({ ...node('process.exit(0)'), stdin: Buffer.alloc(4_000_000) });
  });

  it('kills the process on abort and rejects with the reason once it is gone', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let pid = 0;
    const run = runProcess({
      ...node('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log(process.pid)'),
      onStdout: (chunk) => {
        pid = Number(chunk.toString());
        controller.abort(reason);
      },
      signal: controller.signal,
    });
    expect(await run.catch((error: unknown) => error)).to.equal(reason);
    expect(() => process.kill(pid, 0)).to.throw('ESRCH');
  });

  it('kills the process when a reader throws, and throws it on', async () => {
    const error = new Error('too much');
    const run = runProcess({
      ...node('setInterval(() => console.log("more"), 1)'),
      onStdout: () => {
        throw error;
      },
    });
    expect(await run.catch((thrown: unknown) => thrown)).to.equal(error);
  });

  it('starts nothing when already aborted', async () => {
    const reason = new Error('before');
    const run = runProcess({ ...node('0'), file: '/nowhere', signal: AbortSignal.abort(reason) });
    expect(await run.catch((error: unknown) => error)).to.equal(reason);
  });

  it('gives engines nothing of the environment but PATH and a locale', async () => {
    process.env['ENGINE_TEST_SECRET'] = 'secret';
    let output = '';
    await runProcess({
      ...node('console.log(Object.keys(process.env).sort().join())'),
      onStdout: (chunk) => (output += chunk.toString()),
    });
    delete process.env['ENGINE_TEST_SECRET'];
    expect(output.trim()).to.equal('LC_ALL,PATH');
  });
});
