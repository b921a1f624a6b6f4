import type { TaskId } from '../domain/ids.js';

/** Tells who follows a task that it changed. */
export class Changes {
  readonly #followers = new Map<TaskId, Set<() => void>>();

  /** Calls back at each change until the returned function is called. */
  follow(id: TaskId, onChange: () => void): () => void {
    const followers = this.#followers.get(id) ?? new Set();
    this.#followers.set(id, followers.add(onChange));
    return () => {
      followers.delete(onChange);
      if (followers.size === 0) this.#followers.delete(id);
    };
  }

  tell(ids: readonly TaskId[]): void {
    for (const id of ids) for (const onChange of this.#followers.get(id) ?? []) onChange();
  }

  /** At shutdown: everybody looks once more. */
  tellAll(): void {
    for (const followers of this.#followers.values()) for (const onChange of followers) onChange();
  }
}
