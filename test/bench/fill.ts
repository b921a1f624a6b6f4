import type { TaskServiceClient } from '../../src/rpc/clients/task-clients.js';
import { submission } from './task.js';

/** Tasks of one BatchSubmitTasks, the most there may be. */
const BATCH = 500;
const CALLS = 3;

/** Submits that many tasks. @returns their ids, in no order */
export async function fill(client: TaskServiceClient, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  const request = submission();
  let left = count;
  const submit = async () => {
    while (left > 0) {
      const size = Math.min(BATCH, left);
      left -= size;
      const { results } = await client.batchSubmitTasks({
        requests: Array.from({ length: size }, () => request),
      });
      for (const { outcome } of results) {
        if (outcome?.$case !== 'submitted') throw new Error(`a task was refused: ${outcome?.value.message}`);
        ids.push(outcome.value.task?.id ?? '');
      }
    }
  };
  await Promise.all(Array.from({ length: CALLS }, submit));
  return ids;
}
