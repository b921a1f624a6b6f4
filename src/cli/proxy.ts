import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Keyring } from '../auth/keyring.js';
import type { ProxyConfig } from '../config/proxy.js';
import { ContentDirectory } from '../content/directory.js';
import { weighBy } from '../domain/balance.js';
import { findEncoder, type AudioEncoder } from '../engines/audio/encode.js';
import type { ContentStore } from '../queue/content-store.js';
import { TaskQueue } from '../queue/task-queue.js';
import { createBridge } from '../rest/bridge.js';
import { createFrontDoor } from '../runtime/front-door.js';
import { loadContract, type Contract } from '../rpc/contract.js';
import { createGrpcServer, type GrpcServer } from '../rpc/server.js';
import { FreeSpace } from '../runtime/free-space.js';
import { startMetricsServer } from '../runtime/metrics-server.js';
import { SqliteTaskStore } from '../store/sqlite/store.js';
import { forbiddenUrl } from '../webhooks/callback-url.js';
import { removeAbandonedUploads } from './abandoned-uploads.js';
import { openBridgeClients } from './bridge-clients.js';
import type { Environment } from './environment.js';
import { openKeyring } from './open-keys.js';
import { createProxyMetrics, type ProxyMetrics } from './proxy-metrics.js';
import { hostPort, listenError, StartError } from './start-error.js';
import { openSubnet, type Subnet } from './subnet.js';
import { addWebhookMetrics } from './webhook-metrics.js';
import { openWebhooks } from './webhooks.js';

/** A proxy that runs. */
export interface RunningProxy {
  readonly addresses: ProxyAddresses;
  readonly keyring: Keyring;
}

/** Where a proxy listens, `host:port`. */
export interface ProxyAddresses {
  readonly http: string;
  readonly grpc: string;
  readonly metrics: string;
}

/** Starts a proxy that is a process by itself. @throws StartError, OpenError */
export async function runProxy(config: ProxyConfig, env: Environment): Promise<void> {
  await startProxy(config, { subnet: await openSubnet(config, env), contract: loadContract() }, env);
}

/** Starts the queue and every door to it. @throws StartError, OpenError */
export async function startProxy(
  config: ProxyConfig,
  { subnet, contract }: { readonly subnet: Subnet; readonly contract: Contract },
  env: Environment,
): Promise<RunningProxy> {
  // Beside the rest: ffmpeg takes its time to say what it can write.
  const encoder = findEncoder(env.clock);
  const keyring = await openKeyring(config, env);
  const { store, queue, content, metrics } = await openQueue(config, subnet, env);
  const grpc = createGrpcServer({
    contract,
    queue,
    content,
    network: subnet.view,
    clock: env.clock,
    leaseOwner: (token) => store.leaseOwner(token),
    webhooks: store,
    findTask: (id) => store.get({ id, view: 'basic' }),
    log: env.log,
    identify: keyring.identify,
    onCall: metrics.onCall,
  });
  env.lifecycle.onStop('gRPC', async () => {
    grpc.drain();
    queue.drain(env.graceMs);
    queue.endStreams();
    await grpc.shutdown(env.graceMs / 2);
  });
  const grpcAddress = await bindGrpc(grpc, config);
  const http = await openFrontDoor(config, { grpc, metrics, encoder: await encoder }, env);
  const address = await openMetrics(config, metrics, env);
  env.log.info({ http, grpc: grpcAddress, metrics: address }, 'proxy is ready');
  return { addresses: { http, grpc: grpcAddress, metrics: address }, keyring };
}

async function openQueue(config: ProxyConfig, { view }: Subnet, env: Environment) {
  const { limits, task, webhooks } = config;
  const onError = (error: unknown) => {
    env.log.error({ err: error }, 'the queue could not do its own work; it tries again');
  };
  const { store, content, space, metrics, delivery } = await openParts(config, env);
  const queue = await TaskQueue.open({
    store,
    clock: env.clock,
    rules: { ...limits, ...task, forbiddenUrl: (url) => forbiddenUrl(url, webhooks) },
    maxPending: config.queue.maxPending,
    weigh: weighBy(config.queue.balance, () => view.current()?.metagraph),
    random: Math.random,
    ...(!inMemory(config) && { lowDisk: () => space.low }),
    observer: metrics.queue,
    onUnreferenced: (files) => {
      content.remove(files).catch(onError);
    },
    onAnnounced: () => delivery.wake(),
    onError,
  });
  env.lifecycle.onStop('queue', () => queue.close());
  env.lifecycle.onStop('webhooks', (signal) => delivery.stop(signal));
  delivery.wake();
  return { store, queue, content, metrics };
}

