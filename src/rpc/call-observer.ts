import { constants, type ServerHttp2Stream } from 'node:http2';
import { status as Code, type ServerInterceptor, type ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { Refusal } from '../domain/errors.js';
import { DETAILS_KEY, grpcCode, reasonOfCode, toStatus } from './status.js';

/** A call that ended. */
export interface EndedCall {
  /** `/package.Service/Method` */
  readonly method: string;
  readonly code: Code;
  readonly durationMs: number;
}

/** How long a reader gets to read up to its status. */
const UNREAD_MS = 5_000;

type SentStatus = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];
type Listener = Parameters<ServerInterceptingCallInterface['start']>[0];

/** Every call of a server, also those that grpc-js answers by itself. */
export interface CallObserver {
  readonly interceptor: ServerInterceptor;
  /** Ends the open calls whose method begins so; all of them by default. */
  endAll(refusal: Refusal, prefix?: string): void;
}

export function createCallObserver(onCall: (call: EndedCall) => void): CallObserver {
  const open = new Set<Observation>();
  const ended = (observation: Observation, code: Code) => {
    if (!open.delete(observation)) return;
    const { path, startMs } = observation;
    onCall({ method: path, code, durationMs: performance.now() - startMs });
  };
  const observe: Intercept = ({ path, responseStream }, call) => {
    const observation = { path, call, isUnary: !responseStream, startMs: performance.now(), ended };
    open.add(observation);
    return stepIn(call, observation);
  };
  return {
    interceptor: observe as ServerInterceptor,
    endAll: (refusal, prefix = '/') => {
      for (const { path, call } of [...open]) if (path.startsWith(prefix)) call.sendStatus(toStatus(refusal));
    },
  };
}

/**
 * What grpc-js asks of an interceptor. Its declared type wants a ServerInterceptingCall around the call,
 * through which each message and status would pass in as many closures again: 6 us a call.
 */
type Intercept = (
  method: Parameters<ServerInterceptor>[0],
  call: ServerInterceptingCallInterface,
) => ServerInterceptingCallInterface;

/** What is known of a call that is open. */
interface Observation {
  readonly path: string;
  readonly call: ServerInterceptingCallInterface;
  readonly isUnary: boolean;
  readonly startMs: number;
  readonly ended: (observation: Observation, code: Code) => void;
}

type Methods = Pick<ServerInterceptingCallInterface, 'start' | 'sendMessage' | 'sendStatus'>;
type Observed = ServerInterceptingCallInterface & { observation: Observation };

/** By the prototype of grpc-js that they stand before. */
const prototypes = new WeakMap<Methods, Methods>();

/**
 * Steps in between a call and its methods. grpc-js sends what it refuses by itself (a message above 4 MiB, a
 * passed deadline) from inside the innermost call, past every interceptor, so only that call's own methods
 * see all of it. A prototype in between does: functions put on each call made V8 keep every call of every
 * kind until the next full collection (17,000 calls a second against 21,000).
 */
function stepIn(call: ServerInterceptingCallInterface, observation: Observation): Observed {
  const base = Object.getPrototypeOf(call) as Methods;
  let prototype = prototypes.get(base);
  if (prototype === undefined) {
    prototype = methodsBefore(base);
    prototypes.set(base, prototype);
  }
  const observed = Object.assign(call, { observation });
  Object.setPrototypeOf(observed, prototype);
  return observed;
}

function methodsBefore(base: Methods): Methods {
  const methods: Methods & ThisType<Observed> = {
    start(listener) {
      base.start.call(this, new ObservedListener(listener, this.observation));
    },
    /**
     * grpc-js sends the status of a unary call once its only message was taken by the connection. Said right
     * behind it, both leave in one write.
     */
    sendMessage(message, sent) {
      const { isUnary } = this.observation;
      base.sendMessage.call(this, message, isUnary ? ignore : sent);
      if (isUnary) sent();
    },
    sendStatus(given) {
      const status = withDetails(given);
      this.observation.ended(this.observation, status.code);
      base.sendStatus.call(this, status);
      if (status.code !== Code.OK) closeUnread(this);
    },
  };
  return Object.setPrototypeOf(methods, base) as Methods;
}

function ignore(): void {
  // The status is sent already.
}

/** grpc-js says of every call that it is cancelled once its stream closes: then it has ended before. */
class ObservedListener implements Listener {
  readonly #listener: Listener;
  readonly #observation: Observation;

  constructor(listener: Listener, observation: Observation) {
    this.#listener = listener;
    this.#observation = observation;
  }

  onReceiveMetadata(metadata: Parameters<Listener['onReceiveMetadata']>[0]): void {
    this.#listener.onReceiveMetadata(metadata);
  }

  onReceiveMessage(message: unknown): void {
    this.#listener.onReceiveMessage(message);
  }

  onReceiveHalfClose(): void {
    this.#listener.onReceiveHalfClose();
  }

  onCancel(): void {
    this.#observation.ended(this.#observation, Code.CANCELLED);
    this.#listener.onCancel();
  }
}

/**
 * A status stands behind the messages that wait for their reader. One that does not read would keep them in
 * memory as long as its connection lives, so its stream is reset.
 */
function closeUnread(call: ServerInterceptingCallInterface): void {
  // The stream below is no part of the interface; nothing else of grpc-js ends it for good.
  const { stream } = call as unknown as { readonly stream?: ServerHttp2Stream };
  if (stream === undefined || stream.closed || stream.writableLength === 0) return;
  const timer = setTimeout(() => {
    stream.close(constants.NGHTTP2_CANCEL);
  }, UNREAD_MS).unref();
  stream.once('close', () => {
    clearTimeout(timer);
  });
}

/** Adds the ErrorInfo that a status made by grpc-js lacks. */
function withDetails(status: SentStatus): SentStatus {
  const { code, details, metadata } = status;
  if (code === Code.OK || (metadata?.get(DETAILS_KEY).length ?? 0) > 0) return status;
  const reason = reasonOfCode(code);
  // UNKNOWN is what grpc-js says of an error without a code.
  if (grpcCode(reason) !== code && code !== Code.UNKNOWN) return status;
  return toStatus(new Refusal(reason, details));
}
