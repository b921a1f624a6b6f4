import { isFinal } from '../../src/domain/task.js';
import type { Evidence, FinalTask, Violation } from './evidence.js';

/**
 * I12: the end of a task with a callback URL has exactly one announcement, written with it.
 *
 * Sees an end without one, one of a task that goes on, and one that tells of another end: state, time or
 * URL. There cannot be two, for the store keeps them by their tasks.
 */
export function* checkAnnouncements({ finalTasks }: Evidence): Generator<Violation> {
  for (const task of finalTasks) {
    const detail = task.callbackUrl === undefined ? undefined : brokenBy(task);
    if (detail !== undefined) yield { invariant: 'I12', taskId: task.id, detail };
  }
}

function brokenBy({ status, endUs, callbackUrl, webhook }: FinalTask): string | undefined {
  if (!isFinal(status.state)) return webhook === undefined ? undefined : 'is announced and goes on';
  if (webhook === undefined) return `is ${status.state} and not announced`;
  const isSame = webhook.taskState === status.state && webhook.endUs === endUs && webhook.url === callbackUrl;
  return isSame ? undefined : `is ${status.state} and announced as ${webhook.taskState}, or elsewhere`;
}
