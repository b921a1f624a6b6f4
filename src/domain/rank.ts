import type { Priority } from './task.js';

/** How far ahead of its time of entry a task of a priority ranks, in milliseconds. */
export type Boosts = Readonly<Record<Priority, number>>;

export const DEFAULT_BOOSTS: Boosts = {
  urgent: 24 * 3_600_000,
  high: 2 * 3_600_000,
  normal: 15 * 60_000,
  low: 0,
};

/**
 * The place of a task in the queue, smaller first. Priorities are strict while the lower task has
 * waited less than the difference of the boosts; nobody starves.
 *
 * @param enteredUs Unix microseconds
 */
export function rank(enteredUs: number, priority: Priority, boosts: Boosts): number {
  return enteredUs - boosts[priority] * 1000;
}
