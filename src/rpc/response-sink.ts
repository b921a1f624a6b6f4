/** Messages handed over and not yet taken by the connection, above which a stream is not writable. */
const MAX_PENDING = 4;

/** Where a streaming handler sends its responses. */
export interface ResponseSink<Message> {
  /** False while the reader is behind, and after the call ended. */
  readonly writable: boolean;
  /** Messages handed over and not yet taken by the connection. */
  readonly pending: number;
  /** Sends without waiting; does nothing after the call ended. */
  send(message: Message): void;
  /** Sends and resolves when there is room for the next message. Rejects with why the call ended. */
  write(message: Message): Promise<void>;
  /** Calls back when the stream becomes writable and when nothing is pending; the returned function ends that. */
  onDrain(listener: () => void): () => void;
}

interface Writable<Message> {
  write(message: Message, callback: () => void): boolean;
}

/**
 * grpc-js reports `drain` only after 16 objects of whatever size; counting callbacks keeps at most
 * MAX_PENDING of them in memory.
 */
export function createResponseSink<Message>(
  stream: Writable<Message>,
  signal: AbortSignal,
): ResponseSink<Message> {
  let pending = 0;
  const listeners = new Set<() => void>();
  const taken = () => {
    pending -= 1;
    if (pending === MAX_PENDING - 1 || pending === 0) for (const listener of [...listeners]) listener();
  };
  const isWritable = () => pending < MAX_PENDING && !signal.aborted;
  const send = (message: Message) => {
    if (signal.aborted) return;
    pending += 1;
    stream.write(message, taken);
  };
  const onDrain = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    get writable() {
      return isWritable();
    },
    get pending() {
      return pending;
    },
    send,
    async write(message) {
      signal.throwIfAborted();
      send(message);
      while (!isWritable()) await nextDrain(onDrain, signal);
    },
    onDrain,
  };
}

function nextDrain(onDrain: (listener: () => void) => () => void, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      release();
      signal.removeEventListener('abort', onAbort);
      then();
    };
    const onAbort = () => {
      settle(() => {
        reject(signal.reason as Error);
      });
    };
    const release = onDrain(() => {
      settle(resolve);
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
