import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  StatusObject,
  UntypedHandleCall,
  UntypedServiceImplementation,
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
} from '@grpc/grpc-js';
import { ACCESS_RULES } from '../auth/access-rules.js';
import { createAdmit, type Admit } from '../auth/admit.js';
import type { Identify } from '../auth/identify.js';
import { Refusal } from '../domain/errors.js';
import type { Logger } from '../runtime/logger.js';
import { OpenCall, type CallContext, type ServerCall } from './call-context.js';
import type { Image } from './image.js';
import { requestReader, type MessageReader, type ReadMessage } from './read-message.js';
import { createResponseSink, type ResponseSink } from './response-sink.js';
import { toRefusal, toStatus } from './status.js';
import { splitByItem, violationRefusal, type Validation } from './validate.js';

export type { CallContext } from './call-context.js';
export type { ReadMessage } from './read-message.js';
export type { ResponseSink } from './response-sink.js';

export type UnaryHandler<Request, Response> = (request: Request, call: CallContext) => Promise<Response>;
/** Requests are read no faster than the handler asks for them. */
export type ClientStreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: CallContext,
) => Promise<Response>;
export type ServerStreamHandler<Request, Response> = (
  request: Request,
  sink: ResponseSink<Response>,
  call: CallContext,
) => Promise<void>;
/** Gets requests that break a rule too, so that one of them need not end the stream. */
export type BidiHandler<Request, Response> = (
  requests: AsyncIterable<ReadMessage<Request>>,
  sink: ResponseSink<Response>,
  call: CallContext,
) => Promise<void>;

