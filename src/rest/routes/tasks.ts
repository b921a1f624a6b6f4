import type { FastifyInstance } from 'fastify';
import {
  CancelTaskRequest,
  GetTaskRequest,
  ListTasksRequest,
  TaskView,
} from '../../../gen/ts/audiosubnet/v1/task_service.js';
import { TaskState, type Task } from '../../../gen/ts/audiosubnet/v1/task.js';
import { readFields } from '../carriers/read-fields.js';
import type { Fields } from '../carriers/fields.js';
import { CALL_MS, type BridgeClients } from '../clients.js';
import { payloadBase64 } from '../content.js';
import { refusedIn } from '../field-names.js';
import { goneSignal } from '../gone-signal.js';
import { STATES } from '../names.js';
import { present } from '../present.js';
import {
  cancelTask,
  deleteTask,
  listTasks,
  readResponses,
  readResult,
  readTask,
  type TaskPath,
} from '../schemas/tasks.js';
import { minerResponsesAnswer } from '../shapes/miner-responses.js';
import { taskRecord } from '../shapes/task-record.js';
import { taskResultAnswer, withoutModel, type TaskResultAnswer } from '../shapes/task-result.js';

const DEFAULT_LIST_LIMIT = 100;
const MAX_LIST_LIMIT = 1_000;

/** What a user may ask of tasks that are there. */
export function addTaskRoutes(app: FastifyInstance, clients: BridgeClients): void {
  app.get('/api/v1/tasks', { schema: listTasks }, async (request, reply) => {
    const tasks = await list(clients, await readFields(request), goneSignal(reply));
    return tasks.map(taskRecord);
  });

  app.get<TaskPath>('/api/v1/tasks/:task_id', { schema: readTask }, (request, reply) =>
    result(clients, request.params.task_id, goneSignal(reply)),
  );

  app.get<TaskPath>('/api/v1/task/:task_id/result', { schema: readResult }, async (request, reply) =>
    withoutModel(await result(clients, request.params.task_id, goneSignal(reply))),
  );

  app.get<TaskPath>('/api/v1/task/:task_id/responses', { schema: readResponses }, async (request, reply) =>
    minerResponsesAnswer(await get(clients, request.params.task_id, goneSignal(reply), TaskView.FULL)),
  );

  app.post<TaskPath>('/api/v1/tasks/:task_id/cancel', { schema: cancelTask }, async (request, reply) => {
    const signal = goneSignal(reply);
    const fields = await readFields(request);
    const reason = fields.text('reason') ?? '';
    fields.check();
    const { task } = await clients.tasks
      .cancelTask(CancelTaskRequest.create({ id: request.params.task_id, reason }), {
        signal,
        deadlineMs: CALL_MS,
      })
      .catch(refusedIn(fields));
    return taskResultAnswer(present(task, 'task'), null);
  });

  app.delete<TaskPath>('/api/v1/tasks/:task_id', { schema: deleteTask }, async (request, reply) => {
    const id = request.params.task_id;
    await clients.tasks.deleteTask({ id }, { signal: goneSignal(reply), deadlineMs: CALL_MS });
    return { success: true, message: 'Task deleted', task_id: id };
  });
}

export async function get(
  clients: BridgeClients,
  id: string,
  signal: AbortSignal,
  view: TaskView = TaskView.BASIC,
): Promise<Task> {
  const { task } = await clients.tasks.getTask(GetTaskRequest.create({ id, view }), {
    signal,
    deadlineMs: CALL_MS,
  });
  return present(task, 'task');
}

async function result(clients: BridgeClients, id: string, signal: AbortSignal): Promise<TaskResultAnswer> {
  const task = await get(clients, id, signal);
  const output = task.result?.output;
  return taskResultAnswer(
    task,
    output === undefined ? null : await payloadBase64(output, { client: clients.content, signal }),
  );
}

/** Newest first; as many pages as the limit needs. */
async function list(clients: BridgeClients, fields: Fields, signal: AbortSignal): Promise<readonly Task[]> {
  const state = fields.choice('status', STATES) ?? TaskState.UNSPECIFIED;
  const limit = Math.min(fields.integer('limit', 1) ?? DEFAULT_LIST_LIMIT, MAX_LIST_LIMIT);
  fields.check();
  const tasks: Task[] = [];
  let pageToken = '';
  do {
    const page = await clients.tasks
      .listTasks(ListTasksRequest.create({ pageSize: limit - tasks.length, pageToken, state }), {
        signal,
        deadlineMs: CALL_MS,
      })
      .catch(refusedIn(fields));
    tasks.push(...page.tasks);
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && tasks.length < limit);
  return tasks.slice(0, limit);
}
