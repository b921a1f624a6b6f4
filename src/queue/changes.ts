import type { TaskId } from '../domain/ids.js';
import type { Task } from '../domain/task.js';
import type { GetQuery, TaskStore } from './task-store.js';

type View = GetQuery['view'];

/** A task that somebody follows. */
interface Followed {
  readonly listeners: Set<() => void>;
  /** What was read since it changed the last time; one reading serves all who follow. */
  readonly readings: Map<View, Promise<Task | undefined>>;
}

/** Tells who follows a task that it changed, and reads it for them. */
export class Changes {
  readonly #store: Pick<TaskStore, 'get'>;
  readonly #followed = new Map<TaskId, Followed>();

  constructor(store: Pick<TaskStore, 'get'>) {
    this.#store = store;
  }

  /** Calls back at each change until the returned function is called. */
  follow(id: TaskId, onChange: () => void): () => void {
    const followed = this.#followed.get(id) ?? { listeners: new Set(), readings: new Map() };
    this.#followed.set(id, followed);
    followed.listeners.add(onChange);
    return () => {
      followed.listeners.delete(onChange);
      if (followed.listeners.size === 0) this.#followed.delete(id);
    };
  }

  /** The task as it is after the last change that was told. */
  read(id: TaskId, view: View): Promise<Task | undefined> {
    const readings = this.#followed.get(id)?.readings;
    const known = readings?.get(view);
    if (known !== undefined) return known;
    const reading = this.#store.get({ id, view, place: true });
    readings?.set(view, reading);
    // What failed may be tried again.
    reading.catch(() => {
      if (readings?.get(view) === reading) readings.delete(view);
    });
    return reading;
  }

  tell(ids: readonly TaskId[]): void {
    for (const id of ids) {
      const followed = this.#followed.get(id);
      if (followed === undefined) continue;
      followed.readings.clear();
      for (const onChange of followed.listeners) onChange();
    }
  }

  /** Something beside what is stored changed: who follows looks once more, without reading anew. */
  ring(id: TaskId): void {
    for (const onChange of this.#followed.get(id)?.listeners ?? []) onChange();
  }

  /** At shutdown: everybody looks once more. */
  tellAll(): void {
    this.tell([...this.#followed.keys()]);
  }
}
