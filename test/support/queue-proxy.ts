import { pino } from 'pino';
import { createChannel, type Channel } from '../../src/rpc/clients/channel.js';
import {
  createTaskServiceClient,
  createValidatorIntegrationClient,
  type TaskServiceClient,
  type ValidatorIntegrationClient,
} from '../../src/rpc/clients/task-clients.js';
import { createGrpcServer } from '../../src/rpc/server.js';
import type { TaskQueue, TaskQueueOptions } from '../../src/queue/task-queue.js';
import { systemClock } from '../../src/runtime/clock.js';
import type { SqliteTaskStore } from '../../src/store/sqlite/store.js';
import { contract } from './grpc-proxy.js';
import { MemoryContent } from './memory-content.js';
import { openQueue } from './queue.js';

/** A gRPC server over the real queue on a store in memory, on a free port, with clients. */
export interface QueueProxy {
  readonly queue: TaskQueue;
  readonly store: SqliteTaskStore;
  readonly channel: Channel;
  readonly tasks: TaskServiceClient;
  readonly validators: ValidatorIntegrationClient;
  /** What failed without a caller. */
  readonly errors: readonly unknown[];
  close(): Promise<void>;
}

export async function openQueueProxy(overrides: Partial<TaskQueueOptions> = {}): Promise<QueueProxy> {
  const { queue, store, errors } = await openQueue({ maxPending: 100_000, ...overrides });
  const grpc = createGrpcServer({
    contract: contract(),
    log: pino({ level: 'silent' }),
    onCall: () => undefined,
    queue,
    content: new MemoryContent(),
    network: { current: () => undefined },
    clock: systemClock,
    leaseOwner: (token) => store.leaseOwner(token),
    webhooks: store,
    findTask: (id) => store.get({ id, view: 'basic' }),
  });
  const channel = createChannel(`127.0.0.1:${await grpc.bind('127.0.0.1:0')}`);
  const tasks = createTaskServiceClient(channel);
  const validators = createValidatorIntegrationClient(channel);
  return {
    queue,
    store,
    channel,
    tasks,
    validators,
    errors,
    async close() {
      for (const client of [tasks, validators]) client.close();
      queue.endStreams();
      await grpc.shutdown(1_000);
      await queue.close();
    },
  };
}