/** A method as the generated code describes it. */
interface Method<Request, Response> {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (message: Request) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (message: Response) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

type HandlerOf<M> =
  M extends Method<infer Request, infer Response>
    ? M extends { readonly requestStream: true }
      ? M extends { readonly responseStream: true }
        ? BidiHandler<Request, Response>
        : ClientStreamHandler<Request, Response>
      : M extends { readonly responseStream: true }
        ? ServerStreamHandler<Request, Response>
        : UnaryHandler<Request, Response>
    : never;

/** One handler a method of a generated service. */
export type Handlers<Service> = { readonly [Name in keyof Service]: HandlerOf<Service[Name]> };

/** What every call passes through before its handler. */
export interface Edge {
  readonly log: Logger;
  readonly identify: Identify;
  readonly image: Image;
  readonly validation: Validation;
}

/** A service as grpc-js takes it. */
export interface BoundService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/**
 * Binds handlers to a generated service. Every call is identified, let in by its rule, decoded, validated and answered
 * with a typed status, whatever its handler throws.
 *
 * @param batches by method, the field whose items are refused one by one
 */
export function serve<Service extends ServiceDefinition>(
  service: Service,
  handlers: Handlers<Service>,
  edge: Edge,
  batches: { readonly [Name in keyof Service]?: string } = {},
): BoundService {
  const names = Object.keys(service) as (keyof Service & string)[];
  return {
    definition: Object.fromEntries(
      names.map((name) => [name, { ...service[name], requestDeserialize: (bytes: Buffer) => bytes }]),
    ),
    implementation: Object.fromEntries(
      names.map((name) => [name, bind(service[name], handlers[name], edge, batches[name])]),
    ),
  };
}

/** `Handlers` proved that the handler fits the method; which kind it is, the method's flags tell. */
function bind(
  method: Method<unknown, unknown> | undefined,
  handler: unknown,
  edge: Edge,
  batch: string | undefined,
): UntypedHandleCall {
  if (method === undefined) throw new Error('a service lacks a method of its own');
  const { path, requestStream, responseStream } = method;
  const read = requestReader(edge, path, method.requestDeserialize);
  const admit = createAdmit(ACCESS_RULES[path.slice(1)], edge.identify);
  const bound: Bound = { path, edge, admit, read, batch };
  if (requestStream && responseStream) return bidi(bound, handler as BidiHandler<unknown, unknown>);
  if (requestStream) return clientStream(bound, handler as ClientStreamHandler<unknown, unknown>);
  if (responseStream) return serverStream(bound, handler as ServerStreamHandler<unknown, unknown>);
  return unary(bound, handler as UnaryHandler<unknown, unknown>);
}

interface Bound {
  readonly path: string;
  readonly edge: Edge;
  readonly admit: Admit;
  readonly read: MessageReader<unknown>;
  readonly batch: string | undefined;
}

function unary(bound: Bound, handler: UnaryHandler<unknown, unknown>): handleUnaryCall<Buffer, unknown> {
  return (call: ServerUnaryCall<Buffer, unknown>, callback) => {
    run(bound, call, {
      work: (open) => handler(readRequest(bound, call.request, open), open),
      done: (response) => {
        callback(null, response);
      },
      failed: callback,
    });
  };
}

function clientStream(
  bound: Bound,
  handler: ClientStreamHandler<unknown, unknown>,
): handleClientStreamingCall<Buffer, unknown> {
  return (call: ServerReadableStream<Buffer, unknown>, callback) => {
    run(bound, call, {
      work: (open) => {
        const { signal } = open;
        // What was sent is not waited for any more; the stream does not carry the answer.
        signal.addEventListener('abort', () => call.destroy(), { once: true });
        return handler(validRequests(bound, call, signal), open);
      },
      done: (response) => {
        callback(null, response);
      },
      failed: callback,
    });
  };
}

function serverStream(
  bound: Bound,
  handler: ServerStreamHandler<unknown, unknown>,
): handleServerStreamingCall<Buffer, unknown> {
  return (call: ServerWritableStream<Buffer, unknown>) => {
    run(bound, call, {
      work: (open) =>
        handler(readRequest(bound, call.request, open), createResponseSink(call, open.signal), open),
      ...ending(call),
    });
  };
}

function bidi(
  bound: Bound,
  handler: BidiHandler<unknown, unknown>,
): handleBidiStreamingCall<Buffer, unknown> {
  return (call: ServerDuplexStream<Buffer, unknown>) => {
    run(bound, call, {
      work: (open) =>
        handler(readRequests(bound, call, open.signal), createResponseSink(call, open.signal), open),
      ...ending(call),
    });
  };
}

/** How a stream of responses ends; grpc-js takes its status from an `error` event. */
function ending(call: {
  end(): unknown;
  emit(event: 'error', status: StatusObject): unknown;
  destroyed: boolean;
}) {
  return {
    done: () => {
      if (!call.destroyed) call.end();
    },
    failed: (status: StatusObject) => {
      if (!call.destroyed) call.emit('error', status);
    },
  };
}

interface Run<Result> {
  readonly work: (open: OpenCall) => Promise<Result>;
  readonly done: (result: Result) => void;
  readonly failed: (status: StatusObject) => void;
}

/** grpc-js ignores the promise of a handler, so nothing may reject out of here. */
function run<Result>(
  { path, edge, admit }: Bound,
  call: ServerCall,
  { work, done, failed }: Run<Result>,
): void {
  const open = new OpenCall(call, path, edge.log);
  const end = (say: () => void) => {
    open.answered();
    try {
      say();
    } catch (error) {
      open.log.error({ err: error }, 'the answer of a call could not be sent');
    }
  };
  const fail = (error: unknown) => {
    const status = refuse(open, error);
    end(() => {
      failed(status);
    });
  };
  try {
    const caller = admit(open);
    const working =
      caller instanceof Promise
        ? caller.then((known) => work(open.identified(known)))
        : work(open.identified(caller));
    working.then((result) => {
      end(() => {
        done(result);
      });
    }, fail);
  } catch (error) {
    fail(error);
  }
}

function refuse(open: OpenCall, error: unknown): StatusObject {
  const refusal = toRefusal(error);
  if (refusal.reason !== 'INTERNAL' || open.isCancelled) {
    open.log.debug({ reason: refusal.reason }, refusal.message);
    return toStatus(refusal);
  }
  open.log.error({ err: error }, 'a call failed');
  const { requestId } = open;
  return toStatus(new Refusal('INTERNAL', refusal.message, { metadata: { request_id: requestId } }));
}

/** @throws Refusal MALFORMED_MESSAGE, INVALID_FIELD */
function readRequest({ read, batch }: Bound, bytes: Buffer, open: OpenCall): unknown {
  const { message, violations } = read(bytes);
  if (violations.length === 0) return message;
  const { call, items } =
    batch === undefined ? { call: violations, items: [] } : splitByItem(violations, batch);
  if (call.length > 0) throw violationRefusal(call);
  open.itemRefusals = new Map([...items].map(([index, item]) => [index, violationRefusal(item)]));
  return message;
}

async function* validRequests(
  bound: Bound,
  call: ServerReadableStream<Buffer, unknown>,
  signal: AbortSignal,
): AsyncGenerator {
  for await (const { message, violations } of readRequests(bound, call, signal)) {
    if (violations.length > 0) throw violationRefusal(violations);
    yield message;
  }
}

async function* readRequests(
  { read }: Bound,
  call: ServerReadableStream<Buffer, unknown> | ServerDuplexStream<Buffer, unknown>,
  signal: AbortSignal,
): AsyncGenerator<ReadMessage<unknown>> {
  try {
    // The stream also carries the answer, so leaving the loop must not destroy it.
    const messages = call.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const bytes of messages) yield read(bytes);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  signal.throwIfAborted();
}
