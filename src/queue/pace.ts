import type { Task, TaskKind } from '../domain/task.js';
import type { FinishedTask } from './task-store.js';

/** Completed tasks of a kind that the numbers rest on. */
const KEPT = 64;
/** The numbers are taken again at most so often: a submission must not pay for each task that ends. */
const MEASURE_MS = 1_000;
/** Below it progress says too little of the whole. */
const TELLING_FRACTION = 0.05;

interface Work {
  readonly grantMs: number;
  readonly endMs: number;
}

interface Figures {
  /** Median from the grant of an attempt to its result. */
  readonly runMs: ReadonlyMap<TaskKind, number>;
  /** Time with work under way, for each task that was completed in it. */
  readonly paceMs: number;
}

/** What is asked of the moment. */
export interface Moment {
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Tasks that wait, over all owners. */
  readonly pending: number;
}

/** How long tasks take, measured on those that were completed last. */
export class Pace {
  readonly #work = new Map<TaskKind, Work[]>();
  #figures: Figures = { runMs: new Map(), paceMs: 0 };
  #measuredMs = -Infinity;
  #isStale = false;

  finished({ kind, state, grantUs, endUs }: FinishedTask): void {
    if (state !== 'completed' || grantUs === undefined) return;
    const work = this.#work.get(kind) ?? [];
    this.#work.set(kind, work);
    work.push({ grantMs: grantUs / 1000, endMs: endUs / 1000 });
    if (work.length > KEPT) work.shift();
    this.#isStale = true;
  }

  /**
   * Milliseconds to the expected end of a task, at least 0: the wait of those before it, then the work. A task
   * whose place is not known stands behind all others. Undefined when it is final, no task of its kind was
   * completed, or it takes longer than they did.
   */
  endsInMs(task: Task, { nowMs, pending }: Moment): number | undefined {
    const { runMs, paceMs } = this.#measured(nowMs);
    const run = runMs.get(task.kind);
    const { status, startUs } = task;
    switch (status.state) {
      case 'pending':
        return run === undefined ? undefined : (status.place ?? Math.max(0, pending - 1)) * paceMs + run;
      case 'processing': {
        const passed = startUs === undefined ? 0 : Math.max(0, nowMs - startUs / 1000);
        const fraction = status.progress?.fraction ?? 0;
        if (fraction >= TELLING_FRACTION) return (passed / fraction) * (1 - fraction);
        return run === undefined || run < passed ? undefined : run - passed;
      }
      case 'completed':
      case 'failed':
      case 'cancelled':
        return undefined;
    }
  }

  #measured(nowMs: number): Figures {
    if (this.#isStale && Math.abs(nowMs - this.#measuredMs) >= MEASURE_MS) {
      this.#figures = measure(this.#work);
      this.#measuredMs = nowMs;
      this.#isStale = false;
    }
    return this.#figures;
  }
}

function measure(byKind: ReadonlyMap<TaskKind, readonly Work[]>): Figures {
  const runMs = new Map<TaskKind, number>();
  for (const [kind, work] of byKind)
    runMs.set(kind, median(work.map(({ grantMs, endMs }) => endMs - grantMs)));
  const all = [...byKind.values()].flat();
  return { runMs, paceMs: busyMs(all) / Math.max(1, all.length) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** How long at least one of them was under way. */
function busyMs(work: readonly Work[]): number {
  let busy = 0;
  let untilMs = -Infinity;
  for (const { grantMs, endMs } of [...work].sort((a, b) => a.grantMs - b.grantMs)) {
    busy += Math.max(0, endMs - Math.max(grantMs, untilMs));
    untilMs = Math.max(untilMs, endMs);
  }
  return busy;
}
