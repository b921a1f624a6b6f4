import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { Installation } from '../support/installation.js';
import { ProxyCaller } from '../support/proxy-caller.js';
import { needStrace, readTrace, type SystemCallEnd } from './trace.js';

const TEXT = 'A text that is long enough to be summarized.';
const OPERATIONS = 25;
/** Long enough for a proxy under a tracer to answer, not for one that is dead. */
const CALL = { deadlineMs: 20_000 };

describe('an acknowledgement', function () {
  this.timeout(120_000);
  let installation: Installation;
  let caller: ProxyCaller;
  let folder: string;

  before(async function () {
    await needStrace(this);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-trace-'));
    installation = await Installation.create(1);
    caller = new ProxyCaller(`127.0.0.1:${installation.ports.grpc}`);
  });
  afterEach(async () => {
    caller.close();
    await installation.dispose();
    await rm(folder, { recursive: true });
  });

  /** -D leaves the proxy our child, so that signals and the exit code are its own. */
  const strace = (...flags: readonly string[]) => [
    'strace',
    '-D',
    '-f',
    '-o',
    join(folder, 'trace'),
    ...flags,
  ];

  /** The tracer counts by thread; the writer has passed 60 fsyncs within a few dozen commits. */
  const failing = (from: '' | '+') => `inject=fsync,fdatasync:error=EIO:when=60${from}`;

  it('leaves after the fsync of its commit, for each submission and settlement', async () => {
    const calls = 'trace=fsync,fdatasync,write,writev,sendto,sendmsg,pwrite64';
    const proxy = await installation.startProxyUnder(strace('-yy', '-xx', '-s', '70000', '-e', calls));
    for (let i = 0; i < OPERATIONS; i++) await caller.submit(TEXT, CALL);
    for (let i = 0; i < OPERATIONS; i++) {
      const { leased } = await caller.claim(1);
      await caller.settle(leased[0]!, `result ${i}`, CALL);
    }
    expect(await proxy.stop()).to.equal(0);
    const answers = answersOf(await readTrace(join(folder, 'trace')), installation.ports.grpc);
    expect(answers.map(({ written }) => written)).to.deep.equal(Array(3 * OPERATIONS).fill(true));
    // A claim is written and not waited for: a lease that a power failure takes costs its holder the task alone.
    const promises = answers.filter((_, i) => i < OPERATIONS || (i - OPERATIONS) % 2 === 1);
    expect(promises.map(({ durable }) => durable)).to.deep.equal(Array(2 * OPERATIONS).fill(true));
  });

  it('is not given for a commit whose fsync fails; the proxy stops and keeps what it acknowledged', async () => {
    const proxy = await installation.startProxyUnder(
      strace('-e', 'trace=fsync,fdatasync', '-e', failing('+')),
    );
    const acknowledged: string[] = [];
    const failed: unknown[] = [];
    for (let round = 0; round < 200 && failed.length === 0; round++) {
      const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => caller.submit(TEXT, CALL)));
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') acknowledged.push(outcome.value);
        else failed.push(outcome.reason);
      }
    }
    expect(acknowledged.length).to.be.above(0);
    expect(failed.length).to.be.above(0);
    expect(await proxy.exited).to.not.equal(0);
    expect(proxy.complaints).to.deep.equal([]);
    const fatal = proxy.lines.filter(({ level }) => level === 'fatal');
    expect(fatal.map(({ msg }) => msg)).to.deep.equal(['the database can no longer be trusted: stopping']);

    await installation.startProxy();
    const again = new ProxyCaller(`127.0.0.1:${installation.ports.grpc}`);
    for (const id of acknowledged) expect((await again.task(id))?.id).to.equal(id);
    again.close();
  });

  it('is followed by no write to the database once an fsync failed, a later one that succeeds included', async () => {
    const calls = 'trace=fsync,fdatasync,pwrite64';
    const proxy = await installation.startProxyUnder(
      strace('-yy', '-xx', '-s', '0', '-e', calls, '-e', failing('')),
    );
    let failed = 0;
    for (let i = 0; i < 200 && failed === 0; i++) await caller.submit(TEXT, CALL).catch(() => (failed += 1));
    expect(failed).to.equal(1);
    await proxy.exited;
    const trace = await readTrace(join(folder, 'trace'));
    const failure = trace.findIndex(({ result = '' }) => result.includes('EIO'));
    expect(failure).to.be.above(0);
    // The kernel may have dropped what it could not write: whatever is copied from the log now may be garbage.
    const later = trace.slice(failure + 1).filter(({ target }) => /\.db(-wal)?$/.test(target));
    expect(later.map(({ name, target }) => `${name} ${target}`)).to.deep.equal([]);
  });
});

interface Answer {
  /** Something was appended to the log of the database since the answer before. */
  readonly written: boolean;
  /** After the last of that the log was synchronized, before the answer was handed to the kernel. */
  readonly durable: boolean;
}

/** What came before each answer of a gRPC listener, in order; right for calls made one after the other. */
function answersOf(trace: readonly SystemCallEnd[], port: number): Answer[] {
  const streams = new AnsweredStreams();
  const answers: Answer[] = [];
  let written = false;
  let durable = false;
  for (const { at, name, target, result, bytes } of trace) {
    if (target.endsWith('-wal')) {
      if (name === 'pwrite64' && at === 'start') [written, durable] = [true, false];
      if (name.endsWith('sync') && at === 'end' && result === '0') durable = true;
    } else if (at === 'start' && target.startsWith(`TCP:[127.0.0.1:${port}->`)) {
      for (let count = streams.take(bytes); count > 0; count--) {
        answers.push({ written, durable });
        [written, durable] = [false, false];
      }
    }
  }
  return answers;
}

/** Finds the answers among the HTTP/2 frames of a connection: each is the first DATA frame of its stream. */
class AnsweredStreams {
  #rest = Buffer.alloc(0);
  readonly #seen = new Set<number>();

  /** @returns how many answers the next bytes begin */
  take(bytes: Buffer): number {
    let buffer = Buffer.concat([this.#rest, bytes]);
    let count = 0;
    while (buffer.length >= 9) {
      const length = buffer.readUIntBE(0, 3);
      if (buffer.length < 9 + length) break;
      const isData = buffer.readUInt8(3) === 0;
      const stream = buffer.readUInt32BE(5);
      if (isData && !this.#seen.has(stream)) {
        this.#seen.add(stream);
        count += 1;
      }
      buffer = buffer.subarray(9 + length);
    }
    this.#rest = buffer;
    return count;
  }
}
