import { randomBytes } from 'node:crypto';
import type { Deadline, Metadata } from '@grpc/grpc-js';
import type { Caller, Identify } from '../auth/identify.js';
import { Refusal } from '../domain/errors.js';
import type { Logger } from '../runtime/logger.js';

/** What a handler knows about the call besides its request. */
export interface CallContext {
  readonly caller: Caller;
  /** Aborts with a Refusal when the call ends before its handler: cancelled, past its deadline, broken. */
  readonly signal: AbortSignal;
  /** Unix milliseconds; absent when the caller waits without end. */
  readonly deadline?: number;
  readonly peer: string;
  /** Carries the method and the request id. */
  readonly log: Logger;
  /** What is wrong with single items of the request; those are answered one by one. */
  readonly itemRefusals: ReadonlyMap<number, Refusal>;
}

/** The part of a grpc-js server call that is the same for every kind of call. */
export interface ServerCall {
  readonly cancelled: boolean;
  readonly metadata: Metadata;
  getPeer(): string;
  getDeadline(): Deadline;
  once(event: 'cancelled', listener: () => void): unknown;
}

/** A call before anyone knows whose it is. */
export interface OpenCall {
  readonly method: string;
  /** Names the call in the log and, after an internal error, to its caller. */
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly log: Logger;
  identified(identify: Identify): Promise<CallContext>;
}

export function openCall(call: ServerCall, method: string, parentLog: Logger): OpenCall {
  const requestId = randomBytes(8).toString('hex');
  const log = parentLog.child({ method, requestId });
  const deadline = deadlineOf(call);
  const signal = endOf(call, deadline);
  return {
    method,
    requestId,
    signal,
    log,
    async identified(identify) {
      const [authorization] = call.metadata.get('authorization');
      const peer = call.getPeer();
      const caller = await identify({
        peer,
        ...(typeof authorization === 'string' ? { authorization } : {}),
      });
      return {
        caller,
        signal,
        peer,
        log,
        itemRefusals: new Map(),
        ...(deadline === undefined ? {} : { deadline }),
      };
    },
  };
}

function deadlineOf(call: ServerCall): number | undefined {
  const deadline = Number(call.getDeadline());
  return Number.isFinite(deadline) ? deadline : undefined;
}

function endOf(call: ServerCall, deadline: number | undefined): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    const late = deadline !== undefined && Date.now() >= deadline;
    controller.abort(
      late
        ? new Refusal('DEADLINE_EXCEEDED', 'the deadline passed')
        : new Refusal('CANCELLED', 'the call was cancelled'),
    );
  };
  call.once('cancelled', abort);
  if (call.cancelled) abort();
  return controller.signal;
}
