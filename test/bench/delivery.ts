import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import {
  credentials,
  makeClientConstructor,
  Server,
  ServerCredentials,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import type { WatchPendingTasksResponse } from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { createChannel } from '../../src/rpc/clients/channel.js';
import {
  createTaskServiceClient,
  createValidatorIntegrationClient,
} from '../../src/rpc/clients/task-clients.js';
import { Installation } from '../support/installation.js';

/**
 * From the SubmitTask call to the event on an idle validator's stream, on one clock, beside a bare echo:
 * a grpc-js server that writes each unary request to a stream at once. Tasks of 1 KiB, one at a time.
 */
const ROUNDS = 300;
const WARM_UP = 50;
const TEXT = 'word '.repeat(204);

interface Figures {
  readonly p50_ms: number;
  readonly p99_ms: number;
}

function figures(times: readonly number[]): Figures {
  const sorted = [...times].slice(WARM_UP).sort((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(3));
  return { p50_ms: at(0.5), p99_ms: at(0.99) };
}

/** Times from each call of `send` to the event that it causes. */
async function measure(send: () => void, onEvent: (listener: () => void) => void): Promise<Figures> {
  const times: number[] = [];
  let arrived: () => void = () => undefined;
  onEvent(() => {
    arrived();
  });
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    const event = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const start = performance.now();
    send();
    await event;
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  return figures(times);
}

const identity = (bytes: Buffer) => bytes;
const ECHO = {
  send: {
    path: '/bench.Echo/Send',
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  },
  watch: {
    path: '/bench.Echo/Watch',
    requestStream: false,
    responseStream: true,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  },
} as const;

/** The echo runs in a process of its own, as the proxy does. */
async function serveEcho(): Promise<void> {
  const server = new Server();
  let watcher: ServerWritableStream<Buffer, Buffer> | undefined;
  server.addService(ECHO, {
    send: (call: { request: Buffer }, callback: (error: null, bytes: Buffer) => void) => {
      watcher?.write(call.request);
      callback(null, Buffer.alloc(0));
    },
    watch: (call: ServerWritableStream<Buffer, Buffer>) => {
      watcher = call;
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  process.send?.(port);
}

async function bareEcho(): Promise<Figures> {
  const child = fork(new URL(import.meta.url).pathname, ['echo']);
  const port = await new Promise<number>((resolve) =>
    child.once('message', (message) => resolve(message as number)),
  );
  const Client = makeClientConstructor(ECHO, 'bench.Echo');
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const request = Buffer.from(SubmitTaskRequest.encode(submission()).finish());
  const stream = client.makeServerStreamRequest(ECHO.watch.path, identity, identity, Buffer.alloc(0));
  stream.on('error', () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const result = await measure(
    () => client.makeUnaryRequest(ECHO.send.path, identity, identity, request, () => undefined),
    (listener) => stream.on('data', listener),
  );
  stream.cancel();
  client.close();
  child.kill();
  return result;
}

function submission(): SubmitTaskRequest {
  return SubmitTaskRequest.fromPartial({
    task: { kind: { $case: 'summarization', value: { text: TEXT } }, language: 'en' },
  });
}

async function delivery(): Promise<Figures> {
  const installation = await Installation.create(1);
  await installation.startProxy();
  const channel = createChannel(`127.0.0.1:${installation.ports.grpc}`);
  const tasks = createTaskServiceClient(channel);
  const validators = createValidatorIntegrationClient(channel);
  const stop = new AbortController();
  let listener: (event: WatchPendingTasksResponse) => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    void (async () => {
      const request = { sessionId: '', validatorHotkey: 'bench', maxInFlight: 1_000, kinds: [] };
      for await (const event of validators.watchPendingTasks(request, { signal: stop.signal })) {
        if (event.event?.$case === 'sessionStarted') resolve();
        listener(event);
      }
    })().catch(() => undefined);
  });
  await opened;
  const result = await measure(
    () => void tasks.submitTask(submission(), {}),
    (heard) => {
      listener = ({ event }) => {
        if (event?.$case === 'tasksAssigned') heard();
      };
    },
  );
  stop.abort();
  tasks.close();
  validators.close();
  await installation.dispose();
  return result;
}

if (process.argv[2] === 'echo') await serveEcho();
else {
  const report = {
    case: 'delivery: SubmitTask to the event on an idle stream, 1 KiB, durable',
    node: process.version,
    machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    bare_echo: await bareEcho(),
    delivery: await delivery(),
    bare_echo_again: await bareEcho(),
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}
