import type { Refusal } from '../domain/errors.js';
import type { Clock } from '../runtime/clock.js';

export interface IdleLimit {
  readonly clock: Clock;
  readonly limitMs: number;
  readonly refusal: () => Refusal;
}

/** Passes messages on and throws when the next one takes too long; work between them does not count. */
export async function* withIdleLimit<Message>(
  messages: AsyncIterable<Message>,
  limit: IdleLimit,
): AsyncGenerator<Message> {
  const source = messages[Symbol.asyncIterator]();
  for (;;) {
    const next = await limited(source.next(), limit);
    if (next.done === true) return;
    yield next.value;
  }
}

async function limited<Value>(
  promise: Promise<Value>,
  { clock, limitMs, refusal }: IdleLimit,
): Promise<Value> {
  let cancel: () => void = () => undefined;
  const stalled = new Promise<never>((_, reject) => {
    cancel = clock.after(limitMs, () => {
      reject(refusal());
    });
  });
  try {
    return await Promise.race([promise, stalled]);
  } finally {
    cancel();
  }
}
