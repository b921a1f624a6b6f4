import { isFinal, type Task, type TaskState } from '../../src/domain/task.js';
import {
  answeredMs,
  isOk,
  isSame,
  mayHaveHappened,
  type Evidence,
  type Lease,
  type TaskHistory,
  type Violation,
} from './evidence.js';
import { digestOf } from './history-lines.js';
import type { Settle, SettlementKind } from './history.js';

/** Ends of attempts that the store writes by itself, without words of a settle. */
const OWN_OUTCOMES = new Set([
  'COMPLETED',
  'CANCELLED',
  'LEASE_EXPIRED',
  'RUN_TIME_EXCEEDED',
  'LEASE_FORSAKEN',
]);
/** Reasons of failures that the store gives by itself, where the words may be those of the last attempt. */
const OWN_REASONS = new Set(['TASK_EXPIRED', 'ATTEMPTS_EXHAUSTED', 'DELIVERIES_EXHAUSTED']);
/** Attempts that a task shows at most; an older one may be gone. */
const SHOWN_ATTEMPTS = 32;

/**
 * I2: a task reaches exactly one final state and stays in it.
 *
 * Sees a task that is not final in the end (the history must be drained), any answer or observation of a
 * final state, revision or output that is not the one of the end, and a lease that was accepted after a
 * final state had been shown. Cannot see a final state that changed and changed back between two looks.
 */
export function* checkFinality({ tasks }: Evidence): Generator<Violation> {
  for (const task of tasks.values()) {
    if (task.final === undefined) continue;
    const { status, revision } = task.final;
    const violation = (detail: string): Violation => ({ invariant: 'I2', taskId: task.id, detail });
    if (!isFinal(status.state)) yield violation(`is ${status.state} in the end`);
    for (const { state, source } of finalAnswers(task))
      if (state !== status.state)
        yield violation(`was ${state} by ${source} and is ${status.state} in the end`);
    for (const seen of task.observations.filter(({ state }) => isFinal(state))) {
      if (seen.revision !== revision)
        yield violation(`was final at revision ${seen.revision} and is at ${revision} in the end`);
      if (seen.digest !== undefined && seen.digest !== outputDigest(task.final))
        yield violation(`was completed with ${seen.digest} and has another output in the end`);
    }
    const final = finalSinceMs(task);
    for (const { token, acceptedMs } of task.leases)
      if (acceptedMs > final)
        yield violation(`token ${token} was accepted ${acceptedMs - final} ms after the end`);
  }
}

/** Final states that answers told. */
function* finalAnswers({ settles, cancels, observations, final }: TaskHistory) {
  for (const { outcome } of settles)
    if (isOk(outcome) && isFinal(outcome.state)) yield { state: outcome.state, source: 'a settle' };
  for (const { outcome } of cancels) {
    if (isOk(outcome)) yield { state: 'cancelled' as TaskState, source: 'a cancellation' };
    else if (
      final?.status.state === 'cancelled' &&
      outcome.kind === 'refused' &&
      outcome.reason === 'TASK_TERMINAL'
    )
      yield { state: 'completed or failed', source: 'a refused cancellation' };
  }
  for (const { state, client } of observations) if (isFinal(state)) yield { state, source: client };
}

/** When the task was final for sure: the earliest answer that said so. */
function finalSinceMs({ settles, cancels, observations }: TaskHistory): number {
  return Math.min(
    ...settles.flatMap((call) =>
      isOk(call.outcome) && isFinal(call.outcome.state) ? [answeredMs(call)] : [],
    ),
    ...cancels.flatMap((call) => (isOk(call.outcome) ? [answeredMs(call)] : [])),
    ...observations.flatMap(({ state, endMs }) => (isFinal(state) ? [endMs] : [])),
  );
}

/**
 * I5: an OK settle is durable, and the same settle again gets the same answer.
 *
 * Sees an OK completion or failure that is not the end of its task, an OK retryable failure without its
 * attempt, an OK release of a confirmed lease without its attempt, one lease settled in two ways, and the
 * refusal of a repetition. Cannot see the loss of the release of an unconfirmed lease, which leaves no
 * trace. The store remembers the last settlement of a task alone: after another lease of the task was
 * settled, the repetition of one that was not the end may be refused.
 */
