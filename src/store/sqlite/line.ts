import { TASK_KINDS } from '../../domain/task.js';

/** Tasks read ahead of a line at a time. */
export const READ_AHEAD = 64;

/** The waiting tasks of one kind in a line, in order: a few read ahead, the others in the database alone. */
interface Wait {
  /** The next ones, oldest first. */
  ahead: number[];
  /** The last one that was read ahead, or was never behind it. */
  cursor: number;
  /** There may be more behind the cursor. */
  more: boolean;
}

/** What stands behind a place of a line. */
export interface Ahead {
  /** Those that wait, oldest first. */
  readonly seqs: number[];
  /** The last one that was looked at. */
  readonly last: number;
  /** Whether there may be more behind it. */
  readonly more: boolean;
}

/** Reads up to READ_AHEAD tasks of one kind behind a place. */
export type ReadLine = (line: Line, kind: number, after: number) => Ahead;

/** The tasks of one owner and priority: the first of them are ranked, the others wait here. */
export class Line {
  /** How many are ranked. */
  ranked = 0;
  readonly #waits: readonly Wait[];

  /** @param after the last task that does not wait in it */
  constructor(
    readonly owner: string,
    readonly priority: number,
    after: number,
    more: boolean,
  ) {
    this.#waits = TASK_KINDS.map(() => ({ ahead: [], cursor: after, more }));
  }

  get isEmpty(): boolean {
    return this.ranked === 0 && this.#waits.every(({ ahead, more }) => ahead.length === 0 && !more);
  }

  /** A new task stands at the end; it is read ahead when its turn is near. */
  append(kind: number, seq: number): void {
    const wait = this.#wait(kind);
    wait.more = true;
    // SQLite numbers it like the last task when that was deleted meanwhile.
    wait.cursor = Math.min(wait.cursor, seq - 1);
  }

  /** A new task was ranked at once: nothing of its kind up to it waits. */
  pass(kind: number, seq: number): void {
    const wait = this.#wait(kind);
    wait.cursor = Math.max(wait.cursor, seq);
  }

  /** A task left the queue, perhaps one that was read ahead. */
  drop(kind: number, seq: number): void {
    const { ahead } = this.#wait(kind);
    const place = ahead.indexOf(seq);
    if (place !== -1) ahead.splice(place, 1);
  }

  /** The first waiting task of the wanted kinds, not taken. @param kinds a bit a kind */
  first(kinds: number, read: ReadLine): { readonly seq: number; readonly kind: number } | undefined {
    let best: { readonly seq: number; readonly kind: number } | undefined;
    for (let kind = 0; kind < this.#waits.length; kind++) {
      if (((kinds >> kind) & 1) === 0) continue;
      const [seq] = this.#ahead(kind, read);
      if (seq !== undefined && (best === undefined || seq < best.seq)) best = { seq, kind };
    }
    return best;
  }

  take(kind: number): void {
    this.#wait(kind).ahead.shift();
  }

  /** What is read ahead of every kind, oldest first. */
  shown(read: ReadLine): number[] {
    return this.#waits.flatMap((_, kind) => this.#ahead(kind, read)).sort((a, b) => a - b);
  }

  /** How many wait before a task, without taking any; `limit` stands for that many and more. */
  countBefore(seq: number, limit: number, read: ReadLine): number {
    let count = 0;
    for (let kind = 0; kind < this.#waits.length && count < limit; kind++) {
      let { ahead, cursor, more } = this.#wait(kind);
      for (;;) {
        const end = ahead.findIndex((other) => other >= seq);
        count += end === -1 ? ahead.length : end;
        if (end !== -1 || !more || cursor >= seq || count >= limit) break;
        ({ seqs: ahead, last: cursor, more } = read(this, kind, cursor));
      }
    }
    return Math.min(count, limit);
  }

  #ahead(kind: number, read: ReadLine): readonly number[] {
    const wait = this.#wait(kind);
    while (wait.ahead.length === 0 && wait.more) {
      const { seqs, last, more } = read(this, kind, wait.cursor);
      wait.ahead = seqs;
      wait.cursor = last;
      wait.more = more;
    }
    return wait.ahead;
  }

  #wait(kind: number): Wait {
    const wait = this.#waits[kind];
    if (wait === undefined) throw new Error(`there is no kind ${kind}`);
    return wait;
  }
}
