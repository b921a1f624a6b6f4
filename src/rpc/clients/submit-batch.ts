import { SubmitTaskRequest, type SubmitTaskResponse } from '../../../gen/ts/audiosubnet/v1/task_service.js';
import { Refusal } from '../../domain/errors.js';
import { fromRpcStatus } from '../status.js';
import { CallBatch } from './call-batch.js';
import type { TaskServiceClient } from './task-clients.js';

/** Submissions that wait for one another's call go into the next one together. */
export class SubmitBatch {
  readonly #batch;

  /** @param deadlineMs longest time of one call */
  constructor(tasks: Pick<TaskServiceClient, 'batchSubmitTasks'>, deadlineMs: number) {
    this.#batch = new CallBatch({
      call: async (requests: readonly SubmitTaskRequest[], signal) => {
        return (await tasks.batchSubmitTasks({ requests: [...requests] }, { signal, deadlineMs })).results;
      },
      bytesOf: (request) => SubmitTaskRequest.encode(request).finish().byteLength,
      maxItems: 500,
      // Well below what a message may hold.
      maxBytes: 3 * 1024 * 1024,
    });
  }

  /** The signal withdraws this submission alone. @throws Refusal of the call or of this task */
  async submit(request: SubmitTaskRequest, signal: AbortSignal): Promise<SubmitTaskResponse> {
    const { outcome } = await this.#batch.add(request, signal);
    switch (outcome?.$case) {
      case 'submitted':
        return outcome.value;
      case 'error':
        throw fromRpcStatus(outcome.value);
      case undefined:
        throw new Refusal('INTERNAL', 'the proxy answered no outcome of the submission');
    }
  }
}
