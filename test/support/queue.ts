import { ANONYMOUS } from '../../src/domain/ids.js';
import type { Refusal } from '../../src/domain/errors.js';
import type { SessionEvent, SessionSink, SubmitRequest } from '../../src/queue/queue.js';
import { TaskQueue, type TaskQueueOptions } from '../../src/queue/task-queue.js';
import type { LeasedTask } from '../../src/queue/task-store.js';
import { systemClock } from '../../src/runtime/clock.js';
import { SqliteTaskStore } from '../../src/store/sqlite/store.js';

/** A queue on a real store in memory. */
export async function openQueue(
  overrides: Partial<TaskQueueOptions> = {},
): Promise<{ queue: TaskQueue; store: SqliteTaskStore; errors: unknown[] }> {
  const store = await SqliteTaskStore.open({ file: ':memory:' });
  const errors: unknown[] = [];
  const queue = await TaskQueue.open({
    store,
    clock: systemClock,
    rules: {
      minSummaryLength: 10,
      maxSummaryLength: 50_000,
      maxTtsLength: 10_000,
      maxAttempts: 3,
      maxRunMs: 3_600_000,
      forbiddenUrl: () => undefined,
    },
    maxPending: 1_000,
    weigh: ({ maxInFlight }) => maxInFlight,
    random: Math.random,
    onUnreferenced: () => undefined,
    onAnnounced: () => undefined,
    onError: (error) => errors.push(error),
    ...overrides,
  });
  return { queue, store, errors };
}

export function submission(overrides: Partial<SubmitRequest> = {}): SubmitRequest {
  const bytes = Buffer.from('a text to summarize');
  return {
    owner: ANONYMOUS,
    kind: 'summarization',
    language: 'en',
    priority: 'normal',
    input: { payload: { kind: 'inline', bytes }, payloadBytes: bytes.length, textLength: 19 },
    ...overrides,
  };
}

/** A stream's reader that keeps what it got and lets a test wait for it. */
export class RecordingSink implements SessionSink {
  writable = true;
  readonly isRead = true;
  readonly events: SessionEvent[] = [];
  ended: Refusal | undefined;
  #onChange: () => void = () => undefined;

  send(event: SessionEvent): void {
    this.events.push(event);
    this.#onChange();
  }

  end(reason: Refusal): void {
    this.ended = reason;
    this.#onChange();
  }

  get tasks(): readonly LeasedTask[] {
    return this.events.flatMap((event) => (event.kind === 'tasks_assigned' ? event.tasks : []));
  }

  /** Resolves once a condition on what came holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds())
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
  }
}