/** What the queue stands on. */
async function openParts(config: ProxyConfig, env: Environment) {
  const directory = await contentDirectory(config, env);
  const space = freeSpace(config, directory, env);
  const store = await SqliteTaskStore.open({
    file: config.database,
    boosts: config.boosts,
    retentionMs: config.retentionMs,
    onFatal: env.onFatal,
  });
  try {
    const metrics = createProxyMetrics({ stats: () => store.stats(), volumes: () => space.volumes });
    const content = await openContent(config, { directory, store, space }, env);
    const observer = addWebhookMetrics(metrics.registry, () => store.webhookStats());
    const delivery = await openWebhooks(config, { outbox: store, observer }, env);
    return { store, content, space, metrics, delivery };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function inMemory({ database }: ProxyConfig): boolean {
  return database === ':memory:';
}

/** Content of a queue in memory ends with it. */
async function contentDirectory(config: ProxyConfig, env: Environment): Promise<string> {
  if (!inMemory(config)) return join(config.dataDir, 'content');
  const directory = await mkdtemp(join(tmpdir(), 'audio-subnet-content-'));
  env.lifecycle.onStop('content', () => rm(directory, { recursive: true, force: true }));
  return directory;
}

function freeSpace(config: ProxyConfig, content: string, env: Environment): FreeSpace {
  return new FreeSpace({
    directories: { ...(!inMemory(config) && { database: dirname(config.database) }), content },
    ...config.disk,
    clock: env.clock,
    logger: env.log,
  });
}

interface ContentParts {
  readonly directory: string;
  readonly store: SqliteTaskStore;
  readonly space: FreeSpace;
}

async function openContent(
  config: ProxyConfig,
  { directory, store, space }: ContentParts,
  env: Environment,
): Promise<ContentStore> {
  const unusable = (error: unknown) => {
    throw new StartError(`cannot use ${directory} for content (${String(error)}): check that it is writable`);
  };
  const content = await ContentDirectory.open({
    directory,
    index: store,
    clock: env.clock,
    maxBytes: config.limits.maxAudioBytes,
    maxBytesSetting: '--limits.max_audio_bytes',
    lowDisk: () => space.low,
  }).catch(unusable);
  // Both directories are there from here on.
  await space.start().catch(unusable);
  env.lifecycle.onStop('free space', () => {
    space.stop();
  });
  removeAbandonedUploads(content, env);
  if (!inMemory(config))
    content.removeLeftovers().catch((error: unknown) => {
      env.log.warn({ err: error }, 'what a crash left in the content directory could not be removed');
    });
  return content;
}

async function bindGrpc(grpc: GrpcServer, { grpc: { host, port } }: ProxyConfig): Promise<string> {
  try {
    return hostPort(host, await grpc.bind(hostPort(host, port)));
  } catch (error) {
    throw listenError(error, hostPort(host, port), 'choose another one with --grpc.host and --grpc.port');
  }
}

interface DoorParts {
  readonly grpc: GrpcServer;
  readonly metrics: ProxyMetrics;
  readonly encoder: AudioEncoder;
}

/** The documented port: HTTP goes to the bridge, and through a socket of this process to gRPC. */
async function openFrontDoor(
  { http, limits, crossOrigins }: ProxyConfig,
  { grpc, metrics, encoder }: DoorParts,
  { clock, log, lifecycle, graceMs }: Environment,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'audio-subnet-'));
  lifecycle.onStop('socket', () => rm(folder, { recursive: true, force: true }));
  const socket = `unix:${join(folder, 'proxy.sock')}`;
  await grpc.bind(socket);
  await chmod(join(folder, 'proxy.sock'), 0o600);
  const clients = openBridgeClients(socket, lifecycle);
  const bridge = await createBridge({
    clients,
    log,
    maxAudioBytes: limits.maxAudioBytes,
    crossOrigins,
    encoder,
    clock,
    onAnswer: metrics.onAnswer,
  });
  lifecycle.onStop('bridge', () => bridge.close(graceMs / 2));
  const door = createFrontDoor({
    onHttp1: (connection) => {
      bridge.serve(connection);
    },
    onHttp2: (connection) => {
      grpc.injector.injectConnection(connection);
    },
    log,
    clock,
  });
  try {
    const { host, port } = await door.listen(http);
    // It waits for connections that only the parts below it end.
    let closed: Promise<void> | undefined;
    lifecycle.onStop('front door', () => {
      closed = door.close(graceMs);
      closed.catch((error: unknown) => {
        log.error({ err: error }, 'the front door did not close');
      });
    });
    return hostPort(host, port);
  } catch (error) {
    throw listenError(
      error,
      hostPort(http.host, http.port),
      'choose another one with --http.host and --http.port',
    );
  }
}

async function openMetrics(
  { metrics: at }: ProxyConfig,
  { registry }: ProxyMetrics,
  { log, lifecycle }: Environment,
): Promise<string> {
  try {
    const server = await startMetricsServer({
      ...at,
      registry,
      healthy: () => !lifecycle.stopping.aborted,
      logger: log,
    });
    lifecycle.onStop('metrics', () => server.close());
    return hostPort(server.host, server.port);
  } catch (error) {
    throw listenError(
      error,
      hostPort(at.host, at.port),
      'choose another one with --metrics.host and --metrics.port',
    );
  }
}
