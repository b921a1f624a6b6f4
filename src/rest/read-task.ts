import { GetTaskRequest, TaskView } from '../../gen/ts/audiosubnet/v1/task_service.js';
import type { Task } from '../../gen/ts/audiosubnet/v1/task.js';
import type { Clock } from '../runtime/clock.js';
import { awaitEnd } from './await-end.js';
import { CALL_MS, type BridgeClients } from './clients.js';
import { present } from './present.js';

export interface ReadTask {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly view?: TaskView;
}

/** @throws Refusal TASK_NOT_FOUND */
export async function readTask(
  { tasks }: BridgeClients,
  { id, signal, view = TaskView.BASIC }: ReadTask,
): Promise<Task> {
  const { task } = await tasks.getTask(GetTaskRequest.create({ id, view }), { signal, deadlineMs: CALL_MS });
  return present(task, 'task');
}

/** The task as it is, or where seconds are given, when it is final or they are over. @throws Refusal TASK_NOT_FOUND */
export async function readTaskWithin(
  clients: BridgeClients,
  { seconds, clock, ...read }: ReadTask & { readonly seconds: number; readonly clock: Clock },
): Promise<Task> {
  if (seconds === 0) return readTask(clients, read);
  return (await awaitEnd(clients, { ...read, waitMs: seconds * 1000, clock })) ?? readTask(clients, read);
}
