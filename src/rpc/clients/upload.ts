import { once } from 'node:events';
import type {
  CallOptions as GrpcCallOptions,
  ClientWritableStream,
  Metadata,
  ServiceError,
} from '@grpc/grpc-js';
import {
  UploadFinish,
  type UploadContentRequest,
  type UploadContentResponse,
  type UploadHeader,
} from '../../../gen/ts/audiosubnet/v1/content_service.js';
import type { ContentRef } from '../../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../../domain/errors.js';
import { CHUNK_BYTES } from '../../domain/limits.js';
import { callRefusal, cancelOnAbort, grpcOptions, metadataOf, type CallOptions } from './promise-call.js';

/**
 * Sends bytes as they come and resolves when they are stored, or at once when the server has them
 * already. Reads the source no faster than the server takes it, and no further once the server ended
 * the call; whoever owns the source then closes it. An error of the source cancels the upload and is
 * passed on as it is.
 */
export type UploadContent = (
  chunks: AsyncIterable<Uint8Array>,
  header: UploadHeader,
  options?: CallOptions,
) => Promise<ContentRef>;

type GrpcUpload = (
  metadata: Metadata,
  options: Partial<GrpcCallOptions>,
  callback: (error: ServiceError | null, response: UploadContentResponse) => void,
) => ClientWritableStream<UploadContentRequest>;

interface OpenUpload {
  readonly call: ClientWritableStream<UploadContentRequest>;
  readonly response: Promise<UploadContentResponse>;
  /** Resolves with the promise, or with undefined once the server ended the call, for whatever reason. */
  readonly beforeEnd: <Value>(promise: Promise<Value>) => Promise<Value | undefined>;
  readonly isOver: () => boolean;
}

/** @param carried metadata of every call */
export function upload(method: GrpcUpload, carried?: Metadata): UploadContent {
  return async (chunks, header, options = {}) => {
    const opened = open(method, options, carried);
    const release = cancelOnAbort(opened.call, options.signal);
    if (options.signal?.aborted === true) opened.call.cancel();
    try {
      await send(opened, chunks, header);
      const { content } = await opened.response;
      if (content === undefined) throw new Refusal('INTERNAL', 'the server named no content');
      return content;
    } finally {
      release();
      opened.call.cancel();
    }
  };
}

function open(method: GrpcUpload, options: CallOptions, carried: Metadata | undefined): OpenUpload {
  let call: ClientWritableStream<UploadContentRequest> | undefined;
  const response = new Promise<UploadContentResponse>((resolve, reject) => {
    call = method(metadataOf(options, carried), grpcOptions(options), (error, answer) => {
      if (error === null) resolve(answer);
      else reject(callRefusal(error, options.signal));
    });
    call.on('error', () => undefined);
  });
  if (call === undefined) throw new Refusal('INTERNAL', 'the call was not made');
  return { call, response, ...endOf(response) };
}

/** A race with one promise for each chunk would keep all chunks in memory until it is over. */
function endOf(response: Promise<unknown>): Pick<OpenUpload, 'beforeEnd' | 'isOver'> {
  let over = false;
  let wake = (): void => undefined;
  const end = () => {
    over = true;
    wake();
  };
  response.then(end, end);
  return {
    isOver: () => over,
    beforeEnd: (promise) =>
      new Promise((resolve, reject) => {
        wake = () => {
          resolve(undefined);
        };
        if (over) wake();
        promise.then(resolve, reject);
      }),
  };
}

async function send(
  opened: OpenUpload,
  chunks: AsyncIterable<Uint8Array>,
  header: UploadHeader,
): Promise<void> {
  const write = async (part: NonNullable<UploadContentRequest['part']>) => {
    if (opened.call.write({ part })) return;
    await opened.beforeEnd(once(opened.call, 'drain'));
  };

  await write({ $case: 'header', value: header });
  const source = chunks[Symbol.asyncIterator]();
  for (;;) {
    // The source may stand still for long; the server's end must not wait for it.
    const next = await opened.beforeEnd(source.next());
    if (next === undefined || opened.isOver()) return;
    if (next.done === true) break;
    for (const value of pieces(next.value)) {
      await write({ $case: 'chunk', value });
      if (opened.isOver()) return;
    }
  }
  await write({ $case: 'finish', value: UploadFinish.create() });
  opened.call.end();
}

function* pieces(bytes: Uint8Array): Iterable<Buffer> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < buffer.length; at += CHUNK_BYTES) yield buffer.subarray(at, at + CHUNK_BYTES);
}
