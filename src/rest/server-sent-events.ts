import type { Clock } from '../runtime/clock.js';

/** Silence after which a comment is sent, so that nothing between takes the connection for dead. */
export const KEEP_ALIVE_MS = 15_000;

/** One event of https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  /** One line. */
  readonly data: string;
}

/**
 * Writes events as they come and comments while none does. A reader that is slow is not read ahead for: the
 * next event is asked for when the last one was taken. An error of the source ends the stream like its end:
 * the reader connects again and learns then what is wrong.
 */
export async function* writeEvents(
  events: AsyncIterable<ServerSentEvent>,
  clock: Clock,
): AsyncGenerator<string> {
  const source = events[Symbol.asyncIterator]();
  const next = () =>
    source.next().catch((): IteratorResult<ServerSentEvent> => ({ done: true, value: undefined }));
  let arriving = next();
  try {
    // The answer begins at once, also when nothing happens for a while.
    yield ': watching\n\n';
    for (;;) {
      const arrived = await orSilence(arriving, clock);
      if (arrived?.done === true) return;
      if (arrived === undefined) {
        yield ': keep-alive\n\n';
      } else {
        const { id, event, data } = arrived.value;
        yield `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
        arriving = next();
      }
    }
  } finally {
    void source.return?.();
  }
}

/** Undefined when nothing came for a while. */
async function orSilence<Value>(arriving: Promise<Value>, clock: Clock): Promise<Value | undefined> {
  let cancel: () => void = () => undefined;
  const silence = new Promise<undefined>((resolve) => {
    cancel = clock.after(KEEP_ALIVE_MS, () => {
      resolve(undefined);
    });
  });
  try {
    return await Promise.race([arriving, silence]);
  } finally {
    cancel();
  }
}
