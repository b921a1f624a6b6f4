import { randomUUID } from 'node:crypto';
import type { BatchSubmitTasksResult, SubmitTaskRequest } from '../../gen/ts/audiosubnet/v1/task_service.js';
import type { Task } from '../../gen/ts/audiosubnet/v1/task.js';
import { SubmitTaskRequest as Submission } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { ANONYMOUS, type TaskId } from '../../src/domain/ids.js';
import { isFinal } from '../../src/domain/task.js';
import { createTaskServiceClient, type TaskServiceClient } from '../../src/rpc/clients/task-clients.js';
import { stateFromProto } from '../../src/rpc/convert/enums.js';
import { fromRpcStatus } from '../../src/rpc/status.js';
import { chaosChannel, patient, pause } from './chaos-channel.js';
import { digestOf } from './history-lines.js';
import { nowMs, type End, type History } from './history.js';
import { outcomeOf } from './outcome-of.js';

/** Of one round. */
const BATCHES = 6;
const BATCH_SIZE = 16;
const SINGLES = 12;
/** A break between two tries of a call whose outcome is unknown. */
const RETRY_MS = 30;
const WATCH_MS = 4_000;
/** Above the size that is kept inline. */
const LARGE_BYTES = 70_000;

/** Nobody listens there: what is checked is that each end is announced, by what the store holds. */
const NOBODYS_URL = 'http://127.0.0.1:9/';

export interface UsersOptions {
  readonly address: string;
  readonly history: History;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Clients that submit, cancel and watch until the proxy has answered. */
export class Users {
  readonly #client: TaskServiceClient;
  readonly #history: History;
  readonly #random: () => number;
  /** What goes on beside the submissions: cancellations, reads, watches. */
  readonly #aside = new Set<Promise<void>>();
  /** Why something of it could not go on. */
  #failure: Error | undefined;

  constructor({ address, history, random }: UsersOptions) {
    this.#client = createTaskServiceClient(chaosChannel(address));
    this.#history = history;
    this.#random = random;
  }

