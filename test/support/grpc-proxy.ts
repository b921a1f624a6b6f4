import { pino } from 'pino';
import type { LeaseToken, Owner } from '../../src/domain/ids.js';
import type { NetworkReading } from '../../src/domain/network-view.js';
import type { EndedCall } from '../../src/rpc/call-observer.js';
import { createChannel, type Channel } from '../../src/rpc/clients/channel.js';
import {
  createContentServiceClient,
  createTaskServiceClient,
  createValidatorIntegrationClient,
  type ContentServiceClient,
  type TaskServiceClient,
  type ValidatorIntegrationClient,
} from '../../src/rpc/clients/task-clients.js';
import { loadContract, type Contract } from '../../src/rpc/contract.js';
import { createGrpcServer, type GrpcServer } from '../../src/rpc/server.js';
import { systemClock, type Clock } from '../../src/runtime/clock.js';
import { MemoryContent } from './memory-content.js';
import { MemoryQueue } from './memory-queue.js';

let loaded: Contract | undefined;

/** One for all tests: it never changes. */
export function contract(): Contract {
  return (loaded ??= loadContract());
}

/** A gRPC server over queue and content in memory, on a free port, with clients. */
export interface GrpcProxy {
  readonly grpc: GrpcServer;
  readonly queue: MemoryQueue;
  readonly content: MemoryContent;
  readonly channel: Channel;
  readonly tasks: TaskServiceClient;
  readonly contents: ContentServiceClient;
  readonly validators: ValidatorIntegrationClient;
  readonly leaseOwners: Map<LeaseToken, Owner>;
  readonly network: { reading: NetworkReading | undefined };
  readonly calls: EndedCall[];
  readonly logged: Record<string, unknown>[];
  close(): Promise<void>;
}

export async function openGrpcProxy(
  options: { readonly clock?: Clock; readonly queue?: Partial<MemoryQueue> } = {},
): Promise<GrpcProxy> {
  const queue = Object.assign(new MemoryQueue(), options.queue);
  const content = new MemoryContent();
  const leaseOwners = new Map<LeaseToken, Owner>();
  const network: GrpcProxy['network'] = { reading: undefined };
  const calls: EndedCall[] = [];
  const logged: Record<string, unknown>[] = [];
  const grpc = createGrpcServer({
    contract: contract(),
    log: pino(
      { level: 'debug' },
      { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) },
    ),
    onCall: (call) => calls.push(call),
    queue,
    content,
    network: { current: () => network.reading },
    clock: options.clock ?? systemClock,
    leaseOwner: (token) => Promise.resolve(leaseOwners.get(token)),
    findTask: (id) => Promise.resolve(queue.tasks.get(id)),
    webhooks: {
      findWebhook: () => Promise.resolve({ kind: 'task_not_found' }),
      redeliver: () => Promise.resolve({ kind: 'task_not_found' }),
    },
  });
  const channel = createChannel(`127.0.0.1:${await grpc.bind('127.0.0.1:0')}`);
  const tasks = createTaskServiceClient(channel);
  const contents = createContentServiceClient(channel);
  const validators = createValidatorIntegrationClient(channel);
  return {
    grpc,
    queue,
    content,
    channel,
    tasks,
    contents,
    validators,
    leaseOwners,
    network,
    calls,
    logged,
    async close() {
      for (const client of [tasks, contents, validators]) client.close();
      await grpc.shutdown(0);
    },
  };
}
