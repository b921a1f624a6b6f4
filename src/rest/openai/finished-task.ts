import type { FastifyReply } from 'fastify';
import {
  CancelTaskRequest,
  SubmitTaskRequest,
  WatchTaskRequest,
} from '../../../gen/ts/audiosubnet/v1/task_service.js';
import { TaskSpec, TaskState, type Task, type TaskResult } from '../../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../../domain/errors.js';
import type { Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import { timedSignal } from '../../runtime/wait.js';
import { CALL_MS, type BridgeClients } from '../clients.js';
import { goneSignal } from '../gone-signal.js';
import { present } from '../present.js';
import { taskFailed } from './task-failed.js';

/** How long a request waits for its task, in the queue and at work. */
export const MAX_WAIT_MS = 3_600_000;

export interface TaskWaiting {
  readonly clients: BridgeClients;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A task with its result. */
export interface FinishedTask {
  readonly id: string;
  readonly result: TaskResult;
}

/** One request that is answered when its task is done. */
export interface Waiter {
  /** Aborts when the client goes away. */
  readonly gone: AbortSignal;
  /** Tells the client which task it waits for, whose scores stand under `/api/v1/tasks/{id}`. */
  readonly nameTask: (id: string) => void;
}

/** Takes a reply to be long in coming: nothing moves on its connection meanwhile. */
export function waiter(reply: FastifyReply): Waiter {
  // A server with a time limit for silent connections asks the answer under way first.
  reply.raw.on('timeout', () => undefined);
  return {
    gone: goneSignal(reply),
    nameTask: (id) => {
      if (!reply.raw.headersSent) void reply.header('x-task-id', id);
    },
  };
}

/**
 * Submits a task and waits for its end. Nobody else asks for it, so it is cancelled when the client goes away or the
 * wait is over.
 *
 * @throws TaskFailed, Refusal
 */
export async function finishedTask(
  { clients: { tasks }, clock, log }: TaskWaiting,
  spec: Pick<TaskSpec, 'kind' | 'language'>,
  { gone, nameTask }: Waiter,
): Promise<FinishedTask> {
  const expireAfter = { seconds: BigInt(MAX_WAIT_MS / 1000), nanos: 0 };
  const request = SubmitTaskRequest.create({ task: TaskSpec.fromPartial({ ...spec, expireAfter }) });
  const timed = timedSignal(clock, MAX_WAIT_MS, gone, waitedTooLong);
  try {
    // Not given up with the client: a submission that was cut off may have made a task all the same.
    const { task } = await tasks.submitTask(request, { deadlineMs: CALL_MS });
    const { id, revision } = present(task, 'task');
    nameTask(id);
    return await watched(tasks, { id, revision }, timed.signal)
      .catch(async (error: unknown) => {
        await cancel(tasks, id, log);
        throw error;
      })
      .then(finished);
  } finally {
    timed.release();
  }
}

/** The task in its final state. */
async function watched(
  tasks: BridgeClients['tasks'],
  { id, revision }: Pick<Task, 'id' | 'revision'>,
  signal: AbortSignal,
): Promise<Task> {
  const request = WatchTaskRequest.create({ id, afterRevision: revision });
  for await (const { task } of tasks.watchTask(request, { signal })) {
    if (task !== undefined && FINAL.has(task.state)) return task;
  }
  throw new Refusal('UNAVAILABLE', 'the proxy ended the wait before the task was done');
}

const FINAL: ReadonlySet<TaskState> = new Set([TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED]);

function finished(task: Task): FinishedTask {
  if (task.result === undefined) throw taskFailed(task);
  return { id: task.id, result: task.result };
}

/** Never rejects: a task that ended meanwhile, or whose proxy is away, is left as it is. */
async function cancel(tasks: BridgeClients['tasks'], id: string, log: Logger): Promise<void> {
  const request = CancelTaskRequest.create({ id, reason: 'Nobody waits for its answer any more' });
  await tasks.cancelTask(request, { deadlineMs: CALL_MS }).catch((error: unknown) => {
    log.debug({ err: error, task_id: id }, 'a task that nobody waits for was not cancelled');
  });
}

function waitedTooLong(): Refusal {
  return new Refusal('DEADLINE_EXCEEDED', `The task was not done within ${MAX_WAIT_MS / 60_000} minutes`);
}
