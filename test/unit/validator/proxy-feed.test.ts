import { createHash } from 'node:crypto';
import {
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { expect } from 'chai';
import {
  ContentServiceService,
  type DownloadContentRequest,
  type DownloadContentResponse,
  type UploadContentRequest,
} from '../../../gen/ts/audiosubnet/v1/content_service.js';
import { Priority, TaskKind, TaskState } from '../../../gen/ts/audiosubnet/v1/task.js';
import {
  RevocationReason,
  SessionAction,
  ValidatorIntegrationService,
  type ReportMinersRequest,
  type WatchPendingTasksRequest,
  type WatchPendingTasksResponse,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../../../src/domain/errors.js';
import type { LeaseToken, SessionId } from '../../../src/domain/ids.js';
import { createChannel } from '../../../src/rpc/clients/channel.js';
import { createProxyFeed } from '../../../src/rpc/clients/proxy-feed.js';
import { toRpcStatus } from '../../../src/rpc/status.js';
import type { FeedEvent, FeedSettlement, TaskFeed } from '../../../src/validator/ports/task-feed.js';
import { fedTask } from './fake-feed.js';
import { rejection } from './rejection.js';

type Callback = (error: null, response: unknown) => void;

const SESSION = 'a'.repeat(32) as SessionId;
const CONTENT = Buffer.alloc(300_000, 'c');

describe('the gRPC task feed', () => {
  let server: Server;
  let feed: TaskFeed;
  let asked: unknown[];
  let watch: (call: ServerWritableStream<WatchPendingTasksRequest, WatchPendingTasksResponse>) => void;
  let settleError: Refusal | undefined;
  const { signal } = new AbortController();

  beforeEach(async () => {
    asked = [];
    settleError = undefined;
    server = new Server();
    const unary = (response: () => unknown) => (call: { request: unknown }, callback: Callback) => {
      asked.push(call.request);
      callback(null, response());
    };
    server.addService(ValidatorIntegrationService, {
      getIntegrationInfo: unary(() => ({})),
      claimTasks: unary(() => ({})),
      watchPendingTasks: (
        call: ServerWritableStream<WatchPendingTasksRequest, WatchPendingTasksResponse>,
      ) => {
        asked.push(call.request);
        call.on('error', () => undefined);
        watch(call);
      },
      extendLeases: unary(() => ({
        revoked: [{ taskId: 't', leaseToken: 'b', reason: RevocationReason.EXPIRED }],
        action: SessionAction.RECONNECT,
      })),
      settleTasks: unary(() => ({
        results: [
          settleError === undefined
            ? { taskId: 't', state: TaskState.COMPLETED }
            : { taskId: 't', state: TaskState.PENDING, error: toRpcStatus(settleError) },
        ],
      })),
      reportMiners: unary(() => ({})),
    });
    server.addService(ContentServiceService, {
      getUpload: unary(() => ({})),
      downloadContent: (call: ServerWritableStream<DownloadContentRequest, DownloadContentResponse>) => {
        asked.push(call.request);
        for (let at = 0; at < CONTENT.length; at += 100_000)
          call.write({
            offset: BigInt(at),
            data: CONTENT.subarray(at, at + 100_000),
            totalBytes: BigInt(CONTENT.length),
          });
        call.end();
      },
      uploadContent: (call: ServerReadableStream<UploadContentRequest, unknown>, callback: Callback) => {
        const digest = createHash('sha256');
        let size = 0;
        call.on('data', ({ part }: UploadContentRequest) => {
          if (part?.$case === 'header') asked.push(part.value);
          if (part?.$case !== 'chunk') return;
          digest.update(part.value);
          size += part.value.length;
        });
        call.on('end', () => {
          callback(null, { content: { sha256: digest.digest('hex'), sizeBytes: BigInt(size) } });
        });
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    feed = createProxyFeed(createChannel(`127.0.0.1:${port}`));
  });

  afterEach(() => {
    feed.close();
    server.forceShutdown();
  });

  it('tells each event of the stream with its sequence number', async () => {
    watch = (call) => {
      const messages: WatchPendingTasksResponse['event'][] = [
        {
          $case: 'sessionStarted',
          value: { sessionId: SESSION, heartbeatInterval: { seconds: 4n, nanos: 0 }, heldLeaseTokens: [] },
        },
        {
          $case: 'tasksAssigned',
          value: {
            tasks: [
              {
                taskId: 't',
                leaseToken: 'b',
                attempt: 1,
                kind: TaskKind.TTS,
                language: 'en',
                priority: Priority.HIGH,
                input: {
                  payload: { $case: 'text', value: 'Hi' },
                  fileName: '',
                  mediaType: '',
                  payloadBytes: 2n,
                  textLength: 2,
                },
                leaseDuration: { seconds: 20n, nanos: 0 },
                maxRunTime: { seconds: 60n, nanos: 0 },
                voice: 'slt',
                maxSentences: 0,
              },
              {
                taskId: 'u',
                leaseToken: 'c',
                attempt: 1,
                kind: 77 as TaskKind,
                language: 'en',
                priority: Priority.HIGH,
                voice: '',
                maxSentences: 0,
              },
            ],
          },
        },
        {
          $case: 'leasesRevoked',
          value: { leases: [{ taskId: 't', leaseToken: 'b', reason: RevocationReason.CANCELLED }] },
        },
        undefined,
        { $case: 'draining', value: { grace: { seconds: 5n, nanos: 0 } } },
      ];
      messages.forEach((event, index) => call.write({ sequence: BigInt(index + 1), event }));
      call.end();
    };
    const events: FeedEvent[] = [];
    for await (const event of feed.subscribe({
      session: SESSION,
      holder: 'me',
      maxInFlight: 3,
      patient: false,
      signal,
    }))
      events.push(event);
    expect(asked).to.deep.equal([{ sessionId: SESSION, validatorHotkey: 'me', maxInFlight: 3, kinds: [] }]);
    const [started, assigned, revoked, unknown, draining] = events;
    expect(started).to.deep.equal({ kind: 'started', sequence: 1, session: SESSION, heartbeatMs: 4000 });
    expect(assigned?.kind === 'assigned' && assigned.tasks).to.deep.equal([
      {
        id: 't',
        token: 'b',
        kind: 'tts',
        language: 'en',
        priority: 'high',
        payload: { kind: 'inline', bytes: new Uint8Array(Buffer.from('Hi')) },
        leaseMs: 20_000,
        maxRunMs: 60_000,
        voice: 'slt',
      },
    ]);
    expect(revoked).to.deep.equal({
      kind: 'revoked',
      sequence: 3,
      leases: [{ token: 'b', reason: 'cancelled' }],
    });
    expect(unknown).to.deep.equal({ kind: 'keep_alive', sequence: 4 });
    expect(draining).to.deep.equal({ kind: 'draining', sequence: 5, graceMs: 5000 });
  });

  it('renews leases with their progress', async () => {
    const held = [{ token: 'b' as LeaseToken, progress: { fraction: 0.5, stage: 'half' } }];
    expect(await feed.extend({ session: SESSION, held, lastSequence: 7 }, signal)).to.deep.equal({
      revoked: [{ token: 'b', reason: 'expired' }],
      action: 'reconnect',
    });
    expect(asked).to.deep.equal([
      {
        sessionId: SESSION,
        leases: [{ leaseToken: 'b', progress: { fraction: 0.5, stage: 'half' } }],
        lastSequence: 7n,
      },
    ]);
  });

  describe('settling', () => {
    const { id, token } = fedTask();
    const settlement: FeedSettlement = {
      id,
      kind: 'tts',
      token,
      outcome: { kind: 'released', reason: 'stopping' },
      responses: [],
    };

    it('tells the state of the task', async () => {
      expect(await feed.settle(settlement, signal)).to.deep.equal({ kind: 'settled', state: 'completed' });
      expect(asked[0]).to.have.nested.property('settlements[0].leaseToken', token);
    });

    const answers = [
      ['LEASE_LOST', 'lost'],
      ['TASK_NOT_FOUND', 'lost'],
      ['CONTENT_MISSING', 'content_missing'],
      ['SETTLED_DIFFERENTLY', 'refused'],
    ] as const;
    for (const [reason, kind] of answers) {
      it(`takes ${reason} of an item as an answer`, async () => {
        settleError = new Refusal(reason, 'no');
        expect((await feed.settle(settlement, signal)).kind).to.equal(kind);
      });
    }

    it('throws what may pass', async () => {
      settleError = new Refusal('DISK_LOW', 'full');
      expect((await rejection(feed.settle(settlement, signal))).reason).to.equal('DISK_LOW');
    });
  });

  it('fetches inputs and stores outputs under the lease', async () => {
    const sha256 = createHash('sha256').update(CONTENT).digest('hex') as never;
    const task = fedTask('transcription', {
      payload: { kind: 'content', sha256, sizeBytes: CONTENT.length },
    });
    const bytes = await feed.downloadInput(task, signal);
    expect(Buffer.from(bytes).equals(CONTENT)).to.equal(true);
    expect(await feed.uploadOutput(task, bytes, signal)).to.deep.equal({ sha256, sizeBytes: CONTENT.length });
    expect(asked[0]).to.deep.include({ sha256, leaseToken: task.token });
    expect(asked[1]).to.deep.include({ sizeBytes: 300_000n, leaseToken: task.token });
  });

  it('refuses an input that is longer than announced', async () => {
    const task = fedTask('transcription', {
      payload: { kind: 'content', sha256: 'c'.repeat(64) as never, sizeBytes: 5 },
    });
    expect((await rejection(feed.downloadInput(task, signal))).reason).to.equal('SIZE_MISMATCH');
  });

  it('reports miners, with the policy they are judged by', async () => {
    const rating = {
      kind: 'tts',
      language: 'en',
      accuracy: 0.5,
      reliability: 1,
      sampleCount: 4,
      sampleAgeMs: 1500,
      parts: [{ name: 'duration', mean: 0.25, sampleCount: 3 }],
    } as const;
    const miner = {
      hotkey: 'h',
      uid: 1,
      reachable: true,
      latencyMs: 2,
      ratings: [rating],
      score: 0.75,
      address: 'a:1',
      stake: 3,
    };
    const policy = { policyVersion: '7', policyHash: 'f'.repeat(64) };
    await feed.report({ holder: 'me', ...policy, netuid: 49, network: 'static', miners: [miner] }, signal);
    const report = asked[0] as ReportMinersRequest;
    expect(report).to.deep.include({ validatorHotkey: 'me', ...policy, netuid: 49, network: 'static' });
    expect(report.miners[0]?.score).to.equal(0.75);
    expect(report.miners[0]?.ratings[0]).to.deep.include({
      accuracy: 0.5,
      sampleCount: 4n,
      sampleAge: { seconds: 1n, nanos: 500_000_000 },
      parts: [{ name: 'duration', mean: 0.25, sampleCount: 3n }],
    });
  });

  it('calls a proxy that is not there unavailable', async () => {
    server.forceShutdown();
    const error = await rejection(feed.extend({ session: SESSION, held: [], lastSequence: 0 }, signal));
    expect(error.reason).to.equal('UNAVAILABLE');
  });
});
