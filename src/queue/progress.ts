import type { TaskId } from '../domain/ids.js';
import type { Task, TaskProgress } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';

/** Changes of one task are told at most so often. */
const TELL_MS = 1_000;

interface Entry {
  progress: TaskProgress;
  /** When it was told the last time, by the clock's time that only goes on. */
  toldMs: number;
  /** Takes back the telling that is due; absent when none is. */
  cancel?: () => void;
}

/**
 * How far the leased tasks are, as their holders say. In memory alone: it comes every few seconds, nobody misses it
 * after a restart, and on the disk each would cost a commit.
 */
export class ProgressBoard {
  readonly #entries = new Map<TaskId, Entry>();

  /** @param tell called when who follows a task should see its progress */
  constructor(
    private readonly clock: Clock,
    private readonly tell: (id: TaskId) => void,
  ) {}

  note(id: TaskId, progress: TaskProgress): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      this.#entries.set(id, { progress, toldMs: this.clock.now() });
      this.tell(id);
      return;
    }
    if (entry.progress.fraction === progress.fraction && entry.progress.stage === progress.stage) return;
    entry.progress = progress;
    const waitMs = entry.toldMs + TELL_MS - this.clock.now();
    if (waitMs <= 0) this.#tell(id, entry);
    else entry.cancel ??= this.clock.after(waitMs, () => this.#tell(id, entry));
  }

  /** The attempt is over, or the lease is another's. */
  end(id: TaskId): void {
    this.#entries.get(id)?.cancel?.();
    this.#entries.delete(id);
  }

  /** The task with its progress, while it has some. */
  shown(task: Task): Task {
    const progress = task.status.state === 'processing' ? this.#entries.get(task.id)?.progress : undefined;
    return progress === undefined ? task : { ...task, status: { state: 'processing', progress } };
  }

  close(): void {
    for (const { cancel } of this.#entries.values()) cancel?.();
    this.#entries.clear();
  }

  #tell(id: TaskId, entry: Entry): void {
    entry.cancel?.();
    delete entry.cancel;
    entry.toldMs = this.clock.now();
    this.tell(id);
  }
}