export function* checkSettlements({ tasks }: Evidence): Generator<Violation> {
  for (const task of tasks.values())
    for (const lease of task.leases) {
      const accepted = lease.settles.filter(({ outcome }) => isOk(outcome));
      const violation = (detail: string): Violation => ({
        invariant: 'I5',
        taskId: task.id,
        detail: `token ${lease.token} ${detail}`,
      });
      const [first] = accepted;
      if (first === undefined) continue;
      if (accepted.some((settle) => !isSame(settle, first))) yield violation('was settled in two ways');
      for (const settle of accepted) {
        const missing = missingTrace(task, lease, settle);
        if (missing !== undefined) yield violation(missing);
        const refused = lease.settles.find((again) => isRefusedRepetition(task, settle, again));
        if (refused?.outcome.kind === 'refused')
          yield violation(`was settled, and the same again was refused: ${refused.outcome.reason}`);
      }
    }
}

function missingTrace(
  { final }: TaskHistory,
  { extends: confirmations }: Lease,
  settle: Settle,
): string | undefined {
  if (final === undefined) return undefined;
  const { settlement, digest } = settle;
  switch (settlement) {
    case 'completed':
      return outputDigest(final) === digest ? undefined : 'completed the task, and the end is another one';
    case 'failed':
      return failureDigest(final) === digest ? undefined : 'failed the task, and the end is another one';
    case 'retryable':
      return hasAttempt(final, digest) ? undefined : 'failed an attempt that the task does not show';
    case 'released': {
      const confirmed = confirmations.some((extend) => answeredMs(extend) < settle.startMs);
      return !confirmed || hasAttempt(final, digest)
        ? undefined
        : 'was released, which the task does not show';
    }
  }
}

function hasAttempt({ attempts }: Task, digest: string): boolean {
  return attempts.length >= SHOWN_ATTEMPTS || attempts.some(({ message }) => digestOf(message) === digest);
}

function isRefusedRepetition({ settles }: TaskHistory, accepted: Settle, again: Settle): boolean {
  if (again.outcome.kind !== 'refused' || !isSame(accepted, again)) return false;
  if (again.startMs <= answeredMs(accepted)) return false;
  if (accepted.settlement === 'completed' || accepted.settlement === 'failed') return true;
  return !settles.some(
    (other) => other.token !== again.token && mayHaveHappened(other) && other.startMs < answeredMs(again),
  );
}

/**
 * I8: a completed task has its result, byte for byte what its holder gave; and I4, second half: what a
 * refused settle said is nowhere in the task.
 *
 * Sees a missing output, one that no settle of the task brought, and outputs, failures and attempts whose
 * words came from refused settles alone. Cannot see a refused release of an unconfirmed lease that went
 * through, but by the lease that then overlaps.
 */
export function* checkTraces({ tasks }: Evidence): Generator<Violation> {
  for (const task of tasks.values()) {
    if (task.final === undefined) continue;
    for (const { digest, kinds, what } of traces(task.final)) {
      const sources = task.settles.filter(
        (settle) => settle.digest === digest && kinds.includes(settle.settlement),
      );
      const invariant = kinds.includes('completed') ? 'I8' : 'I4';
      if (digest === undefined) yield { invariant, taskId: task.id, detail: `${what} is not there` };
      else if (sources.length === 0) yield { invariant, taskId: task.id, detail: `${what} is nobody's` };
      else if (!sources.some(mayHaveHappened))
        yield { invariant: 'I4', taskId: task.id, detail: `${what} is of a settle that was refused` };
    }
  }
}

interface Trace {
  readonly digest: string | undefined;
  readonly kinds: readonly SettlementKind[];
  readonly what: string;
}

function* traces(final: Task): Generator<Trace> {
  const { status, attempts } = final;
  if (status.state === 'completed')
    yield { digest: outputDigest(final), kinds: ['completed'], what: 'the output' };
  if (status.state === 'failed' && !OWN_REASONS.has(status.failure.reason))
    yield { digest: failureDigest(final), kinds: ['failed', 'retryable'], what: 'the failure' };
  for (const { outcome, message, number } of attempts) {
    if (OWN_OUTCOMES.has(outcome) || (outcome === 'RELEASED' && message === '')) continue;
    const kinds: SettlementKind[] = outcome === 'RELEASED' ? ['released'] : ['failed', 'retryable'];
    yield { digest: digestOf(message), kinds, what: `the end of attempt ${number}` };
  }
}

/** Absent when the task has no output, or one that is not at hand. */
function outputDigest({ status }: Task): string | undefined {
  if (status.state !== 'completed' || status.result.output?.kind !== 'inline') return undefined;
  return digestOf(status.result.output.bytes);
}

function failureDigest({ status }: Task): string | undefined {
  return status.state === 'failed' ? digestOf(status.failure.message) : undefined;
}
