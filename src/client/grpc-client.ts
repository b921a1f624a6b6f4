import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import {
  CancelTaskRequest,
  GetTaskRequest,
  ListTasksRequest,
} from '../../gen/ts/audiosubnet/v1/task_service.js';
import type { Task as ProtoTask } from '../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../domain/errors.js';
import { MAX_INLINE_REQUEST_BYTES } from '../domain/limits.js';
import { SubmitBatch } from '../rpc/clients/submit-batch.js';
import type { ContentServiceClient, TaskServiceClient } from '../rpc/clients/task-clients.js';
import { kindToProto, stateToProto } from '../rpc/convert/enums.js';
import type { Clock } from '../runtime/clock.js';
import { openAudio, readAll, type AudioSource } from './audio-source.js';
import type { AudioSubnetClient, CallOptions, ListFilter, UploadOptions } from './client.js';
import { downloadContent } from './download.js';
import { clientError, TaskEndedError } from './error.js';
import { Patience } from './patience.js';
import { resultOf } from './read-result.js';
import { taskFromProto } from './read-task.js';
import type { Result } from './result.js';
import type { StoredContent } from './stored-content.js';
import { isStored, type Submission } from './submission.js';
import { submitRequest, type CarriedAudio } from './submit-request.js';
import type { Task } from './task.js';
import { uploadAudio, type UploadDeps } from './upload.js';
import { watchTask } from './watch.js';

/** Longest time of a call without payload. */
const CALL_MS = 60_000;
const PAGE_SIZE = 100;

export interface GrpcClientDeps {
  readonly tasks: TaskServiceClient;
  readonly content: ContentServiceClient;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

export class GrpcClient implements AudioSubnetClient {
  readonly #deps: UploadDeps & GrpcClientDeps;
  readonly #submissions: SubmitBatch;
  readonly #closed = new AbortController();

