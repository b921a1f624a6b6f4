import {
  Metadata,
  type CallOptions as GrpcCallOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ServiceError,
} from '@grpc/grpc-js';
import { Refusal } from '../../domain/errors.js';
import { fromServiceError } from '../status.js';

/** How a call is made; every failure rejects with a Refusal. */
export interface CallOptions {
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  /** Milliseconds from now after which both ends give the call up; absent waits without end. */
  readonly deadlineMs?: number;
  readonly metadata?: Metadata;
}

export type Unary<Request, Response> = (request: Request, options?: CallOptions) => Promise<Response>;

/** The call is made when the first item is asked for and cancelled when the loop ends. */
export type ServerStream<Request, Response> = (
  request: Request,
  options?: CallOptions,
) => AsyncIterable<Response>;

type GrpcUnary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<GrpcCallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

type GrpcServerStream<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<GrpcCallOptions>,
) => ClientReadableStream<Response>;

/** @param carried metadata of every call */
export function unary<Request, Response>(
  method: GrpcUnary<Request, Response>,
  carried?: Metadata,
): Unary<Request, Response> {
  return (request, options = {}) =>
    new Promise((resolve, reject) => {
      if (options.signal?.aborted === true) {
        reject(abortRefusal(options.signal));
        return;
      }
      const call = method(request, metadataOf(options, carried), grpcOptions(options), (error, response) => {
        release();
        if (error === null) resolve(response);
        else reject(callRefusal(error, options.signal));
      });
      const release = cancelOnAbort(call, options.signal);
    });
}

/** @param carried metadata of every call */
export function serverStream<Request, Response>(
  method: GrpcServerStream<Request, Response>,
  carried?: Metadata,
): ServerStream<Request, Response> {
  return async function* stream(request, options = {}) {
    if (options.signal?.aborted === true) throw abortRefusal(options.signal);
    const call = method(request, metadataOf(options, carried), grpcOptions(options));
    // After the loop was left, grpc-js still emits the error of the cancelled call.
    call.on('error', () => undefined);
    const release = cancelOnAbort(call, options.signal);
    try {
      for await (const message of call as AsyncIterable<Response>) yield message;
    } catch (error) {
      throw callRefusal(error, options.signal);
    } finally {
      release();
      call.cancel();
    }
  };
}

/** The returned function takes the listener back. */
export function cancelOnAbort(call: { cancel(): void }, signal: AbortSignal | undefined): () => void {
  const cancel = () => {
    call.cancel();
  };
  signal?.addEventListener('abort', cancel, { once: true });
  return () => signal?.removeEventListener('abort', cancel);
}

/** Why a call failed; the caller's own abort goes before the CANCELLED it led to. */
export function callRefusal(error: unknown, signal: AbortSignal | undefined): Refusal {
  if (signal?.aborted === true) return abortRefusal(signal);
  if (error instanceof Refusal) return error;
  if (isServiceError(error)) return fromServiceError(error);
  return new Refusal('INTERNAL', 'the call failed', { cause: error });
}

export function metadataOf({ metadata }: CallOptions, carried?: Metadata): Metadata {
  const all = metadata?.clone() ?? new Metadata();
  if (carried !== undefined) all.merge(carried);
  return all;
}

export function grpcOptions({ deadlineMs }: CallOptions): Partial<GrpcCallOptions> {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}

function abortRefusal({ reason }: AbortSignal): Refusal {
  if (reason instanceof Refusal) return reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new Refusal('DEADLINE_EXCEEDED', 'the deadline passed', { cause: reason });
  }
  return new Refusal('CANCELLED', 'the call was cancelled', { cause: reason });
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
}
