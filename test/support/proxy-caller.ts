import type { Task } from '../../gen/ts/audiosubnet/v1/task.js';
import { SubmitTaskRequest, TaskView } from '../../gen/ts/audiosubnet/v1/task_service.js';
import {
  ClaimTasksRequest,
  SettleTasksRequest,
  type LeasedTask,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { createChannel } from '../../src/rpc/clients/channel.js';
import type { CallOptions } from '../../src/rpc/clients/promise-call.js';
import {
  createContentServiceClient,
  createTaskServiceClient,
  createValidatorIntegrationClient,
  type ContentServiceClient,
  type TaskServiceClient,
  type ValidatorIntegrationClient,
} from '../../src/rpc/clients/task-clients.js';
import { fromRpcStatus } from '../../src/rpc/status.js';

/** Calls a proxy by gRPC as a user and as a validator, over one connection. */
export class ProxyCaller {
  readonly tasks: TaskServiceClient;
  readonly contents: ContentServiceClient;
  readonly validators: ValidatorIntegrationClient;

  constructor(address: string) {
    const channel = createChannel(address);
    this.tasks = createTaskServiceClient(channel);
    this.contents = createContentServiceClient(channel);
    this.validators = createValidatorIntegrationClient(channel);
  }

  /** @throws Refusal */
  async submit(text: string, options?: CallOptions): Promise<string> {
    const request = SubmitTaskRequest.fromPartial({
      task: { language: 'en', kind: { $case: 'summarization', value: { text } } },
    });
    const { task } = await this.tasks.submitTask(request, options);
    if (task === undefined) throw new Error('no task in the answer');
    return task.id;
  }

  task(id: string): Promise<Task | undefined> {
    return this.tasks.getTask({ id, view: TaskView.FULL }).then(({ task }) => task);
  }

  /** Claims tasks for a session of its own. */
  async claim(
    maxTasks: number,
  ): Promise<{ readonly session: string; readonly leased: readonly LeasedTask[] }> {
    const { sessionId, tasks } = await this.validators.claimTasks(
      ClaimTasksRequest.fromPartial({ validatorHotkey: 'v', maxTasks }),
    );
    return { session: sessionId, leased: tasks };
  }

  /** Completes a task. @throws Refusal */
  async settle({ taskId, leaseToken }: LeasedTask, text: string, options?: CallOptions): Promise<void> {
    const output = { $case: 'text', value: text } as const;
    const outcome = { $case: 'completed', value: { result: { output, mediaType: 'text/plain' } } } as const;
    const request = SettleTasksRequest.fromPartial({ settlements: [{ taskId, leaseToken, outcome }] });
    const { results } = await this.validators.settleTasks(request, options);
    const error = results[0]?.error;
    if (error !== undefined) throw fromRpcStatus(error);
  }

  close(): void {
    for (const client of [this.tasks, this.contents, this.validators]) client.close();
  }
}
