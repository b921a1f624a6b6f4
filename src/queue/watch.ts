import { Refusal } from '../domain/errors.js';
import type { TaskId } from '../domain/ids.js';
import { isFinal, type Task, type TaskProgress } from '../domain/task.js';
import type { Changes } from './changes.js';
import type { ProgressBoard } from './progress.js';
import type { WatchRequest } from './queue.js';

export interface WatchDeps {
  readonly changes: Changes;
  readonly progress: ProgressBoard;
  readonly isEnded: () => boolean;
}

/**
 * Follows one task. A slow reader skips revisions in between, never the final one. What the task holds is
 * read when it is final: until then each change costs all who watch it one small reading. Progress is no
 * revision: who has a revision gets it again with each progress that is made after.
 */
export async function* watchTask(
  { changes, progress, isEnded }: WatchDeps,
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
    let known: TaskProgress | undefined;
    for (let isFirst = true; ; isFirst = false) {
      signal.throwIfAborted();
      if (isEnded()) throw new Refusal('SERVER_DRAINING', 'the server is shutting down; watch again');
      const stored = await changes.read(id, 'basic');
      if (stored?.owner !== owner) throw notFound(id);
      const task = progress.shown(stored);
      if (isFinal(task.status.state)) {
        const whole = await changes.read(id, 'full');
        if (whole === undefined) throw notFound(id);
        yield whole;
        return;
      }
      const made = task.status.state === 'processing' ? task.status.progress : undefined;
      const isFurther = !isFirst && made !== undefined && made !== known;
      known = made;
      if (task.revision > revision || (isFurther && task.revision === revision)) {
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
