import { createHash } from 'node:crypto';
import type { TaskId } from '../../src/domain/ids.js';
import type { Task } from '../../src/domain/task.js';
import { isOk, mayHaveHappened, type Evidence, type Violation } from './evidence.js';
import type { Submit } from './history.js';

/**
 * I1: an acknowledged submission is there in the end, and there is no task that nobody submitted.
 *
 * Sees every acknowledged task that is gone, and every task whose input no call that may have happened
 * brought. A task of an unknown call may be there or not. Cannot see loss of power: kill -9 keeps what
 * the kernel has, whether it was synced or not.
 */
export function* checkPresence({ tasks, submits, finalTasks }: Evidence): Generator<Violation> {
  for (const { id, final, submits: acknowledged, observations } of tasks.values()) {
    if (final !== undefined) continue;
    if (acknowledged.length > 0)
      yield { invariant: 'I1', taskId: id, detail: 'was acknowledged and is not there' };
    else if (observations.length > 0)
      yield { invariant: 'I1', taskId: id, detail: 'was shown and is not there' };
  }
  const brought = new Set(submits.filter(mayHaveHappened).map(({ digest }) => digest as string));
  for (const task of finalTasks)
    if (!brought.has(inputDigest(task)))
      yield { invariant: 'I1', taskId: task.id, detail: 'is there and nobody submitted it' };
}

/**
 * I7: the same owner, request id and body make one task, and another body under the same id none.
 *
 * Sees two ids answered for one request id, two answers that claim to be the first, an acknowledged
 * second body, and more tasks of one input than calls could make, also where every answer was lost.
 * Relies on no two submissions with different request ids having the same input.
 */
export function* checkDeduplication({ submits, finalTasks }: Evidence): Generator<Violation> {
  for (const calls of groups(
    submits.filter(({ requestId }) => requestId !== undefined),
    key,
  )) {
    const answers = calls.flatMap((call) => (isOk(call.outcome) ? [{ call, answer: call.outcome }] : []));
    const [first] = answers;
    if (first === undefined) continue;
    const { taskId } = first.answer;
    const detail = (text: string) =>
      ({ invariant: 'I7', taskId, detail: `request ${key(first.call)} ${text}` }) as const;
    if (answers.some(({ answer }) => answer.taskId !== taskId)) yield detail('gave two tasks');
    if (answers.filter(({ answer }) => !answer.deduplicated).length > 1) yield detail('was made twice');
    if (answers.some(({ call }) => call.digest !== first.call.digest))
      yield detail('was taken with two bodies');
  }
  const made = new Map<string, Task[]>();
  for (const task of finalTasks) made.set(inputDigest(task), [...(made.get(inputDigest(task)) ?? []), task]);
  for (const calls of groups(submits.filter(mayHaveHappened), ({ digest }) => digest)) {
    const tasks = made.get(calls[0]?.digest ?? '') ?? [];
    const requests = new Set(calls.flatMap(({ requestId }) => requestId ?? [])).size;
    const most = requests + calls.filter(({ requestId }) => requestId === undefined).length;
    if (tasks.length > most)
      yield {
        invariant: 'I7',
        taskId: tasks[0]?.id as TaskId,
        detail: `${tasks.length} tasks of one input that ${most} requests brought`,
      };
  }
}

function key({ owner, requestId }: Submit): string {
  return `${owner}/${requestId ?? ''}`;
}

function groups(submits: readonly Submit[], keyOf: (submit: Submit) => string): Iterable<readonly Submit[]> {
  const byKey = new Map<string, Submit[]>();
  for (const submit of submits) {
    const group = byKey.get(keyOf(submit));
    if (group === undefined) byKey.set(keyOf(submit), [submit]);
    else group.push(submit);
  }
  return byKey.values();
}

/** Empty when the payload is not at hand, which no submission has. */
function inputDigest({ input: { payload } }: Task): string {
  if (payload === undefined) return '';
  if (payload.kind === 'content') return payload.sha256;
  return createHash('sha256').update(payload.bytes).digest('hex');
}
