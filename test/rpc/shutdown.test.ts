import { connect, createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HealthCheckResponse } from '../../gen/ts/grpc/health/v1/health.js';
import { HealthClient } from '../../gen/ts/grpc/health/v1/health.js';
import { UploadHeader } from '../../gen/ts/audiosubnet/v1/content_service.js';
import { WatchPendingTasksRequest } from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { createChannel } from '../../src/rpc/clients/channel.js';
import { createTaskServiceClient } from '../../src/rpc/clients/task-clients.js';
import { fromServiceError } from '../../src/rpc/status.js';
import { openGrpcProxy, type GrpcProxy } from '../support/grpc-proxy.js';
import { refused } from '../support/refused.js';
import { until } from '../unit/validator/manual-clock.js';

describe('a gRPC server', () => {
  let proxy: GrpcProxy;
  beforeEach(async () => {
    proxy = await openGrpcProxy();
  });
  afterEach(() => proxy.close());

  it('says SERVING, then NOT_SERVING once it drains, and ends who watches its health', async () => {
    const client = new HealthClient(proxy.channel.address, proxy.channel.credentials);
    const seen: number[] = [];
    const call = client.watch({ service: 'audiosubnet.v1.TaskService' });
    const ended = new Promise((resolve) => {
      call.on('error', (error) => {
        resolve(fromServiceError(error as never).reason);
      });
    });
    call.on('data', ({ status }: HealthCheckResponse) => seen.push(status));
    await until(() => seen.length === 1);
    proxy.grpc.drain();
    await until(() => seen.length === 2);
    expect(seen).to.deep.equal([1, 2]);
    await proxy.grpc.shutdown(5_000);
    expect(await ended).to.equal('SERVER_DRAINING');
    client.close();
  });

  it('waits for streams that their owner ends', async () => {
    const events: (string | undefined)[] = [];
    const watching = refused(
      (async () => {
        const request = WatchPendingTasksRequest.create({ maxInFlight: 1 });
        for await (const { event } of proxy.validators.watchPendingTasks(request)) events.push(event?.$case);
      })(),
    );
    await until(() => events.length === 1);
    proxy.queue.drain(1_000);
    await until(() => events.length === 2);
    proxy.queue.endStreams();
    await proxy.grpc.shutdown(5_000);
    expect(events).to.deep.equal(['sessionStarted', 'draining']);
    expect((await watching).reason).to.equal('SERVER_DRAINING');
  });

  it('ends calls that are open after the grace time with SERVER_DRAINING', async () => {
    const still = (async function* () {
      yield await Promise.resolve(Buffer.alloc(10));
      await new Promise(() => undefined);
    })();
    const uploading = refused(proxy.contents.uploadContent(still, UploadHeader.create()));
    await until(() => proxy.content.opened === 1);
    await proxy.grpc.shutdown(0);
    expect((await uploading).reason).to.equal('SERVER_DRAINING');
    await until(() => proxy.content.aborted === 1);
  });

  it('serves connections that another listener accepted', async () => {
    const door = createServer((socket) => {
      proxy.grpc.injector.injectConnection(socket);
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const client = createTaskServiceClient(
      createChannel(`127.0.0.1:${(door.address() as AddressInfo).port}`),
    );
    expect((await client.getQueueStats({})).stats!.pendingCount).to.equal(0n);
    client.close();
    await proxy.grpc.shutdown(1_000);
    door.close();
  });

  it('serves a unix socket', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'grpc-'));
    const address = `unix:${join(directory, 'proxy.sock')}`;
    await proxy.grpc.bind(address);
    const client = createTaskServiceClient(createChannel(address));
    expect((await client.getQueueStats({})).stats!.pendingCount).to.equal(0n);
    client.close();
    await rm(directory, { recursive: true });
  });

  it('refuses to listen on a port that is taken', async () => {
    const door = createServer();
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const taken = `127.0.0.1:${(door.address() as AddressInfo).port}`;
    const error: unknown = await proxy.grpc.bind(taken).catch((reason: unknown) => reason);
    door.close();
    expect(String(error)).to.contain('EADDRINUSE');
  });

  it('survives bytes that are no HTTP', async () => {
    const [host, port] = proxy.channel.address.split(':');
    const socket = connect(Number(port), host);
    socket.on('error', () => undefined);
    socket.end('this is not HTTP\r\n\r\n');
    await new Promise((resolve) => socket.resume().on('close', resolve));
    expect((await proxy.tasks.getQueueStats({})).stats!.pendingCount).to.equal(0n);
  });
});