  /** Spreads submissions over a time; resolves when each was answered. */
  async submitFor(durationMs: number): Promise<void> {
    const sent: Promise<void>[] = [];
    const later = async (work: () => Promise<void>) => {
      await pause(this.#random() * durationMs);
      await work();
    };
    for (let i = 0; i < BATCHES; i++)
      sent.push(later(() => this.#submitBatch(Array.from({ length: BATCH_SIZE }, () => this.#submission()))));
    for (let i = 0; i < SINGLES; i++) sent.push(later(() => this.#submitOne(this.#submission())));
    await Promise.all(sent);
  }

  /** Resolves when every watcher has seen the end of its task. */
  async idle(): Promise<void> {
    while (this.#aside.size > 0) await Promise.all(this.#aside);
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    this.#client.close();
  }

  #submission(): SubmitTaskRequest {
    const requestId = randomUUID();
    const text = `A text that belongs to request ${requestId} alone. `;
    const times = this.#random() < 0.01 ? Math.ceil(LARGE_BYTES / text.length) : 1;
    const summarization = { text: text.repeat(times), maxSentences: 0 };
    return Submission.fromPartial({
      requestId,
      task: {
        kind: { $case: 'summarization', value: summarization },
        language: 'en',
        maxAttempts: 10,
        callbackUrl: this.#random() < 0.2 ? NOBODYS_URL : '',
      },
    });
  }

  async #submitBatch(requests: readonly SubmitTaskRequest[]): Promise<void> {
    let left = requests;
    while (left.length > 0) {
      const ends = left.map((request) => this.#begin(request));
      const startMs = nowMs();
      try {
        const { results } = await this.#client.batchSubmitTasks({ requests: [...left] }, patient());
        results.forEach((result, place) => {
          const end = ends[place];
          if (end !== undefined) this.#endOf(end, result, startMs);
        });
        return;
      } catch (error) {
        const outcome = outcomeOf(error);
        for (const end of ends) end(outcome);
        if (outcome.kind === 'refused') throw error;
        // The retry comes in another company, as the retry of a client that lost its batch may.
        left = [...left].reverse();
        await pause(RETRY_MS);
      }
    }
  }

  async #submitOne(request: SubmitTaskRequest): Promise<void> {
    const twin = this.#random() < 0.1 ? this.#submitUntilAnswered(request) : undefined;
    await Promise.all([twin, this.#submitUntilAnswered(request)]);
    if (this.#random() < 0.1) await this.#submitUntilAnswered(withOtherText(request));
  }

  async #submitUntilAnswered(request: SubmitTaskRequest): Promise<void> {
    for (;;) {
      const end = this.#begin(request);
      const startMs = nowMs();
      try {
        const { task, deduplicated } = await this.#client.submitTask(request, patient());
        this.#endOf(end, { outcome: { $case: 'submitted', value: { task, deduplicated } } }, startMs);
        return;
      } catch (error) {
        const outcome = outcomeOf(error);
        end(outcome);
        if (outcome.kind === 'refused') return;
        await pause(RETRY_MS);
      }
    }
  }

  #begin({ requestId, task }: SubmitTaskRequest): End<'submit'> {
    const text = task?.kind?.$case === 'summarization' ? task.kind.value.text : '';
    const call = {
      kind: 'submit',
      client: 'user',
      owner: ANONYMOUS,
      requestId,
      digest: digestOf(text),
    } as const;
    return this.#history.begin(call);
  }

  #endOf(end: End<'submit'>, { outcome }: BatchSubmitTasksResult, startMs: number): void {
    if (outcome?.$case === 'error') {
      end(outcomeOf(fromRpcStatus(outcome.value)));
      return;
    }
    const task = outcome?.value.task;
    if (outcome === undefined || task === undefined)
      throw new Error('a submission was answered with nothing');
    const taskId = task.id as TaskId;
    end({ kind: 'ok', taskId, deduplicated: outcome.value.deduplicated });
    this.#observe(task, { client: 'submitter', startMs });
    this.#follow(taskId);
  }

  /** Some tasks are looked after once they are acknowledged. */
  #follow(taskId: TaskId): void {
    const lot = this.#random();
    if (lot < 0.05) this.#goOn(this.#cancel(taskId));
    else if (lot < 0.1) this.#goOn(this.#watch(taskId));
    else if (lot < 0.15) this.#goOn(this.#read(taskId));
  }

  #goOn(work: Promise<void>): void {
    const ended = work
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.#aside.delete(ended));
    this.#aside.add(ended);
  }

  async #cancel(taskId: TaskId): Promise<void> {
    await pause(this.#random() * 300);
    for (;;) {
      const end = this.#history.begin({ kind: 'cancel', client: 'user', taskId });
      const startMs = nowMs();
      try {
        const { task } = await this.#client.cancelTask({ id: taskId, reason: 'chaos' }, patient());
        end({ kind: 'ok' });
        if (task !== undefined) this.#observe(task, { client: 'canceller', startMs });
        return;
      } catch (error) {
        const outcome = outcomeOf(error);
        end(outcome);
        if (outcome.kind === 'refused') return;
        await pause(RETRY_MS);
      }
    }
  }

  async #read(taskId: TaskId): Promise<void> {
    for (let i = 0; i < 5; i++) {
      await pause(this.#random() * 200);
      const startMs = nowMs();
      try {
        const { task } = await this.#client.getTask({ id: taskId, view: 0 }, patient());
        if (task !== undefined) this.#observe(task, { client: 'reader', startMs });
      } catch (error) {
        outcomeOf(error);
      }
    }
  }

  /** Watches until the end of the task, resuming after each break. */
  async #watch(taskId: TaskId): Promise<void> {
    let afterRevision = 0;
    for (;;) {
      const watch = randomUUID();
      const end = this.#history.begin({ kind: 'watch', client: 'watcher', watch, taskId, afterRevision });
      const startMs = nowMs();
      try {
        const request = { id: taskId, afterRevision: BigInt(afterRevision) };
        let final = false;
        for await (const { task } of this.#client.watchTask(request, patient(WATCH_MS))) {
          if (task === undefined) continue;
          this.#observe(task, { client: 'watcher', startMs, watch });
          afterRevision = Number(task.revision);
          final = isFinal(stateFromProto(task.state) ?? 'pending');
        }
        end({ kind: 'ok' });
        if (final) return;
      } catch (error) {
        const outcome = outcomeOf(error);
        end(outcome);
        if (outcome.kind === 'refused') return;
      }
      await pause(RETRY_MS);
    }
  }

  #observe(
    task: Task,
    by: { readonly client: string; readonly startMs: number; readonly watch?: string },
  ): void {
    const state = stateFromProto(task.state);
    if (state === undefined) throw new Error(`task ${task.id} was shown without a state`);
    const output = task.result?.output;
    this.#history.observed({
      ...by,
      taskId: task.id as TaskId,
      revision: Number(task.revision),
      state,
      ...(output?.$case === 'text' && { digest: digestOf(output.value) }),
    });
  }
}

/** The same request id with another body, which must be refused. */
function withOtherText(request: SubmitTaskRequest): SubmitTaskRequest {
  const value = { text: `Another text for request ${request.requestId}.`, maxSentences: 0 };
  const kind = { $case: 'summarization', value } as const;
  return Submission.fromPartial({ ...request, task: { ...request.task, kind } });
}
