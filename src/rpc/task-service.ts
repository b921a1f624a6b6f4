import type { TaskServiceService } from '../../gen/ts/audiosubnet/v1/task_service.js';
import {
  TaskView,
  type BatchSubmitTasksResult,
  type ListTasksRequest,
  type ListTasksResponse,
  type SubmitTaskRequest,
  type SubmitTaskResponse,
} from '../../gen/ts/audiosubnet/v1/task_service.js';
import { Task as ProtoTask } from '../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../domain/errors.js';
import type { Owner, TaskId } from '../domain/ids.js';
import { payloadBytes } from '../domain/task.js';
import type { ContentStore } from '../queue/content-store.js';
import type { Queue, SubmitRequest, Submitted } from '../queue/queue.js';
import type { ListPage, ListQuery } from '../queue/task-store.js';
import type { Handlers } from './call.js';
import { defined } from './convert/defined.js';
import { kindFromProto, stateFromProto } from './convert/enums.js';
import { queueStatsToProto } from './convert/queue.js';
import { specFromProto } from './convert/task-spec.js';
import { taskToProto } from './convert/task.js';
import { refusalOr } from './refusal-or.js';
import { readPageToken, writePageToken } from './page-token.js';
import { toRpcStatus } from './status.js';
import { isSmall, storedPayload } from './stored-payload.js';

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1_000;
/** Encoded tasks above which a page ends early; results of up to 64 KiB each are part of it. */
const MAX_PAGE_BYTES = 3 * 1024 * 1024;

export interface TaskServiceDeps {
  readonly queue: Queue;
  readonly content: ContentStore;
}

/** The field whose items are refused one by one. */
export const TASK_SERVICE_BATCHES = { batchSubmitTasks: 'requests' } as const;

export function createTaskService({ queue, content }: TaskServiceDeps): Handlers<typeof TaskServiceService> {
  return {
    async submitTask(request, { caller }) {
      const read = submission(content, caller.owner, request);
      const [outcome] = await queue.submit([read instanceof Promise ? await read : read]);
      if (outcome === undefined) throw new Error('the queue gave no outcome');
      if (outcome instanceof Refusal) throw outcome;
      return submittedToProto(queue, outcome);
    },

    async batchSubmitTasks({ requests }, { caller, itemRefusals }) {
      const items: (SubmitRequest | Refusal)[] = [];
      for (const [index, request] of requests.entries()) {
        const item = itemRefusals.get(index) ?? refusalOr(() => submission(content, caller.owner, request));
        items.push(item instanceof Promise ? await item : item);
      }
      const valid = items.filter((item): item is SubmitRequest => !(item instanceof Refusal));
      const outcomes = (await queue.submit(valid)).values();
      return {
        results: items.map((item) =>
          batchResult(queue, item instanceof Refusal ? item : outcomes.next().value),
        ),
      };
    },

    async getTask({ id, view }, { caller }) {
      const task = await queue.get({
        owner: caller.owner,
        id: id as TaskId,
        view: view === TaskView.FULL ? 'full' : 'basic',
        place: true,
      });
      return { task: taskToProto(task, queue.endsInMs(task)) };
    },

    listTasks: (request, { caller }) => listTasks(queue, caller.owner, request),

    async cancelTask({ id, reason }, { caller }) {
      return { task: taskToProto(await queue.cancel({ owner: caller.owner, id: id as TaskId, reason })) };
    },

    async deleteTask({ id }, { caller }) {
      await queue.erase({ owner: caller.owner, id: id as TaskId });
      return {};
    },

    async watchTask({ id, afterRevision }, sink, { caller, signal }) {
      const tasks = queue.watch({
        owner: caller.owner,
        id: id as TaskId,
        afterRevision: Number(afterRevision),
        signal,
      });
      for await (const task of tasks) await sink.write({ task: taskToProto(task, queue.endsInMs(task)) });
    },

    async getQueueStats() {
      return { stats: queueStatsToProto(await queue.stats()) };
    },
  };
}

/** A submission as the queue takes it, but for a large payload. @throws Refusal INVALID_FIELD */
function readSubmission(owner: Owner, { task, requestId }: SubmitTaskRequest): SubmitRequest {
  const spec = task && specFromProto(task);
  if (spec === undefined) throw Refusal.field('task', 'value is required');
  // Added to what was just made for this: copying it costs a call 1 us.
  return Object.assign(spec, requestId === '' ? { owner } : { owner, requestId });
}

/** A promise only where the payload has to be looked for or stored: waiting costs each call. */
function submission(
  content: ContentStore,
  owner: Owner,
  request: SubmitTaskRequest,
): SubmitRequest | Promise<SubmitRequest> {
  const read = readSubmission(owner, request);
  return isSmall(read.input.payload) ? read : withStoredPayload(content, read);
}

async function withStoredPayload(content: ContentStore, request: SubmitRequest): Promise<SubmitRequest> {
  const payload = await storedPayload(content, request.owner, request.input.payload);
  return { ...request, input: { ...request.input, payload, payloadBytes: payloadBytes(payload) } };
}

function submittedToProto(queue: Queue, { task, deduplicated }: Submitted): SubmitTaskResponse {
  return { task: taskToProto(task, queue.endsInMs(task)), deduplicated };
}

function batchResult(queue: Queue, outcome: Submitted | Refusal | undefined): BatchSubmitTasksResult {
  if (outcome === undefined) throw new Error('the queue gave too few outcomes');
  return outcome instanceof Refusal
    ? { outcome: { $case: 'error', value: toRpcStatus(outcome) } }
    : { outcome: { $case: 'submitted', value: submittedToProto(queue, outcome) } };
}

async function listTasks(queue: Queue, owner: Owner, request: ListTasksRequest): Promise<ListTasksResponse> {
  const filter = `${request.state}/${request.kind}`;
  const query: ListQuery = {
    owner,
    limit: Math.min(request.pageSize === 0 ? DEFAULT_PAGE_SIZE : request.pageSize, MAX_PAGE_SIZE),
    ...defined({
      state: stateFromProto(request.state),
      kind: kindFromProto(request.kind),
      after: request.pageToken === '' ? undefined : readPageToken(request.pageToken, filter).after,
    }),
  };
  const { tasks, next } = await boundedPage(queue, query);
  return {
    tasks,
    nextPageToken: next === undefined ? '' : writePageToken({ after: next, filter }),
  };
}

interface ProtoPage {
  readonly tasks: ProtoTask[];
  readonly next: ListPage['next'];
}

/** A page that fits into a message; where it has to end early it is read again with that limit. */
async function boundedPage(queue: Queue, query: ListQuery): Promise<ProtoPage> {
  const page = await queue.list(query);
  const tasks = page.tasks.map((task) => taskToProto(task));
  const fitting = countFitting(tasks);
  if (fitting === tasks.length) return { tasks, next: page.next };
  const shorter = await queue.list({ ...query, limit: fitting });
  return { tasks: shorter.tasks.map((task) => taskToProto(task)), next: shorter.next };
}

function countFitting(tasks: readonly ProtoTask[]): number {
  let bytes = 0;
  const above = tasks.findIndex(
    (task) => (bytes += ProtoTask.encode(task).finish().byteLength) > MAX_PAGE_BYTES,
  );
  return above === -1 ? tasks.length : Math.max(1, above);
}