  constructor(deps: GrpcClientDeps) {
    this.#deps = { ...deps, callMs: CALL_MS, contact: { made: false } };
    this.#submissions = new SubmitBatch(deps.tasks, CALL_MS);
    // Every call under way listens.
    setMaxListeners(0, this.#closed.signal);
  }

  submit(submission: Submission, options: UploadOptions = {}): Promise<Task> {
    const signal = this.#signalOf(options);
    return typed(async () => {
      const audio =
        submission.kind === 'transcription' ? await this.#carried(submission.audio, options) : undefined;
      // The id makes the call one that may be repeated.
      const request = submitRequest(submission, submission.requestId ?? randomUUID(), audio);
      const { task } = await this.#repeat(signal, () => this.#submissions.submit(request, signal));
      return taskOf(task);
    });
  }

  get(id: string, options: CallOptions = {}): Promise<Task> {
    const call = this.#callOf(options);
    return typed(async () => {
      const request = GetTaskRequest.create({ id });
      return taskOf((await this.#repeat(call.signal, () => this.#deps.tasks.getTask(request, call))).task);
    });
  }

  watch(
    id: string,
    options: CallOptions & { readonly afterRevision?: number | undefined } = {},
  ): AsyncIterable<Task> {
    const { afterRevision } = options;
    const changes = () => watchTask(this.#deps, id, { signal: this.#signalOf(options), afterRevision });
    return typedEach(changes, taskFromProto);
  }

  result(id: string, options: CallOptions = {}): Promise<Result> {
    const signal = this.#signalOf(options);
    return typed(async () => {
      let last: ProtoTask | undefined;
      for await (const task of watchTask(this.#deps, id, { signal })) last = task;
      const task = taskOf(last);
      if (last === undefined || task.state !== 'completed') throw new TaskEndedError(task);
      return resultOf(last, task, async (sha256) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of downloadContent(this.#deps, sha256, { signal })) chunks.push(chunk);
        return Buffer.concat(chunks);
      });
    });
  }

  cancel(id: string, options: CallOptions & { readonly reason?: string | undefined } = {}): Promise<Task> {
    const call = this.#callOf(options);
    return typed(async () => {
      const request = CancelTaskRequest.create({ id, reason: options.reason ?? '' });
      return taskOf((await this.#repeat(call.signal, () => this.#deps.tasks.cancelTask(request, call))).task);
    });
  }

  list(options: CallOptions & ListFilter = {}): AsyncIterable<Task> {
    return typedEach(() => this.#pages(options), taskFromProto);
  }

  upload(source: AudioSource, options: UploadOptions = {}): Promise<StoredContent> {
    const signal = this.#signalOf(options);
    return typed(async () => {
      const audio = await openAudio(source, signal);
      try {
        return await uploadAudio(this.#deps, audio, { signal, onProgress: options.onProgress });
      } finally {
        await audio.close();
      }
    });
  }

  download(
    { sha256 }: Pick<StoredContent, 'sha256'>,
    options: CallOptions & { readonly offset?: number | undefined } = {},
  ): AsyncIterable<Uint8Array> {
    const { offset } = options;
    const chunks = () => downloadContent(this.#deps, sha256, { signal: this.#signalOf(options), offset });
    return typedEach(chunks, (chunk) => chunk);
  }

  close(): void {
    this.#closed.abort(new Refusal('CANCELLED', 'the client was closed'));
    this.#deps.tasks.close();
    this.#deps.content.close();
  }

  async #carried(source: AudioSource | StoredContent, options: UploadOptions): Promise<CarriedAudio> {
    if (isStored(source)) return { kind: 'content', content: source };
    const signal = this.#signalOf(options);
    const audio = await openAudio(source, signal);
    const { fileName } = audio;
    try {
      if (audio.sizeBytes <= MAX_INLINE_REQUEST_BYTES)
        return { kind: 'inline', bytes: await readAll(audio), fileName };
      const content = await uploadAudio(this.#deps, audio, { signal, onProgress: options.onProgress });
      return { kind: 'content', content, fileName };
    } finally {
      await audio.close();
    }
  }

  async *#pages({ kind, state, ...options }: CallOptions & ListFilter): AsyncGenerator<ProtoTask> {
    const call = this.#callOf(options);
    const filter = ListTasksRequest.fromPartial({
      pageSize: PAGE_SIZE,
      ...(kind !== undefined && { kind: kindToProto(kind) }),
      ...(state !== undefined && { state: stateToProto(state) }),
    });
    let pageToken = '';
    do {
      const request = { ...filter, pageToken };
      const page = await this.#repeat(call.signal, () => this.#deps.tasks.listTasks(request, call));
      yield* page.tasks;
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  }

  #signalOf({ signal }: CallOptions): AbortSignal {
    const closed = this.#closed.signal;
    return signal === undefined ? closed : AbortSignal.any([signal, closed]);
  }

  #callOf(options: CallOptions): { readonly signal: AbortSignal; readonly deadlineMs: number } {
    return { signal: this.#signalOf(options), deadlineMs: CALL_MS };
  }

  /** For calls that the contract allows to repeat. */
  #repeat<R>(signal: AbortSignal, call: () => Promise<R>): Promise<R> {
    return new Patience(this.#deps, signal).repeat(call);
  }
}

function taskOf(task: ProtoTask | undefined): Task {
  if (task === undefined) throw new Refusal('INTERNAL', "the server's answer has no task");
  return taskFromProto(task);
}

async function typed<R>(action: () => Promise<R>): Promise<R> {
  try {
    return await action();
  } catch (error) {
    throw clientError(error);
  }
}

async function* typedEach<Item, Shown>(
  items: () => AsyncIterable<Item>,
  shown: (item: Item) => Shown,
): AsyncGenerator<Shown> {
  try {
    for await (const item of items()) yield shown(item);
  } catch (error) {
    throw clientError(error);
  }
}
