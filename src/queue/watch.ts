import { Refusal } from '../domain/errors.js';
import type { TaskId } from '../domain/ids.js';
import { isFinal, type Task } from '../domain/task.js';
import type { Changes } from './changes.js';
import type { WatchRequest } from './queue.js';

/**
 * Follows one task. A slow reader skips revisions in between, never the final one. What the task holds is
 * read when it is final: until then each change costs all who watch it one small reading.
 */
export async function* watchTask(
  { changes, isEnded }: { changes: Changes; isEnded: () => boolean },
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
      const task = await changes.read(id, 'basic');
      if (task?.owner !== owner) throw notFound(id);
      if (isFinal(task.status.state)) {
        const whole = await changes.read(id, 'full');
        if (whole === undefined) throw notFound(id);
        yield whole;
        return;
      }
      if (task.revision > revision) {
        revision = task.revision;
        yield task;
      }
      await bell.next();
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    unfollow();
  }
}

function notFound(id: TaskId): Refusal {
  return new Refusal('TASK_NOT_FOUND', `there is no task ${id}`, { metadata: { id } });
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
