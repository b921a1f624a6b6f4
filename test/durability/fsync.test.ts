import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import {
  ExtendLeasesRequest,
  WatchPendingTasksRequest,
  type WatchPendingTasksResponse,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
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

  it('leaves after the fsync also for a task that a stream is given in the same commit', async () => {
    const calls = 'trace=fsync,fdatasync,write,writev,sendto,sendmsg,pwrite64';
    const proxy = await installation.startProxyUnder(strace('-yy', '-xx', '-s', '70000', '-e', calls));
    // By another port, so that its events are not among the answers.
    const stream = await DeliveryStream.open(`127.0.0.1:${installation.ports.http}`);
    for (let i = 0; i < 1 + OPERATIONS; i++) {
      const id = await caller.submit(TEXT, CALL);
      expect((await stream.next()).id).to.equal(id);
      await stream.confirm();
    }
    stream.close();
    expect(await proxy.stop()).to.equal(0);
    const [, ...answers] = answersOf(await readTrace(join(folder, 'trace')), installation.ports.grpc);
    // The first task was for a session that was never heard of, by a claim of its own.
    expect(answers).to.deep.equal(Array(OPERATIONS).fill({ written: true, durable: true }));
  });

  it('is what waits for a slow disk, and not the validator that has room', async () => {
    const slow = 'inject=fdatasync:delay_enter=100000';
    const proxy = await installation.startProxyUnder(strace('-e', 'trace=fdatasync', '-e', slow));
    const stream = await DeliveryStream.open(`127.0.0.1:${installation.ports.http}`);
    const aheadMs: number[] = [];
    for (let i = 0; i < 6; i++) {
      const acknowledged = caller.submit(TEXT, CALL).then(() => performance.now());
      const { atMs } = await stream.next();
      aheadMs.push((await acknowledged) - atMs);
      await stream.confirm();
    }
    for (const ms of aheadMs.slice(1)) expect(ms).to.be.above(20);
    stream.close();
    expect(await proxy.stop()).to.equal(0);
  });

  for (const [reader, opens] of [
    ['', false],
    [' and is handed out', true],
  ] as const)
    it(`is not given for a commit whose fsync fails${reader}; the proxy stops and keeps what it acknowledged`, async () => {
      const proxy = await installation.startProxyUnder(
        strace('-e', 'trace=fsync,fdatasync', '-e', failing('+')),
      );
      const stream = opens ? await DeliveryStream.open(`127.0.0.1:${installation.ports.http}`) : undefined;
      const following = stream?.follow();
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
      await following;
      stream?.close();
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
    const later = trace.slice(failure + 1).filter(({ target }) => /proxy\.db(-wal)?$/.test(target));
    expect(later.map(({ name, target }) => `${name} ${target}`)).to.deep.equal([]);
  });
});

/** The stream of a validator that works on nothing. */
class DeliveryStream {
  readonly #held: string[] = [];
  #sequence = 0n;

  private constructor(
    private readonly caller: ProxyCaller,
    private readonly events: AsyncIterator<WatchPendingTasksResponse>,
    private readonly abort: AbortController,
    private readonly sessionId: string,
  ) {}

  static async open(address: string): Promise<DeliveryStream> {
    const caller = new ProxyCaller(address);
    const abort = new AbortController();
    const request = WatchPendingTasksRequest.fromPartial({ validatorHotkey: 'v', maxInFlight: 64 });
    const stream = caller.validators.watchPendingTasks(request, { signal: abort.signal });
    const events = stream[Symbol.asyncIterator]();
    const { value } = (await events.next()) as { value: WatchPendingTasksResponse | undefined };
    if (value?.event?.$case !== 'sessionStarted') throw new Error('the stream began without a session');
    return new DeliveryStream(caller, events, abort, value.event.value.sessionId);
  }

  async next(): Promise<{ readonly id: string; readonly atMs: number }> {
    for (;;) {
      const { value } = (await this.events.next()) as { value: WatchPendingTasksResponse };
      this.#sequence = value.sequence;
      if (value.event?.$case !== 'tasksAssigned') continue;
      const [task] = value.event.value.tasks;
      this.#held.push(task?.leaseToken ?? '');
      return { id: task?.taskId ?? '', atMs: performance.now() };
    }
  }

  /** Only one who is heard of is given tasks at once. */
  async confirm(): Promise<void> {
    const leases = this.#held.map((leaseToken) => ({ leaseToken }));
    const { sessionId } = this;
    const request = { sessionId, leases, lastSequence: this.#sequence };
    await this.caller.validators.extendLeases(ExtendLeasesRequest.fromPartial(request), CALL);
  }

  /** Confirms what comes until the stream breaks. */
  async follow(): Promise<void> {
    try {
      for (;;) {
        await this.next();
        await this.confirm();
      }
    } catch {
      // The proxy is gone.
    }
  }

  close(): void {
    this.abort.abort();
    this.caller.close();
  }
}

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
