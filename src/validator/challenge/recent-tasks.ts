import type { FedTask } from '../ports/task-feed.js';
import { shapeOf, type Shape } from './shape.js';

const HOUR_MS = 3_600_000;
/** Tasks remembered: a few hundred kilobytes at most, for their headers. */
const MAX_REMEMBERED = 512;
/** A longer gap between two tasks parts them into two sessions. */
export const SESSION_GAP_MS = 120_000;
/** What the rate of tasks is taken over: long, so that own questions do not follow upon those of users. */
const RATE_MS = 3 * HOUR_MS;

export interface Remembered {
  readonly atMs: number;
  readonly shape: Shape;
}

/** What tasks of users looked like of late, and when they came; in memory alone, and nothing of what they say. */
export class RecentTasks {
  private remembered: Remembered[] = [];
  /** Tasks of late, each weighing less the longer ago it is, as of `ratedAt`. */
  private weight = 0;
  private ratedAt = 0;

  note(task: Parameters<typeof shapeOf>[0] & Pick<FedTask, 'kind'>, input: Uint8Array, atMs: number): void {
    this.remembered.push({ atMs, shape: shapeOf(task, input) });
    if (this.remembered.length > MAX_REMEMBERED) this.remembered = this.remembered.slice(-MAX_REMEMBERED);
    this.weight = this.weightAt(atMs) + 1;
    this.ratedAt = atMs;
  }

  /** Tasks an hour, of late. */
  perHour(nowMs: number): number {
    return (this.weightAt(nowMs) * HOUR_MS) / RATE_MS;
  }

  /** Tasks that came close upon each other, in their order. */
  sessions(): readonly (readonly Remembered[])[] {
    const sessions: Remembered[][] = [];
    for (const task of this.remembered) {
      const session = sessions.at(-1);
      const before = session?.at(-1);
      if (session === undefined || before === undefined || task.atMs - before.atMs > SESSION_GAP_MS)
        sessions.push([task]);
      else session.push(task);
    }
    return sessions;
  }

  private weightAt(nowMs: number): number {
    return this.weight * Math.exp(-Math.max(0, nowMs - this.ratedAt) / RATE_MS);
  }
}
