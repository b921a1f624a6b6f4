import type { WatchPendingTasksResponse } from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../domain/errors.js';
import type { Clock } from '../runtime/clock.js';
import type { ResponseSink } from './response-sink.js';

/** Silence after which a KeepAlive is sent. */
const KEEP_ALIVE_MS = 10_000;
/** How long a reader may leave events unread. */
const SLOW_CONSUMER_MS = 5_000;
/** Events kept for a reader that is behind: a burst of small ones is no reason to drop it. */
const MAX_BEHIND = 4_096;

export type StreamEvent = NonNullable<WatchPendingTasksResponse['event']>;

/** Events to one watcher of pending tasks: numbered, kept alive, and ended when it does not read. */
export interface EventStream {
  readonly writable: boolean;
  /** No event waits to be taken by the connection. */
  readonly isRead: boolean;
  /** @returns the sequence number of the event */
  send(event: StreamEvent): number;
  /** Ends the stream for this reason; the first one counts. */
  readonly end: (reason: Refusal) => void;
  /** Rejects with the reason of the end. */
  readonly ended: Promise<never>;
  onDrain(listener: () => void): void;
  /** Stops the timers; the call is over. */
  close(): void;
}

export function createEventStream(sink: ResponseSink<WatchPendingTasksResponse>, clock: Clock): EventStream {
  let sequence = 0;
  let fail: (reason: Refusal) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => (fail = reject));
  // It may end before anybody waits for it.
  ended.catch(() => undefined);

  const keepAlive = timer(clock, KEEP_ALIVE_MS, () => {
    if (isRead()) send({ $case: 'keepAlive', value: {} });
    else keepAlive.restart();
  });
  const patience = timer(clock, SLOW_CONSUMER_MS, () => {
    fail(slowConsumer(`nothing was read for ${SLOW_CONSUMER_MS / 1000} seconds`));
  });
  const isRead = () => sink.pending === 0;
  const stopWatching = sink.onDrain(() => {
    if (isRead()) patience.stop();
    else patience.restart();
  });

  function send(event: StreamEvent): number {
    sequence += 1;
    sink.send({ sequence: BigInt(sequence), event });
    keepAlive.restart();
    if (!isRead()) patience.start();
    if (sink.pending > MAX_BEHIND) fail(slowConsumer(`${MAX_BEHIND} events wait to be read`));
    return sequence;
  }

  keepAlive.restart();
  return {
    get writable() {
      return sink.writable;
    },
    get isRead() {
      return isRead();
    },
    send,
    end: fail,
    ended,
    onDrain: (listener) => void sink.onDrain(listener),
    close() {
      keepAlive.stop();
      patience.stop();
      stopWatching();
    },
  };
}

function slowConsumer(detail: string): Refusal {
  return new Refusal('SLOW_CONSUMER', `the reader is too slow: ${detail}`);
}

function timer(clock: Clock, delayMs: number, callback: () => void) {
  let cancel: (() => void) | undefined;
  const stop = () => {
    cancel?.();
    cancel = undefined;
  };
  /** Does nothing while it runs. */
  const start = () => {
    cancel ??= clock.after(delayMs, () => {
      cancel = undefined;
      callback();
    });
  };
  const restart = () => {
    stop();
    start();
  };
  return { start, restart, stop };
}
