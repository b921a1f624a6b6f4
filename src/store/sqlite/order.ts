import { RANKED_PER_LINE } from '../../domain/limits.js';
import { rank, type Boosts } from '../../domain/rank.js';
import { TASK_KINDS } from '../../domain/task.js';
import { Heap } from './heap.js';
import { Line, type ReadLine } from './line.js';
import { priorityOf, type TaskRow } from './row.js';

/** A bit a kind, for every kind. */
export const EVERY_KIND = (1 << TASK_KINDS.length) - 1;

/** Withdrawn tasks that may stay in a heap whatever its size. */
const MAX_GONE = 1_024;

type Place = Pick<TaskRow, 'seq' | 'owner' | 'priority' | 'kind'>;

interface Ranked {
  readonly seq: number;
  readonly rank: number;
  readonly line: Line;
  /** Taken or withdrawn; it is passed over when its turn comes. */
  gone: boolean;
}

/** The next task and the rank it had. */
export interface Next {
  readonly seq: number;
  readonly rank: number;
}

/**
 * The order of the queue, in memory: the first of each owner and priority are ranked, so that one owner's
 * flood stands at most that many places ahead of another owner's task; the others wait in the database.
 * Its size is bounded by the owners with waiting tasks, not by the tasks: 1,000,000 tasks of one owner take
 * the room of 16. It is built again from the database at start and after a transaction that failed.
 */
export class Order {
  readonly #boosts: Boosts;
  readonly #read: ReadLine;
  readonly #heaps = TASK_KINDS.map(() => new Heap<Ranked>((a, b) => compare(a, b) < 0));
  readonly #ranked = new Map<number, Ranked>();
  readonly #lines = new Map<string, Line>();
  /** When the last waiting task moved up, Unix microseconds. */
  #turnUs = 0;

  constructor(boosts: Boosts, read: ReadLine) {
    this.#boosts = boosts;
    this.#read = read;
  }

  isRanked(seq: number): boolean {
    return this.#ranked.has(seq);
  }

  /** Puts a new task at the end of its line. */
  enter(task: Place, nowUs: number): void {
    const line = this.#line(task, task.seq - 1);
    if (line.ranked < RANKED_PER_LINE) {
      line.pass(task.kind, task.seq);
      this.#rank(task.seq, task.kind, line, this.rankAt(nowUs, line.priority));
    } else {
      line.append(task.kind, task.seq);
    }
  }

  /** Puts a task back whose place is kept: it is ranked whatever the line holds. */
  reenter(task: Place, place: number): void {
    const line = this.#line(task, task.seq);
    this.#rank(task.seq, task.kind, line, place);
  }

