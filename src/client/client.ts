import type { TaskKind, TaskState } from '../domain/task.js';
import type { AudioSource } from './audio-source.js';
import type { Result } from './result.js';
import type { Submission } from './submission.js';
import type { Task } from './task.js';
import type { StoredContent, UploadProgress } from './stored-content.js';

export interface ClientOptions {
  /** `http://host:port` of the front door (8000) or of gRPC alone (50051); http://localhost:8000 when absent. */
  readonly server?: string | undefined;
  readonly apiKey?: string | undefined;
}

export interface CallOptions {
  /** Ends the call with the reason CANCELLED, or DEADLINE_EXCEEDED for a signal of AbortSignal.timeout(). */
  readonly signal?: AbortSignal | undefined;
}

export interface UploadOptions extends CallOptions {
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
}

/**
 * A user's side of an audio-subnet server. Everything rejects with AudioSubnetError, but for errors of the
 * system about files of the caller. While the server restarts or the network is away for up to a minute,
 * calls are repeated where the contract makes that safe and streams go on where they were.
 */
export interface AudioSubnetClient {
  /**
   * Hands a task in: an answer is a promise that it ends. Audio above 1 MiB is uploaded first. Concurrent
   * submissions share calls.
   */
  submit(submission: Submission, options?: UploadOptions): Promise<Task>;
  get(id: string, options?: CallOptions): Promise<Task>;
  /** The task as it is, then its changes, ending with the final one; some in between may be left out. */
  watch(
    id: string,
    options?: CallOptions & { readonly afterRevision?: number | undefined },
  ): AsyncIterable<Task>;
  /** Waits until the task is final. @throws TaskEndedError when it failed or was cancelled */
  result(id: string, options?: CallOptions): Promise<Result>;
  /** Cancels a task that is not final; again changes nothing. */
  cancel(id: string, options?: CallOptions & { readonly reason?: string | undefined }): Promise<Task>;
  /** Newest first. */
  list(options?: CallOptions & ListFilter): AsyncIterable<Task>;
  /** Stores bytes for a transcription, and goes on where an upload of the same bytes was cut. */
  upload(source: AudioSource, options?: UploadOptions): Promise<StoredContent>;
  /** The bytes of stored content, checked against their SHA-256 when `offset` is 0. */
  download(
    content: Pick<StoredContent, 'sha256'>,
    options?: CallOptions & { readonly offset?: number | undefined },
  ): AsyncIterable<Uint8Array>;
  /** Ends the connection, and with it what is under way. */
  close(): void;
}

export interface ListFilter {
  readonly kind?: TaskKind | undefined;
  readonly state?: TaskState | undefined;
}
