import { once } from 'node:events';
import { status as Code, type ClientReadableStream } from '@grpc/grpc-js';
import { expect } from 'chai';
import { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { TaskKind, TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import {
  ClaimTasksRequest,
  ExtendLeasesRequest,
  GetIntegrationInfoRequest,
  NetworkSource,
  ReportMinersRequest,
  RevocationReason,
  SessionAction,
  SettleTasksRequest,
  ValidatorIntegrationClient,
  WatchPendingTasksRequest,
  type WatchPendingTasksResponse,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { Refusal } from '../../src/domain/errors.js';
import type { Hotkey, LeaseToken } from '../../src/domain/ids.js';
import { fromRpcStatus, fromServiceError } from '../../src/rpc/status.js';
import { openGrpcProxy, type GrpcProxy } from '../support/grpc-proxy.js';
import { digest } from '../support/memory-content.js';
import { refused } from '../support/refused.js';
import { ManualClock, until } from '../unit/validator/manual-clock.js';

const TTS = SubmitTaskRequest.fromPartial({
  task: { kind: { $case: 'tts', value: { text: 'Hello world', voice: 'slt' } }, language: 'en' },
});
const SUMMARY = SubmitTaskRequest.fromPartial({
  task: { kind: { $case: 'summarization', value: { text: 'A text. Another.' } }, language: 'en' },
});
const audio = (size: number) =>
  SubmitTaskRequest.fromPartial({
    task: {
      kind: {
        $case: 'transcription',
        value: { audio: { $case: 'inlineAudio', value: Buffer.alloc(size, 1) } },
      },
      language: 'en',
    },
  });

/** Reads the first event and then nothing more: grpc-js keeps reading for a call that never began to. */
async function standStill(call: ClientReadableStream<unknown>): Promise<void> {
  await once(call, 'data');
  call.pause();
}

describe('ValidatorIntegration', () => {
  let proxy: GrpcProxy;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    proxy = await openGrpcProxy({ clock });
  });
  afterEach(() => proxy.close());

  /** A reader of the stream that keeps what came. */
  function watch(request: Partial<WatchPendingTasksRequest>) {
    const events: WatchPendingTasksResponse[] = [];
    const controller = new AbortController();
    const ended = refused(
      (async () => {
        const stream = proxy.validators.watchPendingTasks(WatchPendingTasksRequest.fromPartial(request), {
          signal: controller.signal,
        });
        for await (const event of stream) events.push(event);
      })(),
    );
    const names = () => events.map(({ event }) => event?.$case);
    return { events, names, ended, stop: () => controller.abort() };
  }

  describe('WatchPendingTasks with max_in_flight', () => {
    it('starts with the session and delivers leased tasks, numbered without gaps', async () => {
      await proxy.tasks.submitTask(TTS);
      const { events, stop, ended } = watch({ maxInFlight: 2, validatorHotkey: 'v' });
      await until(() => events.length === 2);
      await proxy.tasks.submitTask(SUMMARY);
      await until(() => events.length === 3);
      expect(events.map(({ sequence }) => sequence)).to.deep.equal([1n, 2n, 3n]);
      const started = events[0]!.event;
      if (started?.$case !== 'sessionStarted') throw new Error('no session');
      expect(started.value.sessionId).to.match(/^[0-9a-f]{32}$/);
      expect(started.value.leaseDuration).to.deep.equal({ seconds: 20n, nanos: 0 });
      const assigned = events[1]!.event;
      if (assigned?.$case !== 'tasksAssigned') throw new Error('no task');
      const [id] = proxy.queue.tasks.keys();
      expect(assigned.value.tasks[0]).to.include({
        taskId: id,
        leaseToken: proxy.queue.leases.get(id!),
        kind: TaskKind.TTS,
        voice: 'slt',
      });
      expect(assigned.value.tasks[0]!.input!.payload).to.deep.equal({ $case: 'text', value: 'Hello world' });
      expect(proxy.queue.sent.map(({ sequence }) => sequence)).to.deep.equal([2, 3]);
      stop();
      await ended;
    });

    it('closes the session when the reader goes away', async () => {
      const { events, stop, ended } = watch({ maxInFlight: 1 });
      await until(() => events.length === 1);
      stop();
      await ended;
      await until(() => proxy.queue.closed === 1);
      expect(clock.waiting).to.equal(0);
    });

    it('cuts an assignment into events of at most 64 tasks and 1 MiB', async () => {
      for (let count = 0; count < 100; count += 1)
        await proxy.tasks.submitTask(count < 30 ? audio(65_000) : TTS);
      const { events, stop, ended } = watch({ maxInFlight: 1_024 });
      const tasks = () => proxy.queue.sent.flatMap((event) => event.tasks);
      await until(() => tasks().length === 100 && events.length === proxy.queue.sent.length + 1);
      expect(tasks()).to.deep.equal([...proxy.queue.tasks.keys()]);
      const sizes = events.flatMap(({ event }) =>
        event?.$case === 'tasksAssigned' ? [event.value.tasks.length] : [],
      );
      expect(sizes).to.deep.equal([16, 64, 20]);
      stop();
      await ended;
    });

    it('tells of revoked leases and of the coming shutdown, and ends with the reason of the queue', async () => {
      const { names, events, ended } = watch({ maxInFlight: 1 });
      await until(() => events.length === 1);
      proxy.queue.revoke([{ token: 'a'.repeat(32) as LeaseToken, reason: 'expired' }]);
      proxy.queue.drain(3_000);
      await until(() => events.length === 3);
      expect(names()).to.deep.equal(['sessionStarted', 'leasesRevoked', 'draining']);
      expect(events[1]!.event!.value).to.deep.equal({
        leases: [{ taskId: '', leaseToken: 'a'.repeat(32), reason: RevocationReason.EXPIRED }],
      });
      proxy.queue.endStreams();
      expect((await ended).reason).to.equal('SERVER_DRAINING');
      await until(() => proxy.calls.length === 1);
      expect(proxy.calls[0]!.code).to.equal(Code.UNAVAILABLE);
    });

    it('ends the older stream of a session with SESSION_SUPERSEDED', async () => {
      const sessionId = 'b'.repeat(32);
      const older = watch({ maxInFlight: 1, sessionId });
      await until(() => older.events.length === 1);
      const newer = watch({ maxInFlight: 1, sessionId });
      expect((await older.ended).reason).to.equal('SESSION_SUPERSEDED');
      newer.stop();
      await newer.ended;
    });

    it('sends a KeepAlive after 10 seconds of silence', async () => {
      const { names, events, stop, ended } = watch({ maxInFlight: 1 });
      await until(() => events.length === 1);
      await clock.advance(9_999);
      expect(names()).to.deep.equal(['sessionStarted']);
      await clock.advance(1);
      await until(() => events.length === 2);
      await clock.advance(10_000);
      await until(() => events.length === 3);
      expect(names()).to.deep.equal(['sessionStarted', 'keepAlive', 'keepAlive']);
      expect(events.map(({ sequence }) => sequence)).to.deep.equal([1n, 2n, 3n]);
      stop();
      await ended;
    });

    it('assigns nothing to a reader that does not read and drops it after 5 seconds', async () => {
      const client = new ValidatorIntegrationClient(proxy.channel.address, proxy.channel.credentials);
      const call = client.watchPendingTasks(WatchPendingTasksRequest.create({ maxInFlight: 1_000 }));
      const failed = new Promise<Refusal>((resolve) => {
        call.on('error', (error) => {
          resolve(fromServiceError(error as never));
        });
      });
      await standStill(call);
      for (let count = 0; count < 200; count += 1) await proxy.tasks.submitTask(audio(65_000));
      const pending = [...proxy.queue.tasks.values()].filter(({ status }) => status.state === 'pending');
      expect(pending.length).to.be.above(100);
      await clock.advance(5_000);
      call.resume();
      expect((await failed).reason).to.equal('SLOW_CONSUMER');
      await until(() => proxy.queue.closed === 1);
      client.close();
    });

    it('is asked for more work when the reader catches up', async () => {
      const client = new ValidatorIntegrationClient(proxy.channel.address, proxy.channel.credentials);
      const call = client.watchPendingTasks(WatchPendingTasksRequest.create({ maxInFlight: 1_000 }));
      call.on('error', () => undefined);
      await standStill(call);
      for (let count = 0; count < 100; count += 1) await proxy.tasks.submitTask(audio(65_000));
      expect([...proxy.queue.tasks.values()].some(({ status }) => status.state === 'pending')).to.equal(true);
      call.resume();
      await until(() => [...proxy.queue.tasks.values()].every(({ status }) => status.state === 'processing'));
      call.cancel();
      client.close();
    });
  });

  describe('WatchPendingTasks without max_in_flight', () => {
    it('shows tasks as they come, without payload, and takes none', async () => {
      const { events, names, stop, ended } = watch({ kinds: [TaskKind.TTS] });
      await until(() => proxy.queue.observing === 1);
      await proxy.tasks.submitTask(SUMMARY);
      await proxy.tasks.submitTask(TTS);
      await until(() => events.length === 2);
      expect(names()).to.deep.equal(['sessionStarted', 'taskObserved']);
      expect(events[1]!.event!.value).to.have.nested.property('task.kind', TaskKind.TTS);
      expect(proxy.queue.leases.size).to.equal(0);
      stop();
      await ended;
      await until(() => proxy.queue.observing === 0);
    });

    it('survives a burst and drops a reader that falls too far behind', async () => {
      const client = new ValidatorIntegrationClient(proxy.channel.address, proxy.channel.credentials);
      const call = client.watchPendingTasks(WatchPendingTasksRequest.create());
      const failed = new Promise<Refusal>((resolve) => {
        call.on('error', (error) => {
          resolve(fromServiceError(error as never));
        });
      });
      await standStill(call);
      const requests = Array.from({ length: 500 }, () => TTS);
      for (let batch = 0; batch < 12; batch += 1) {
        await proxy.tasks.batchSubmitTasks({ requests });
        if (batch === 0) expect(proxy.queue.observing).to.equal(1);
      }
      await until(() => proxy.queue.observing === 0);
      call.resume();
      expect((await failed).reason).to.equal('SLOW_CONSUMER');
      client.close();
    });
  });

  describe('ClaimTasks', () => {
    it('leases by one call and opens a session', async () => {
      await proxy.tasks.submitTask(TTS);
      await proxy.tasks.submitTask(TTS);
      const one = await proxy.validators.claimTasks(ClaimTasksRequest.create());
      expect(one.tasks).to.have.length(1);
      expect(one.sessionId).to.match(/^[0-9a-f]{32}$/);
    });

    it('passes the wait on and takes no longer than 30 seconds', async () => {
      await proxy.validators.claimTasks(ClaimTasksRequest.create({ wait: { seconds: 2n, nanos: 5e8 } }));
      expect(proxy.queue.claims[0]).to.include({ waitMs: 2_500, limit: 1, handOut: false });
      const long = ClaimTasksRequest.create({ wait: { seconds: 31n, nanos: 0 } });
      expect((await refused(proxy.validators.claimTasks(long))).violations[0]!.field).to.equal('wait');
    });

    it('gives a hundred small tasks', async () => {
      for (let count = 0; count < 120; count += 1) await proxy.tasks.submitTask(TTS);
      const claimed = await proxy.validators.claimTasks(
        ClaimTasksRequest.create({ maxTasks: 500, handOut: true }),
      );
      expect(claimed.tasks).to.have.length(100);
      expect(claimed.sessionId).to.equal('');
      expect(new Set(claimed.tasks.map(({ taskId }) => taskId)).size).to.equal(100);
    });

    it('stays below the size of a message when inputs are large', async () => {
      for (let count = 0; count < 70; count += 1) await proxy.tasks.submitTask(audio(65_536));
      const { tasks } = await proxy.validators.claimTasks(ClaimTasksRequest.create({ maxTasks: 100 }));
      expect(tasks).to.have.length(48);
      expect(proxy.queue.leases.size).to.equal(48);
    });

    it('gives back what passes the wanted input after the first round', async () => {
      for (let count = 0; count < 48; count += 1) await proxy.tasks.submitTask(TTS);
      await proxy.tasks.submitTask(audio(500_000));
      const request = ClaimTasksRequest.create({ maxTasks: 100, maxInputBytes: 100_000n });
      const { tasks } = await proxy.validators.claimTasks(request);
      expect(tasks).to.have.length(48);
      expect(proxy.queue.leases.size).to.equal(48);
      expect(proxy.queue.settlements[0]!.outcome.kind).to.equal('released');
    });
  });

  describe('ExtendLeases', () => {
    it('passes what is held on and answers what is lost', async () => {
      const sessionId = 'c'.repeat(32);
      const { events, stop, ended } = watch({ maxInFlight: 1, sessionId });
      await until(() => events.length === 1);
      const answer = await proxy.validators.extendLeases(
        ExtendLeasesRequest.fromPartial({
          sessionId,
          leases: [{ leaseToken: 'd'.repeat(32), progress: { fraction: 0.5, stage: 'asking' } }],
          lastSequence: 7n,
        }),
      );
      expect(proxy.queue.extensions[0]).to.deep.equal({
        owner: 'anonymous',
        session: sessionId,
        held: [{ token: 'd'.repeat(32), progress: { fraction: 0.5, stage: 'asking' } }],
        lastSequence: 7,
      });
      expect(answer).to.deep.equal({
        revoked: [{ taskId: '', leaseToken: 'd'.repeat(32), reason: RevocationReason.UNKNOWN }],
        action: SessionAction.CONTINUE,
        leaseDuration: { seconds: 20n, nanos: 0 },
      });
      stop();
      await ended;
    });

    it('refuses a session that nobody knows and a token that is none', async () => {
      const unknown = ExtendLeasesRequest.create({ sessionId: 'e'.repeat(32) });
      expect((await refused(proxy.validators.extendLeases(unknown))).reason).to.equal('SESSION_UNKNOWN');
      const wrong = ExtendLeasesRequest.fromPartial({
        sessionId: 'e'.repeat(32),
        leases: [{ leaseToken: 'zz' }],
      });
      const refusal = await refused(proxy.validators.extendLeases(wrong));
      expect(refusal.violations[0]!.field).to.equal('leases[0].lease_token');
    });
  });

  describe('SettleTasks', () => {
    it('ends each lease by itself and says what became of it', async () => {
      for (const request of [TTS, TTS, TTS]) await proxy.tasks.submitTask(request);
      const { tasks } = await proxy.validators.claimTasks(ClaimTasksRequest.create({ maxTasks: 3 }));
      const [first, second, third] = tasks.map(({ taskId, leaseToken }) => ({ taskId, leaseToken }));
      const speech = Buffer.alloc(100_000, 3);
      const completed = (audioBytes: Buffer) => ({
        $case: 'completed' as const,
        value: {
          result: {
            output: { $case: 'audio' as const, value: audioBytes },
            mediaType: 'audio/wav',
            minerUid: 7,
          },
        },
      });
      const failed = {
        $case: 'failed' as const,
        value: { failure: { reason: 'ENGINE_FAILED' }, retryable: false },
      };
      const { results } = await proxy.validators.settleTasks(
        SettleTasksRequest.fromPartial({
          settlements: [
            {
              ...first,
              outcome: completed(speech),
              responses: [{ hotkey: 'h', minerUid: 7, selected: true }],
            },
            { taskId: second!.taskId, leaseToken: 'f'.repeat(32), outcome: failed },
            { ...third },
            { taskId: 'nothing', leaseToken: 'f'.repeat(32), outcome: completed(Buffer.alloc(1)) },
            { ...third, outcome: failed },
          ],
        }),
      );
      const verdicts = results.map(({ error, state }) => [error && fromRpcStatus(error).reason, state]);
      expect(verdicts).to.deep.equal([
        [undefined, TaskState.COMPLETED],
        ['LEASE_LOST', TaskState.PROCESSING],
        ['INVALID_FIELD', TaskState.UNSPECIFIED],
        ['TASK_NOT_FOUND', TaskState.UNSPECIFIED],
        [undefined, TaskState.FAILED],
      ]);
      expect(results.map(({ taskId }) => taskId)[3]).to.equal('nothing');
      const [settled] = proxy.queue.settlements;
      if (settled?.outcome.kind !== 'completed') throw new Error('not completed');
      expect(settled.outcome.result).to.deep.include({
        output: { kind: 'content', sha256: digest(speech), sizeBytes: 100_000 },
        minerUid: 7,
      });
      expect(settled.responses[0]).to.include({ hotkey: 'h', selected: true });
    });

    it('takes the parts of a transcript in order and refuses them out of it or too long', async () => {
      const segments = [
        { startMs: 0n, endMs: 400n, text: 'hello' },
        { startMs: 400n, endMs: 900n, text: 'there' },
      ];
      const cases = [
        segments,
        [...segments].reverse(),
        [{ startMs: 5n, endMs: 4n, text: 'x' }],
        [{ startMs: -1n, endMs: 4n, text: 'x' }],
        [{ startMs: 0n, endMs: 4n, text: 'x'.repeat(1_048_577) }],
        Array.from({ length: 10_001 }, () => ({ startMs: 0n, endMs: 1n, text: '' })),
      ];
      for (let count = 0; count < cases.length; count++) await proxy.tasks.submitTask(TTS);
      const { tasks } = await proxy.validators.claimTasks(
        ClaimTasksRequest.create({ maxTasks: cases.length }),
      );
      const { results } = await proxy.validators.settleTasks(
        SettleTasksRequest.fromPartial({
          settlements: tasks.map(({ taskId, leaseToken }, place) => ({
            taskId,
            leaseToken,
            outcome: {
              $case: 'completed',
              value: { result: { output: { $case: 'text', value: 'x' }, segments: cases[place]! } },
            },
          })),
        }),
      );
      const reasons = results.map(({ error }) => error && fromRpcStatus(error).reason);
      const refusals = Array.from({ length: 5 }, () => 'INVALID_FIELD');
      expect(reasons).to.deep.equal([undefined, ...refusals]);
      const [settled] = proxy.queue.settlements;
      expect(settled!.outcome).to.have.deep.nested.property('result.segments[1]', {
        startMs: 400,
        endMs: 900,
        text: 'there',
      });
    });

    it('refuses a result whose content is not there', async () => {
      await proxy.tasks.submitTask(TTS);
      const { tasks } = await proxy.validators.claimTasks(ClaimTasksRequest.create());
      const output = { $case: 'content' as const, value: { sha256: '9'.repeat(64) } };
      const { results } = await proxy.validators.settleTasks(
        SettleTasksRequest.fromPartial({
          settlements: [
            {
              taskId: tasks[0]!.taskId,
              leaseToken: tasks[0]!.leaseToken,
              outcome: { $case: 'completed', value: { result: { output } } },
            },
          ],
        }),
      );
      expect(fromRpcStatus(results[0]!.error!).reason).to.equal('CONTENT_MISSING');
      expect(proxy.queue.settlements).to.have.length(0);
    });
  });

  describe('GetIntegrationInfo', () => {
    const observed = (uid: number, reachable: boolean) => ({
      hotkey: `miner-${uid}`,
      uid,
      reachable,
      latency: { seconds: 0n, nanos: 5_000_000 },
      ratings: [{ kind: TaskKind.TTS, language: 'en', accuracy: 0.5, reliability: 1, sampleCount: 3n }],
      address: '127.0.0.1:8091',
      stake: 1.5,
    });
    const report = (...miners: ReturnType<typeof observed>[]) =>
      ReportMinersRequest.fromPartial({ validatorHotkey: 'v', miners, netuid: 49, network: 'finney' });
    const info = () => proxy.validators.getIntegrationInfo(GetIntegrationInfoRequest.create());

    it('says that there is no network when nobody told of one', async () => {
      const { networkInfo, miners } = await info();
      expect(networkInfo).to.include({ source: NetworkSource.NONE, connected: false, totalMiners: 0 });
      expect(networkInfo!.age).to.equal(undefined);
      expect(miners).to.deep.equal([]);
    });

    it('shows the first pending tasks and the counts', async () => {
      for (let count = 0; count < 12; count += 1) await proxy.tasks.submitTask(TTS);
      const { pendingTasks, queueStats } = await info();
      expect(pendingTasks).to.have.length(10);
      expect(pendingTasks[0]).to.include({ kind: TaskKind.TTS, payloadBytes: 11n });
      expect(queueStats!.pendingCount).to.equal(12n);
      const negative = GetIntegrationInfoRequest.create({ maxPendingTasks: -1 });
      expect((await refused(proxy.validators.getIntegrationInfo(negative))).reason).to.equal('INVALID_FIELD');
    });

    it('shows the newest report with its age, for ten minutes', async () => {
      await proxy.validators.reportMiners(report(observed(2, false), observed(1, true)));
      await clock.advance(60_000);
      const { networkInfo, miners } = await info();
      expect(networkInfo).to.deep.include({
        netuid: 49,
        network: 'finney',
        source: NetworkSource.REPORT,
        totalMiners: 2,
        availableMiners: 1,
        connected: false,
        age: { seconds: 60n, nanos: 0 },
      });
      expect(miners.map(({ uid, ip, port }) => [uid, ip, port])).to.deep.equal([
        [1, '127.0.0.1', 8091],
        [2, '127.0.0.1', 8091],
      ]);
      expect(miners[0]!.observations[0]).to.deep.include({
        validatorHotkey: 'v',
        age: { seconds: 60n, nanos: 0 },
      });
      expect(miners[0]!.observations[0]!.ratings[0]).to.include({
        kind: TaskKind.TTS,
        accuracy: 0.5,
        sampleCount: 3n,
      });
      await clock.advance(540_000);
      expect((await info()).networkInfo!.source).to.equal(NetworkSource.NONE);
    });

    it('keeps one report a validator, of 64 validators', async () => {
      for (let validator = 0; validator < 70; validator += 1) {
        await proxy.validators.reportMiners({
          ...report(observed(1, true)),
          validatorHotkey: `v${validator}`,
        });
      }
      await proxy.validators.reportMiners({ ...report(observed(5, true)), validatorHotkey: 'v69' });
      const { miners } = await info();
      expect(miners.map(({ uid }) => uid)).to.deep.equal([5]);
      expect(miners[0]!.observations.map((observation) => observation.validatorHotkey)).to.deep.equal([
        'v69',
      ]);
    });

    it('goes by the chain when it can be read, with what validators measured beside it', async () => {
      const axon = { ip: '1.2.3.4', port: 8091 };
      const neuron = (uid: number) => ({
        uid,
        hotkey: `miner-${uid}` as Hotkey,
        stake: uid,
        validatorPermit: false,
      });
      proxy.network.reading = {
        ageMs: 1_500,
        connected: true,
        metagraph: {
          netuid: 49,
          network: 'finney',
          source: 'chain',
          neurons: [
            { ...neuron(3), axon },
            { ...neuron(1), axon },
            neuron(2),
            { ...neuron(4), axon, validatorPermit: true },
          ],
        },
      };
      await proxy.validators.reportMiners(report(observed(1, false)));
      const { networkInfo, miners } = await info();
      expect(networkInfo).to.deep.include({
        source: NetworkSource.CHAIN,
        connected: true,
        totalMiners: 3,
        availableMiners: 1,
        age: { seconds: 1n, nanos: 500_000_000 },
      });
      expect(miners.map(({ uid, observations }) => [uid, observations.length])).to.deep.equal([
        [1, 1],
        [3, 0],
      ]);
      expect(miners[1]).to.include({ ip: '1.2.3.4', externalIp: '1.2.3.4', externalPort: 8091, stake: 3 });
    });

    it('tells by which policy each validator judges', async () => {
      const told = { policyVersion: '7', policyHash: 'a'.repeat(64) };
      await proxy.validators.reportMiners({ ...report(observed(1, true)), ...told });
      await clock.advance(5000);
      await proxy.validators.reportMiners({ ...report(observed(1, true)), validatorHotkey: 'w' });
      const { validators } = await info();
      expect(validators).to.deep.equal([
        { validatorHotkey: 'w', policyVersion: '', policyHash: '', age: { seconds: 0n, nanos: 0 } },
        { validatorHotkey: 'v', ...told, age: { seconds: 5n, nanos: 0 } },
      ]);
      const bad = { ...report(), policyHash: 'xyz' };
      expect((await refused(proxy.validators.reportMiners(bad))).reason).to.equal('INVALID_FIELD');
    });

    it('shows ratings without their parts, as many as fit beside a whole network', async () => {
      const parts = [{ name: 'agreement', mean: 0.5, sampleCount: 2n }];
      const ratings = Array.from({ length: 64 }, () => ({ ...observed(1, true).ratings[0]!, parts }));
      const miners = Array.from({ length: 300 }, (_, uid) => ({ ...observed(uid, true), ratings }));
      await proxy.validators.reportMiners(report(...miners));
      const shown = (await info()).miners.flatMap(({ observations }) => observations);
      expect(shown).to.have.length(300);
      const all = shown.flatMap((observation) => observation.ratings);
      expect(all).to.have.length(16_384);
      expect(all.every((rating) => rating.parts.length === 0)).to.equal(true);
    });
  });

  describe('ListMiners and GetMiner', () => {
    const part = { name: 'agreement', mean: 0.25, sampleCount: 3n };
    const rating = {
      kind: TaskKind.TTS,
      language: 'en',
      accuracy: 0.5,
      reliability: 1,
      sampleCount: 3n,
      parts: [part],
      sampleAge: { seconds: 2n, nanos: 0 },
    };
    const measured = (uid: number, ratings = [rating]) => ({
      hotkey: `miner-${uid}`,
      uid,
      reachable: true,
      score: 0.75,
      ratings,
      address: '127.0.0.1:8091',
      stake: 1,
    });
    const report = (miners: readonly ReturnType<typeof measured>[], validatorHotkey = 'v') =>
      proxy.validators.reportMiners(
        ReportMinersRequest.fromPartial({
          validatorHotkey,
          miners: [...miners],
          netuid: 49,
          network: 'static',
        }),
      );
    const list = (pageSize = 0, pageToken = '') => proxy.validators.listMiners({ pageSize, pageToken });

    it('show what each validator measured, by part and as old as it is', async () => {
      await report([measured(1)], 'old');
      await clock.advance(4000);
      await report([measured(1)], 'new');
      const { miner } = await proxy.validators.getMiner({ hotkey: 'miner-1' });
      expect(miner).to.deep.include({ uid: 1, hotkey: 'miner-1', stake: 1 });
      expect(miner!.observations.map(({ validatorHotkey, score }) => [validatorHotkey, score])).to.deep.equal(
        [
          ['new', 0.75],
          ['old', 0.75],
        ],
      );
      expect(miner!.observations[1]!.ratings).to.deep.equal([
        { ...rating, speed: undefined, sampleAge: { seconds: 6n, nanos: 0 } },
      ]);
      expect((await list()).miners).to.deep.equal([miner]);
    });

    it('give every miner once, page by page', async () => {
      await report(Array.from({ length: 120 }, (_, uid) => measured(uid)));
      const pages: number[] = [];
      const uids: number[] = [];
      let token = '';
      do {
        const page = await list(0, token);
        pages.push(page.miners.length);
        uids.push(...page.miners.map(({ uid }) => uid));
        token = page.nextPageToken;
      } while (token !== '');
      expect(pages).to.deep.equal([50, 50, 20]);
      expect(uids).to.deep.equal(Array.from({ length: 120 }, (_, uid) => uid));
      expect((await list(1000)).miners).to.have.length(120);
    });

    it('end a page early where the miners are large', async () => {
      const parts = Array.from({ length: 32 }, (_, index) => ({
        ...part,
        name: `${'p'.repeat(60)}${index}`,
      }));
      const ratings = Array.from({ length: 40 }, () => ({ ...rating, parts }));
      const miners = Array.from({ length: 12 }, (_, uid) => measured(uid, ratings));
      for (let validator = 0; validator < 8; validator += 1) await report(miners, `v${validator}`);
      const first = await list();
      expect(first.miners.length).to.be.within(1, 11);
      expect(first.nextPageToken).not.to.equal('');
      const rest = await list(0, first.nextPageToken);
      expect(rest.miners[0]!.uid).to.equal(first.miners.length);
    });

    it('refuse what they do not know', async () => {
      await report([measured(1)]);
      expect((await refused(proxy.validators.getMiner({ hotkey: 'nobody' }))).reason).to.equal(
        'MINER_NOT_FOUND',
      );
      expect((await refused(proxy.validators.getMiner({ hotkey: '' }))).reason).to.equal('INVALID_FIELD');
      expect((await refused(list(0, 'xyz'))).reason).to.equal('INVALID_PAGE_TOKEN');
      expect((await refused(list(-1))).reason).to.equal('INVALID_FIELD');
    });
  });
});
