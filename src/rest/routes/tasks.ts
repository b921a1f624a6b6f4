import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  CancelTaskRequest,
  ListTasksRequest,
  TaskView,
} from '../../../gen/ts/audiosubnet/v1/task_service.js';
import { TaskState, type Task } from '../../../gen/ts/audiosubnet/v1/task.js';
import type { Clock } from '../../runtime/clock.js';
import { readFields } from '../carriers/read-fields.js';
import type { Fields } from '../carriers/fields.js';
import { CALL_MS, type BridgeClients } from '../clients.js';
import type { ClientsOf } from '../clients-of.js';
import { inlineOutput } from '../content.js';
import { refusedIn } from '../field-names.js';
import { goneSignal } from '../gone-signal.js';
import { STATES } from '../names.js';
import { present } from '../present.js';
import { readTask, readTaskWithin } from '../read-task.js';
import {
  cancelTask,
  deleteTask,
  listTasks,
  readResponses,
  readResult,
  readTask as readTaskSchema,
  type TaskPath,
} from '../schemas/tasks.js';
import { minerResponsesAnswer } from '../shapes/miner-responses.js';
import { taskRecord } from '../shapes/task-record.js';
import { taskResultAnswer, withoutModel, type TaskResultAnswer } from '../shapes/task-result.js';
import { applyPreference, waitOf } from '../wait.js';

const DEFAULT_LIST_LIMIT = 100;
const MAX_LIST_LIMIT = 1_000;

/** What a user may ask of tasks that are there. */
export function addTaskRoutes(app: FastifyInstance, clientsOf: ClientsOf, clock: Clock): void {
  app.get('/api/v1/tasks', { schema: listTasks }, async (request, reply) => {
    const tasks = await list(clientsOf(request), await readFields(request), goneSignal(reply));
    return tasks.map(taskRecord);
  });

  const result = async (
    request: FastifyRequest<TaskPath>,
    reply: FastifyReply,
  ): Promise<TaskResultAnswer> => {
    const signal = goneSignal(reply);
    const fields = await readFields(request);
    const wait = waitOf(request, fields);
    fields.check();
    const { seconds } = wait;
    const clients = clientsOf(request);
    const task = await readTaskWithin(clients, { id: request.params.task_id, seconds, clock, signal });
    applyPreference(reply, wait);
    return answerOf(clients, task, signal);
  };
  app.get<TaskPath>('/api/v1/tasks/:task_id', { schema: readTaskSchema }, result);
  app.get<TaskPath>('/api/v1/task/:task_id/result', { schema: readResult }, async (request, reply) =>
    withoutModel(await result(request, reply)),
  );

  app.get<TaskPath>('/api/v1/task/:task_id/responses', { schema: readResponses }, async (request, reply) =>
    minerResponsesAnswer(
      await readTask(clientsOf(request), {
        id: request.params.task_id,
        signal: goneSignal(reply),
        view: TaskView.FULL,
      }),
    ),
  );

  app.post<TaskPath>('/api/v1/tasks/:task_id/cancel', { schema: cancelTask }, async (request, reply) => {
    const signal = goneSignal(reply);
    const fields = await readFields(request);
    const reason = fields.text('reason') ?? '';
    fields.check();
    const { task } = await clientsOf(request)
      .tasks.cancelTask(CancelTaskRequest.create({ id: request.params.task_id, reason }), {
        signal,
        deadlineMs: CALL_MS,
      })
      .catch(refusedIn(fields));
    return taskResultAnswer(present(task, 'task'));
  });

  app.delete<TaskPath>('/api/v1/tasks/:task_id', { schema: deleteTask }, async (request, reply) => {
    const id = request.params.task_id;
    await clientsOf(request).tasks.deleteTask({ id }, { signal: goneSignal(reply), deadlineMs: CALL_MS });
    return { success: true, message: 'Task deleted', task_id: id };
  });
}

async function answerOf(clients: BridgeClients, task: Task, signal: AbortSignal): Promise<TaskResultAnswer> {
  return taskResultAnswer(task, await inlineOutput(task, { client: clients.content, signal }));
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
