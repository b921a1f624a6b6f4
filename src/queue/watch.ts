import { Refusal } from '../domain/errors.js';
import { isFinal, type Task } from '../domain/task.js';
import type { Changes } from './changes.js';
import type { WatchRequest } from './queue.js';
import type { TaskStore } from './task-store.js';

/** Follows one task. A slow reader skips revisions in between, never the final one. */
export async function* watchTask(
  { store, changes, isEnded }: { store: TaskStore; changes: Changes; isEnded: () => boolean },
  { owner, id, afterRevision, signal }: WatchRequest,
): AsyncGenerator<Task> {
  const bell = new Bell();
  const unfollow = changes.follow(id, () => {
    bell.ring();
  });
  const onAbort = () => {
    bell.ring();
  };
  signal.addEventListener('abort', onAbort);
  try {
    let revision = afterRevision;
    for (;;) {
      signal.throwIfAborted();
      if (isEnded()) throw new Refusal('SERVER_DRAINING', 'the server is shutting down; watch again');
      const task = await store.get({ id, owner, view: 'full' });
      if (task === undefined)
        throw new Refusal('TASK_NOT_FOUND', `there is no task ${id}`, { metadata: { id } });
      const final = isFinal(task.status.state);
      if (task.revision > revision || final) {
        revision = task.revision;
        yield final ? task : basic(task);
      }
      if (final) return;
      await bell.next();
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    unfollow();
  }
}

function basic(task: Task): Task {
  const { payload, ...input } = task.input;
  return { ...task, input, attempts: [], responses: [] };
}

/** Remembers that it rang until somebody listens, so that no change falls between two reads. */
class Bell {
  #rung = false;
  #listener: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#listener?.();
  }

  async next(): Promise<void> {
    if (!this.#rung)
      await new Promise<void>((resolve) => {
        this.#listener = resolve;
      });
    this.#listener = undefined;
    this.#rung = false;
  }
}
