import { Server, ServerCredentials, type ConnectionInjector } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { ContentServiceService } from '../../gen/ts/audiosubnet/v1/content_service.js';
import { MinerSynapseService } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import { TaskServiceService } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { ValidatorIntegrationService } from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { WebhookServiceService } from '../../gen/ts/audiosubnet/v1/webhook_service.js';
import { ServerReflectionService as ReflectionV1 } from '../../gen/ts/grpc/reflection/v1/reflection.js';
import { ServerReflectionService as ReflectionV1Alpha } from '../../gen/ts/grpc/reflection/v1alpha/reflection.js';
import { identify, type Identify } from '../auth/identify.js';
import { Refusal } from '../domain/errors.js';
import { MAX_MESSAGE_BYTES } from '../domain/limits.js';
import type { Logger } from '../runtime/logger.js';
import { serve, type BoundService, type Edge } from './call.js';
import { createCallObserver, type EndedCall } from './call-observer.js';
import { createContentService, type ContentServiceDeps } from './content-service.js';
import type { Contract } from './contract.js';
import { createMinerSynapse, type MinerSynapseDeps } from './miner-synapse.js';
import { createReflection } from './reflection.js';
import { createTaskService, TASK_SERVICE_BATCHES, type TaskServiceDeps } from './task-service.js';
import { refuseUnknownMethods } from './unknown-method.js';
import {
  createValidatorIntegration,
  VALIDATOR_INTEGRATION_BATCHES,
  type ValidatorIntegrationDeps,
} from './validator-integration.js';
import { createWebhookService, type WebhookServiceDeps } from './webhook-service.js';

const HEALTH = 'grpc.health.v1.Health';
const REFLECTIONS = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];
/** What the last statuses get to reach their callers before connections are cut. */
const FLUSH_MS = 200;

/** What every gRPC server needs. */
export interface EdgeDeps {
  readonly contract: Contract;
  readonly log: Logger;
  /** Everyone is anonymous by default. */
  readonly identify?: Identify;
  /** Told of every call that ended. */
  readonly onCall?: (call: EndedCall) => void;
}

export interface ProxyServerDeps
  extends EdgeDeps, TaskServiceDeps, ContentServiceDeps, ValidatorIntegrationDeps, WebhookServiceDeps {}

export interface MinerServerDeps extends EdgeDeps, MinerSynapseDeps {}

/** A gRPC server with health and reflection. */
export interface GrpcServer {
  readonly server: Server;
  /** Takes connections that another listener accepted. */
  readonly injector: ConnectionInjector;
  readonly health: HealthImplementation;
  /**
   * @param address `host:port`, port 0 for any, or `unix:/path`
   * @returns the port
   * @throws Error when it cannot be listened on
   */
  bind(address: string): Promise<number>;
  /** Says NOT_SERVING from now on; calls go on. */
  drain(): void;
  /**
   * Takes no more calls, waits for those that are open, and ends what is left after the grace time
   * with UNAVAILABLE. Whoever owns a stream ends it before. May be called again.
   */
  shutdown(graceMs: number): Promise<void>;
}

/** TaskService, ContentService, ValidatorIntegration and WebhookService. */
export function createGrpcServer(deps: ProxyServerDeps): GrpcServer {
  const edge = edgeOf(deps);
  return createServer(deps, edge, {
    'audiosubnet.v1.TaskService': serve(
      TaskServiceService,
      createTaskService(deps),
      edge,
      TASK_SERVICE_BATCHES,
    ),
    'audiosubnet.v1.ContentService': serve(ContentServiceService, createContentService(deps), edge),
    'audiosubnet.v1.ValidatorIntegration': serve(
      ValidatorIntegrationService,
      createValidatorIntegration(deps),
      edge,
      VALIDATOR_INTEGRATION_BATCHES,
    ),
    'audiosubnet.v1.WebhookService': serve(WebhookServiceService, createWebhookService(deps), edge),
  });
}

/** MinerSynapse. */
export function createMinerServer(deps: MinerServerDeps): GrpcServer {
  const edge = edgeOf(deps);
  return createServer(deps, edge, {
    'audiosubnet.v1.MinerSynapse': serve(MinerSynapseService, createMinerSynapse(deps), edge),
  });
}

function edgeOf(deps: EdgeDeps): Edge {
  return { log: deps.log, identify: deps.identify ?? identify, ...deps.contract };
}

function createServer(
  { onCall = () => undefined }: EdgeDeps,
  edge: Edge,
  services: Readonly<Record<string, BoundService>>,
): GrpcServer {
  const observer = createCallObserver(onCall);
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    // Nobody asks for it, and counting for it costs each call 2 us.
    'grpc.enable_channelz': 0,
    interceptors: [observer.interceptor],
  });
  refuseUnknownMethods(server);
  const names = Object.keys(services);
  for (const { definition, implementation } of Object.values(services)) {
    server.addService(definition, implementation);
  }
  const health = addHealth(server, names);
  addReflection(server, edge, [...names, HEALTH, ...REFLECTIONS]);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());

  const drain = () => {
    for (const name of ['', ...names]) health.setStatus(name, 'NOT_SERVING');
  };
  const stop = async (graceMs: number) => {
    drain();
    const draining = new Refusal('SERVER_DRAINING', 'the server is shutting down');
    // Watches of health and reflection have no owner that would end them.
    observer.endAll(draining, '/grpc.');
    const closed = new Promise<void>((resolve) => {
      server.tryShutdown(() => resolve());
    });
    await within(closed, graceMs);
    observer.endAll(draining);
    await within(closed, FLUSH_MS);
    server.forceShutdown();
  };
  let stopped: Promise<void> | undefined;

  return {
    server,
    injector,
    health,
    bind: (address) => bind(server, address),
    drain,
    shutdown: (graceMs) => (stopped ??= stop(graceMs)),
  };
}

function addHealth(server: Server, names: readonly string[]): HealthImplementation {
  const health = new HealthImplementation();
  for (const name of ['', ...names]) health.setStatus(name, 'SERVING');
  health.addToServer(server);
  return health;
}

function addReflection(server: Server, edge: Edge, services: readonly string[]): void {
  const serverReflectionInfo = createReflection(edge.image, services);
  for (const { definition, implementation } of [
    serve(ReflectionV1, { serverReflectionInfo }, edge),
    serve(ReflectionV1Alpha, { serverReflectionInfo }, edge),
  ]) {
    server.addService(definition, implementation);
  }
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

/** Waits for the promise, but no longer than that. */
async function within(promise: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([promise, limit]);
  clearTimeout(timer);
}
