import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import {
  credentials,
  makeClientConstructor,
  Metadata,
  Server,
  ServerCredentials,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { SettleTasksRequest, type LeasedTask } from '../../gen/ts/audiosubnet/v1/validator_integration.js';
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
/** A server that has just started still runs unoptimized code. */
const WARM_UP = 700;
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

/** One way from a request to the event that it causes. */
interface Path {
  send(): void;
  onEvent(listener: () => void): void;
  /** Ends what the request began; not part of the time. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

async function once(path: Path): Promise<number> {
  const event = new Promise<void>((resolve) => {
    path.onEvent(resolve);
  });
  const start = performance.now();
  path.send();
  await event;
  const time = performance.now() - start;
  await path.settle();
  return time;
}

/** Takes the paths in turn, so that what else the machine does meets all of them alike. */
async function measure(paths: readonly Path[]): Promise<readonly Figures[]> {
  const times: number[][] = paths.map(() => []);
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    for (const [place, path] of paths.entries()) {
      times[place]?.push(await once(path));
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  }
  return times.map(figures);
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
      call.sendMetadata(new Metadata());
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

async function echoPath(): Promise<Path> {
  const child = fork(new URL(import.meta.url).pathname, ['echo']);
  const port = await new Promise<number>((resolve) => {
    child.once('message', (message) => {
      resolve(message as number);
    });
  });
  const Client = makeClientConstructor(ECHO, 'bench.Echo');
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const request = Buffer.from(SubmitTaskRequest.encode(submission()).finish());
  const stream = client.makeServerStreamRequest(ECHO.watch.path, identity, identity, Buffer.alloc(0));
  stream.on('error', () => undefined);
  await new Promise((resolve) => stream.once('metadata', resolve));
  let listener: () => void = () => undefined;
  stream.on('data', () => {
    listener();
  });
  return {
    send: () => {
      client.makeUnaryRequest(ECHO.send.path, identity, identity, request, () => undefined);
    },
    onEvent: (heard) => {
      listener = heard;
    },
    settle: () => Promise.resolve(),
    close: () => {
      stream.cancel();
      client.close();
      child.kill();
      return Promise.resolve();
    },
  };
}

function submission(): SubmitTaskRequest {
  return SubmitTaskRequest.fromPartial({
    task: { kind: { $case: 'summarization', value: { text: TEXT } }, language: 'en' },
  });
}

async function deliveryPath(): Promise<Path> {
  const installation = await Installation.create(1);
  await installation.startProxy();
  const channel = createChannel(`127.0.0.1:${installation.ports.grpc}`);
  const tasks = createTaskServiceClient(channel);
  const validators = createValidatorIntegrationClient(channel);
  const stop = new AbortController();
  let listener: () => void = () => undefined;
  let assigned: readonly LeasedTask[] = [];
  await new Promise<void>((opened) => {
    const read = async () => {
      const request = { sessionId: '', validatorHotkey: 'bench', maxInFlight: 1_000, kinds: [] };
      for await (const { event } of validators.watchPendingTasks(request, { signal: stop.signal })) {
        if (event?.$case === 'sessionStarted') opened();
        if (event?.$case !== 'tasksAssigned') continue;
        assigned = event.value.tasks;
        listener();
      }
    };
    read().catch(() => undefined);
  });
  return {
    send: () => void tasks.submitTask(submission(), {}),
    onEvent: (heard) => {
      listener = heard;
    },
    settle: async () => {
      const result = { output: { $case: 'text', value: 'done' } } as const;
      const settlements = assigned.map(({ taskId, leaseToken }) => ({
        taskId,
        leaseToken,
        outcome: { $case: 'completed', value: { result } } as const,
      }));
      await validators.settleTasks(SettleTasksRequest.fromPartial({ settlements }), {});
    },
    close: async () => {
      stop.abort();
      tasks.close();
      validators.close();
      await installation.dispose();
    },
  };
}

if (process.argv[2] === 'echo') await serveEcho();
else {
  const paths = [await echoPath(), await deliveryPath()];
  const [echo, delivery] = await measure(paths);
  await Promise.all(paths.map((path) => path.close()));
  const report = {
    case: 'delivery: SubmitTask to the event on an idle stream, 1 KiB, durable',
    node: process.version,
    machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    bare_echo: echo,
    delivery,
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}
