import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import {
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type handleUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import {
  ContentServiceService,
  type DownloadContentRequest,
  type DownloadContentResponse,
  type UploadContentRequest,
  type UploadContentResponse,
} from '../../gen/ts/audiosubnet/v1/content_service.js';
import { Priority, Task, TaskKind, TaskState, type TaskSpec } from '../../gen/ts/audiosubnet/v1/task.js';
import {
  TaskServiceService,
  type CancelTaskRequest,
  type DeleteTaskRequest,
  type GetTaskRequest,
  type ListTasksRequest,
  type SubmitTaskRequest,
  type WatchTaskRequest,
  type WatchTaskResponse,
} from '../../gen/ts/audiosubnet/v1/task_service.js';
import {
  GetIntegrationInfoResponse,
  ValidatorIntegrationService,
  type ClaimTasksRequest,
  type DescribeTaskRequest,
  type GetMinerRequest,
  type LeasedTask,
  type ListMinersRequest,
  type SettleTasksRequest,
  type SettlementResult,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../../src/domain/errors.js';
import { toRefusal, toRpcStatus, toStatus } from '../../src/rpc/status.js';
import { Watches } from './rest-watches.js';

const LANGUAGES = ['en', 'es', 'fr', 'de'];
const CHUNK = 256 * 1024;
export const NOW = { seconds: 1_755_682_200n, nanos: 123_456_000 };

/** A proxy with the real wire and the least of rules: what REST tests need of the gRPC API. */
export interface RestProxy {
  readonly address: string;
  readonly tasks: Map<string, Task>;
  /** Changes a task and tells those who watch it. */
  change(task: Task): void;
  /** Ends every watch as a proxy that shuts down does. */
  endWatches(): void;
  /** Resolves when so many watches are open. */
  watched(count: number): Promise<void>;
  readonly contents: Map<string, Buffer>;
  /** What the next claim hands out. */
  pending: LeasedTask[];
  info: GetIntegrationInfoResponse;
  /** Bytes above which an upload is refused. */
  maxContentBytes: number;
  /** Size of a page however large a one is asked for. */
  maxPageSize: number;
  /** Errors by method name. */
  readonly refusals: Map<string, Error>;
  /** Errors of single settlements by task. */
  readonly settleRefusals: Map<string, Refusal>;
  /** Requests by method name, in order. */
  readonly requests: { readonly method: string; readonly request: unknown }[];
  /** Uploads that ended without being stored. */
  cutUploads: number;
  /** Resolves when the next call is cancelled by its caller. */
  cancelled(): Promise<void>;
  /** While set, unary calls are answered by `release` only. */
  hold: boolean;
  release(): void;
  /** While set, uploads are opened and then not read. */
  stalled: boolean;
  /** Resolves when the next call arrived. */
  called(): Promise<void>;
  /** Serves gRPC on a connection that somebody else accepted. */
  readonly inject: (connection: Duplex) => void;
  close(): void;
}

export async function startRestProxy(): Promise<RestProxy> {
  const server = new Server();
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const held: (() => void)[] = [];
  const waiting = { cancelled: [] as (() => void)[], called: [] as (() => void)[] };
  const watches = new Watches();
  const state: Omit<RestProxy, 'address'> = {
    tasks: new Map(),
    change: (task) => {
      state.tasks.set(task.id, task);
      watches.tell(task);
    },
    endWatches: () => {
      watches.end();
    },
    watched: (count) => watches.reached(count),
    contents: new Map(),
    pending: [],
    info: GetIntegrationInfoResponse.create(),
    maxContentBytes: 50 * 1024 * 1024,
    maxPageSize: 1_000,
    refusals: new Map(),
    settleRefusals: new Map(),
    requests: [],
    cutUploads: 0,
    hold: false,
    release: () => {
      for (const answer of held.splice(0)) answer();
    },
    stalled: false,
    cancelled: () => new Promise((resolve) => waiting.cancelled.push(resolve)),
    called: () => new Promise((resolve) => waiting.called.push(resolve)),
    inject: (connection) => {
      injector.injectConnection(connection);
    },
    close: () => {
      server.forceShutdown();
    },
  };
  const arrived = (method: string, request: unknown) => {
    state.requests.push({ method, request });
    for (const resolve of waiting.called.splice(0)) resolve();
    const refusal = state.refusals.get(method);
    if (refusal !== undefined) throw refusal;
  };
  const left = () => {
    for (const resolve of waiting.cancelled.splice(0)) resolve();
  };
  const answering =
    <Request, Response>(
      method: string,
      answer: (request: Request) => Response,
    ): handleUnaryCall<Request, Response> =>
    (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
      call.on('cancelled', left);
      try {
        arrived(method, call.request);
        const reply = () => {
          callback(null, answer(call.request));
        };
        if (state.hold) held.push(reply);
        else reply();
      } catch (error) {
        callback(toStatus(error));
      }
    };
  const find = (id: string): Task => {
    const task = state.tasks.get(id);
    if (task === undefined) throw new Refusal('TASK_NOT_FOUND', `no task ${id}`);
    return task;
  };
  const unimplemented = () => undefined;

  server.addService(TaskServiceService, {
    submitTask: answering('submitTask', ({ requestId, task }: SubmitTaskRequest) =>
      submit(state, requestId, task!),
    ),
    getTask: answering('getTask', ({ id }: GetTaskRequest) => ({ task: find(id) })),
    listTasks: answering('listTasks', (request: ListTasksRequest) => list(state, request)),
    cancelTask: answering('cancelTask', ({ id, reason }: CancelTaskRequest) => {
      const task = { ...find(id), state: TaskState.CANCELLED, cancelReason: reason, endTime: NOW };
      state.tasks.set(id, task);
      return { task };
    }),
    deleteTask: answering('deleteTask', ({ id }: DeleteTaskRequest) => {
      find(id);
      state.tasks.delete(id);
      return {};
    }),
    batchSubmitTasks: unimplemented,
    watchTask: (call: ServerWritableStream<WatchTaskRequest, WatchTaskResponse>) => {
      call.on('cancelled', left);
      try {
        arrived('watchTask', call.request);
        watches.open(call, find);
      } catch (error) {
        call.emit('error', toStatus(error));
      }
    },
    getQueueStats: unimplemented,
  });
  server.addService(ContentServiceService, {
    getUpload: unimplemented,
    uploadContent: (
      call: ServerReadableStream<UploadContentRequest, UploadContentResponse>,
      callback: sendUnaryData<UploadContentResponse>,
    ) => {
      receive(state, call, { callback, arrived, left });
    },
    downloadContent: (call: ServerWritableStream<DownloadContentRequest, DownloadContentResponse>) => {
      call.on('cancelled', left);
      try {
        arrived('downloadContent', call.request);
        const bytes = state.contents.get(call.request.sha256);
        if (bytes === undefined) throw new Refusal('CONTENT_NOT_FOUND', 'no such content');
        for (let offset = 0; offset < bytes.length; offset += CHUNK) {
          const data = bytes.subarray(offset, offset + CHUNK);
          call.write({ offset: BigInt(offset), data, totalBytes: BigInt(bytes.length) });
        }
        call.end();
      } catch (error) {
        call.emit('error', toStatus(error));
      }
    },
  });
  server.addService(ValidatorIntegrationService, {
    getIntegrationInfo: answering('getIntegrationInfo', () => state.info),
    claimTasks: answering('claimTasks', (_request: ClaimTasksRequest) => ({
      sessionId: '',
      tasks: state.pending.splice(0),
    })),
    settleTasks: answering('settleTasks', ({ settlements }: SettleTasksRequest) => ({
      results: settlements.map(({ taskId }): SettlementResult => {
        const refusal = state.settleRefusals.get(taskId);
        return { taskId, error: refusal && toRpcStatus(refusal), state: TaskState.COMPLETED };
      }),
    })),
    watchPendingTasks: unimplemented,
    extendLeases: unimplemented,
    reportMiners: unimplemented,
    listMiners: answering('listMiners', ({ pageSize }: ListMinersRequest) => ({
      miners: state.info.miners.slice(0, pageSize || undefined),
      nextPageToken: 'next',
    })),
    getMiner: answering('getMiner', ({ hotkey }: GetMinerRequest) => {
      const miner = state.info.miners.find((candidate) => candidate.hotkey === hotkey);
      if (miner === undefined) throw new Refusal('MINER_NOT_FOUND', `no miner ${hotkey}`);
      return { miner };
    }),
    describeTask: answering('describeTask', ({ taskId: id }: DescribeTaskRequest) => ({
      kind: find(id).kind,
    })),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return Object.assign(state, { address: `127.0.0.1:${port}` });
}

const KINDS = {
  transcription: TaskKind.TRANSCRIPTION,
  tts: TaskKind.TTS,
  summarization: TaskKind.SUMMARIZATION,
} as const;

/** Content-addressed ids: the same request id, or without one the same number of tasks, gives the same id. */
function submit(state: Pick<RestProxy, 'tasks' | 'contents'>, requestId: string, spec: TaskSpec) {
  check(state, spec);
  const id = taskId(requestId === '' ? String(state.tasks.size) : requestId);
  const before = state.tasks.get(id);
  if (before !== undefined) return { task: before, deduplicated: true };
  const kind = KINDS[spec.kind!.$case];
  const task = Task.fromPartial({
    id,
    kind,
    language: spec.language,
    priority: spec.priority === Priority.UNSPECIFIED ? Priority.NORMAL : spec.priority,
    state: TaskState.PENDING,
    createTime: NOW,
    queueTime: NOW,
    callbackUrl: spec.callbackUrl,
  });
  state.tasks.set(id, task);
  return { task, deduplicated: false };
}

function check({ contents }: Pick<RestProxy, 'contents'>, { kind, language }: TaskSpec): void {
  if (!LANGUAGES.includes(language)) throw Refusal.field('task.language', 'value must be in list');
  if (kind?.$case === 'transcription') {
    const { audio } = kind.value;
    if (audio?.$case === 'inlineAudio' && audio.value.length === 0) {
      throw Refusal.field('task.transcription.inline_audio', 'value must be at least 1 byte');
    }
    if (audio?.$case === 'content' && !contents.has(audio.value.sha256)) {
      throw new Refusal('CONTENT_MISSING', 'no such content');
    }
  } else if (kind !== undefined && kind.value.text.trim().length < (kind.$case === 'tts' ? 1 : 10)) {
    throw Refusal.field(`task.${kind.$case}.text`, 'value is too short');
  }
}

function taskId(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return `0198c5a0-0000-7000-8000-${hex.slice(0, 12)}`;
}

function list({ tasks, maxPageSize }: Pick<RestProxy, 'tasks' | 'maxPageSize'>, request: ListTasksRequest) {
  const all = [...tasks.values()].filter(
    ({ state }) => request.state === TaskState.UNSPECIFIED || state === request.state,
  );
  const start = Number(request.pageToken || '0');
  const end = start + Math.min(request.pageSize, maxPageSize);
  return { tasks: all.slice(start, end), nextPageToken: end < all.length ? String(end) : '' };
}

interface Receiving {
  readonly callback: sendUnaryData<UploadContentResponse>;
  readonly arrived: (method: string, request: unknown) => void;
  readonly left: () => void;
}

function receive(
  state: Omit<RestProxy, 'address'>,
  call: ServerReadableStream<UploadContentRequest, UploadContentResponse>,
  { callback, arrived, left }: Receiving,
): void {
  const chunks: Buffer[] = [];
  let received = 0;
  let over = false;
  const end = (answer: () => void) => {
    if (over) return;
    over = true;
    answer();
  };
  const refuse = (refusal: Refusal) => {
    end(() => {
      chunks.length = 0;
      callback(toStatus(refusal));
    });
  };
  call.on('cancelled', () => {
    end(() => (state.cutUploads += 1));
    left();
  });
  call.on('error', () => undefined);
  if (state.stalled) {
    arrived('uploadContent', undefined);
    return;
  }
  call.on('data', ({ part }: UploadContentRequest) => {
    if (over) return;
    if (part?.$case === 'header') {
      try {
        arrived('uploadContent', part.value);
      } catch (error) {
        refuse(toRefusal(error));
      }
    } else if (part?.$case === 'chunk') {
      received += part.value.length;
      if (received > state.maxContentBytes) {
        refuse(tooLarge(state.maxContentBytes));
      } else chunks.push(part.value);
    } else {
      end(() => {
        const bytes = Buffer.concat(chunks);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        state.contents.set(sha256, bytes);
        callback(null, { content: { sha256, sizeBytes: BigInt(bytes.length) } });
      });
    }
  });
}

function tooLarge(limit: number): Refusal {
  return new Refusal(
    'CONTENT_TOO_LARGE',
    `the content is above ${limit} bytes, the limit of --max_audio_bytes`,
    {
      metadata: { limit_bytes: String(limit), setting: '--max_audio_bytes' },
    },
  );
}
