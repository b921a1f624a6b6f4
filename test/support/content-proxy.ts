import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { ContentDirectory } from '../../src/content/directory.js';
import { createBridge } from '../../src/rest/bridge.js';
import { createChannel } from '../../src/rpc/clients/channel.js';
import {
  createContentServiceClient,
  createTaskServiceClient,
  createValidatorIntegrationClient,
  createWebhookServiceClient,
  type ContentServiceClient,
  type TaskServiceClient,
  type ValidatorIntegrationClient,
} from '../../src/rpc/clients/task-clients.js';
import { TaskResult } from '../../gen/ts/audiosubnet/v1/task.js';
import {
  ClaimTasksRequest,
  Completed,
  Failed,
  SettleTasksRequest,
  type Settlement,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { fromRpcStatus } from '../../src/rpc/status.js';
import { createGrpcServer } from '../../src/rpc/server.js';
import { systemClock } from '../../src/runtime/clock.js';
import { contract } from './grpc-proxy.js';
import { openQueue } from './queue.js';
import { ENCODER } from './rest-bridge.js';

/** Queue, content on the disk, gRPC and REST as a proxy has them, on free ports. */
export interface ContentProxy {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly url: string;
  readonly content: ContentDirectory;
  readonly clients: {
    readonly tasks: TaskServiceClient;
    readonly content: ContentServiceClient;
    readonly validators: ValidatorIntegrationClient;
  };
  /** RPCs that ended, by name, in order. */
  readonly calls: string[];
  /** Takes the pending task as a validator and completes it: with text, or with audio. */
  complete(id: string, output: string | Buffer, mediaType?: string): Promise<void>;
  /** Takes the pending task and fails it for good. */
  fail(id: string, reason: string, message: string): Promise<void>;
  close(): Promise<void>;
}

export async function openContentProxy({ maxBytes = 32 * 1024 * 1024 } = {}): Promise<ContentProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'audio-subnet-content-'));
  const { queue, store } = await openQueue();
  const log = pino({ level: 'silent' });
  const calls: string[] = [];
  const content = await ContentDirectory.open({
    directory: folder,
    index: store,
    clock: systemClock,
    maxBytes,
    maxBytesSetting: '--limits.max_audio_bytes',
  });
  const grpc = createGrpcServer({
    contract: contract(),
    log,
    onCall: ({ method }) => calls.push(method),
    queue,
    content,
    network: { current: () => undefined },
    clock: systemClock,
    leaseOwner: (token) => store.leaseOwner(token),
    webhooks: store,
    findTask: (id) => store.get({ id, view: 'basic' }),
  });
  const grpcPort = await grpc.bind('127.0.0.1:0');
  const channel = createChannel(`127.0.0.1:${grpcPort}`);
  const clients = {
    tasks: createTaskServiceClient(channel),
    content: createContentServiceClient(channel),
    validators: createValidatorIntegrationClient(channel),
    webhooks: createWebhookServiceClient(channel),
  };
  const bridge = await createBridge({ clients, encoder: ENCODER, log, maxAudioBytes: maxBytes });
  const settle = async (id: string, outcome: (token: string) => Promise<Settlement['outcome']>) => {
    const claim = ClaimTasksRequest.fromPartial({ validatorHotkey: 'v', maxTasks: 16 });
    const { tasks } = await clients.validators.claimTasks(claim);
    const { leaseToken } = tasks.find(({ taskId }) => taskId === id)!;
    const settlement = { taskId: id, leaseToken, outcome: await outcome(leaseToken) };
    const request = SettleTasksRequest.fromPartial({ settlements: [settlement] });
    const { results } = await clients.validators.settleTasks(request);
    if (results[0]?.error !== undefined) throw fromRpcStatus(results[0].error);
  };
  const { port: httpPort } = await bridge.listen({ host: '127.0.0.1', port: 0 });
  return {
    grpcPort,
    httpPort,
    url: `http://127.0.0.1:${httpPort}`,
    content,
    clients,
    calls,
    complete: (id, output, mediaType = typeof output === 'string' ? 'text/plain' : 'audio/wav') =>
      settle(id, async (leaseToken) => {
        const result = TaskResult.fromPartial({
          output:
            typeof output === 'string'
              ? { $case: 'text', value: output }
              : await audioOutput(clients.content, output, leaseToken),
          mediaType,
        });
        return { $case: 'completed', value: Completed.fromPartial({ result }) };
      }),
    fail: (id, reason, message) =>
      settle(id, () =>
        Promise.resolve({
          $case: 'failed',
          value: Failed.fromPartial({ failure: { reason, message }, retryable: false }),
        }),
      ),
    async close() {
      await bridge.close(500);
      for (const client of Object.values(clients)) client.close();
      queue.endStreams();
      await grpc.shutdown(500);
      await queue.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function audioOutput(
  content: ContentServiceClient,
  bytes: Buffer,
  leaseToken: string,
): Promise<NonNullable<TaskResult['output']>> {
  if (bytes.length < 1000) return { $case: 'audio', value: bytes };
  const header = { leaseToken, sha256: '', offset: 0n };
  return { $case: 'content', value: await content.uploadContent(whole(bytes), header) };
}

async function* whole(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes);
}