  /** Makes a line of what the database holds; `rankOf` gives the ranks of the first of them. */
  restore(owner: string, priority: number, rankOf: (seq: number, line: Line) => number): void {
    const line = new Line(owner, priority, -1, true);
    while (line.ranked < RANKED_PER_LINE) {
      const next = line.first(EVERY_KIND, this.#read);
      if (next === undefined) break;
      line.take(next.kind);
      this.#rank(next.seq, next.kind, line, rankOf(next.seq, line));
    }
    if (!line.isEmpty) this.#lines.set(keyOf(owner, priority), line);
  }

  /** Takes the next task of the wanted kinds out, and lets the next of its line move up. */
  next(kinds: number, nowUs: number): Next | undefined {
    const heap = this.#best(kinds);
    if (heap === undefined) return this.#nextInLine(kinds, nowUs);
    const { seq, rank: place, line } = heap.pop() as Ranked;
    this.#left(line, nowUs);
    this.#ranked.delete(seq);
    return { seq, rank: place };
  }

  /** Takes a waiting task out. */
  remove(task: Place, nowUs: number): void {
    const ranked = this.#ranked.get(task.seq);
    if (ranked === undefined) {
      this.#lines.get(keyOf(task.owner, task.priority))?.drop(task.kind, task.seq);
      return;
    }
    ranked.gone = true;
    this.#left(ranked.line, nowUs);
    this.#ranked.delete(task.seq);
    this.#forget(task.kind);
  }

  /** The next tasks, without taking them; exact as far as they are ranked. */
  peek(limit: number): number[] {
    const ranked = this.#heaps.flatMap((heap) => heap.smallest(limit, ({ gone }) => !gone));
    ranked.sort(compare);
    const seqs = ranked.slice(0, limit).map(({ seq }) => seq);
    if (seqs.length === limit) return seqs;
    const waiting: number[] = [];
    for (const line of this.#lines.values()) {
      waiting.push(...line.shown(this.#read));
      if (waiting.length >= limit) break;
    }
    return [...seqs, ...waiting.sort((a, b) => a - b)].slice(0, limit);
  }

  /**
   * How many tasks stand before one, if none comes or goes but those that are taken: exact within one line and
   * among the ranked, else within RANKED_PER_LINE. Undefined when it does not wait here, or when `limit` or more
   * do. Looks at a few times `limit` tasks at most.
   */
  place(task: Place, nowUs: number, limit: number): number | undefined {
    const line = this.#lines.get(keyOf(task.owner, task.priority));
    // Each line may take a reading of the database.
    if (line === undefined || this.#lines.size > limit / 8) return undefined;
    const before = this.#countBefore(task, line, { nowUs, limit });
    return before < limit ? before : undefined;
  }

  /** The oldest task that may be handed out: the first of each line is always ranked. */
  oldest(): number | undefined {
    let oldest: number | undefined;
    for (const seq of this.#ranked.keys()) if (oldest === undefined || seq < oldest) oldest = seq;
    return oldest;
  }

  rankAt(enteredUs: number, priority: number): number {
    return Math.round(rank(enteredUs, priorityOf(priority), this.#boosts));
  }

  /**
   * The ranked ones before it, and those that move up before it: a line that is boosted more does so as a
   * whole; those of its own priority take turns with its own line, so as many of each are before it.
   */
  #countBefore(
    task: Place,
    own: Line,
    { nowUs, limit }: { readonly nowUs: number; readonly limit: number },
  ): number {
    const ranked = this.#ranked.get(task.seq);
    const place = ranked?.rank ?? this.rankAt(nowUs, task.priority);
    const inLine = ranked === undefined ? own.countBefore(task.seq, limit, this.#read) : 0;
    let count = inLine + this.#countRanked({ seq: task.seq, rank: place }, limit);
    for (const line of this.#lines.values()) {
      if (count >= limit) break;
      if (line === own) continue;
      const ahead = this.rankAt(0, task.priority) - this.rankAt(0, line.priority);
      const isBefore = ahead > 0 && this.rankAt(nowUs, line.priority) < place;
      const most = isBefore ? limit : ahead === 0 ? inLine : 0;
      count += line.countBefore(Infinity, Math.min(most, limit - count), this.#read);
    }
    return count;
  }

  #countRanked(next: Next, limit: number): number {
    const probe = next as Ranked;
    return this.#heaps.reduce((sum, heap) => sum + heap.countBefore(probe, limit, ({ gone }) => !gone), 0);
  }

  #best(kinds: number): Heap<Ranked> | undefined {
    let best: Heap<Ranked> | undefined;
    this.#heaps.forEach((heap, kind) => {
      if (((kinds >> kind) & 1) === 0) return;
      while (heap.first?.gone === true) heap.pop();
      const first = heap.first;
      const other = best?.first;
      if (first !== undefined && (other === undefined || compare(first, other) < 0)) best = heap;
    });
    return best;
  }

  /** Ranked tasks of unwanted kinds must not stand before wanted ones that still wait in their line. */
  #nextInLine(kinds: number, nowUs: number): Next | undefined {
    if (kinds === EVERY_KIND) return undefined;
    let best: { readonly line: Line; readonly kind: number; readonly seq: number } | undefined;
    for (const line of this.#lines.values()) {
      const first = line.first(kinds, this.#read);
      if (first !== undefined && (best === undefined || first.seq < best.seq)) best = { line, ...first };
    }
    if (best === undefined) return undefined;
    best.line.take(best.kind);
    return { seq: best.seq, rank: this.rankAt(nowUs, best.line.priority) };
  }

  #rank(seq: number, kind: number, line: Line, place: number): void {
    const ranked = { seq, rank: place, line, gone: false };
    line.ranked += 1;
    this.#ranked.set(seq, ranked);
    this.#heaps[kind]?.push(ranked);
  }

  /**
   * A ranked one leaves: the first of the line takes its place with the rank of this moment. The one that
   * leaves counts as ranked until then, or the database might name it as the next.
   */
  #left(line: Line, nowUs: number): void {
    line.ranked -= 1;
    if (line.ranked < RANKED_PER_LINE) {
      const next = line.first(EVERY_KIND, this.#read);
      if (next !== undefined) {
        line.take(next.kind);
        this.#rank(next.seq, next.kind, line, this.rankAt(this.#turn(nowUs), line.priority));
      }
    }
    if (line.isEmpty) this.#lines.delete(keyOf(line.owner, line.priority));
  }

  /** Tasks that move up in one transaction do so one after the other, or the oldest owner would win each tie. */
  #turn(nowUs: number): number {
    this.#turnUs = Math.max(nowUs, this.#turnUs + 1);
    return this.#turnUs;
  }

  /** Withdrawn tasks must not fill the memory while nobody takes any. */
  #forget(kind: number): void {
    const heap = this.#heaps[kind];
    if (heap !== undefined && heap.size > 2 * this.#ranked.size + MAX_GONE) heap.keep(({ gone }) => !gone);
  }

  /** @param after the last task of the line that does not wait, when the line is new */
  #line({ owner, priority }: Place, after: number): Line {
    const key = keyOf(owner, priority);
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = new Line(owner, priority, after, false);
      this.#lines.set(key, line);
    }
    return line;
  }
}

function compare(a: Next, b: Next): number {
  return a.rank - b.rank || a.seq - b.seq;
}

function keyOf(owner: string, priority: number): string {
  return `${priority} ${owner}`;
}
