import {
  BatchSubmitTasksRequest,
  BatchSubmitTasksResponse,
  SubmitTaskRequest,
  SubmitTaskResponse,
  TaskServiceService,
} from '../../gen/ts/audiosubnet/v1/task_service.js';
import { LeanCalls } from './lean-calls.js';
import type { Producer } from './life-load.js';

/** Submits over a connection that costs its process as little as can be. */
export function leanProducer(address: string): Producer {
  const calls = new LeanCalls(address);
  const { submitTask, batchSubmitTasks } = TaskServiceService;
  return {
    submitTask: async (request) =>
      SubmitTaskResponse.decode(
        await calls.unary(submitTask.path, SubmitTaskRequest.encode(request).finish()),
      ),
    batchSubmitTasks: async (request) =>
      BatchSubmitTasksResponse.decode(
        await calls.unary(batchSubmitTasks.path, BatchSubmitTasksRequest.encode(request).finish()),
      ),
    close: () => calls.close(),
  };
}
