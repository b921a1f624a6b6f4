import { constants, type ServerHttp2Stream } from 'node:http2';
import {
  ServerInterceptingCall,
  status as Code,
  type ServerInterceptor,
  type ServerInterceptingCallInterface,
} from '@grpc/grpc-js';
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

/** Every call of a server, also those that grpc-js answers by itself. */
export interface CallObserver {
  readonly interceptor: ServerInterceptor;
  /** Ends the open calls whose method begins so; all of them by default. */
  endAll(refusal: Refusal, prefix?: string): void;
}

export function createCallObserver(onCall: (call: EndedCall) => void): CallObserver {
  const open = new Map<ServerInterceptingCallInterface, string>();
  return {
    interceptor: ({ path }, call) => {
      const startMs = performance.now();
      open.set(call, path);
      const ended = (code: Code) => {
        if (open.delete(call)) onCall({ method: path, code, durationMs: performance.now() - startMs });
      };
      // grpc-js sends what it refuses by itself (a message above 4 MiB, a passed deadline) from inside
      // the innermost call, past every interceptor; only that call's own method sees all of them.
      const send = call.sendStatus.bind(call);
      call.sendStatus = (sent) => {
        const status = withDetails(sent);
        ended(status.code);
        send(status);
        if (status.code !== Code.OK) closeUnread(call);
      };
      return new ServerInterceptingCall(call, {
        start: (next) => {
          next({
            onCancel: () => {
              ended(Code.CANCELLED);
            },
          });
        },
      });
    },
    endAll: (refusal, prefix = '/') => {
      for (const [call, path] of [...open]) if (path.startsWith(prefix)) call.sendStatus(toStatus(refusal));
    },
  };
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
