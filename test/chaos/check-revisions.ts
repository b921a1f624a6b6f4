import { isFinal } from '../../src/domain/task.js';
import { isOk, type Evidence, type TaskHistory, type Violation } from './evidence.js';
import type { Observation } from './history.js';

/**
 * I9: revisions only grow, one revision is one state, and a watcher that ended well saw the final one.
 *
 * Sees an older revision read after a newer one had arrived, by whomever, two states of one revision, and
 * a watcher's stream that repeats, goes back, goes on after the final state or ends without it. A message
 * may be long on its way, so two that were under way at once are not compared but within one stream.
 */
export function* checkRevisions(evidence: Evidence): Generator<Violation> {
  for (const task of evidence.tasks.values()) {
    yield* checkOrder(task);
    yield* checkStates(task);
  }
  yield* checkWatches(evidence);
}

function* checkOrder({ id, observations, final }: TaskHistory): Generator<Violation> {
  const violation = (detail: string): Violation => ({ invariant: 'I9', taskId: id, detail });
  const arrived = [...observations].sort((a, b) => a.endMs - b.endMs);
  let newest = 0;
  let next = 0;
  for (const { startMs, revision, client } of [...observations].sort((a, b) => a.startMs - b.startMs)) {
    for (let seen = arrived[next]; seen !== undefined && seen.endMs < startMs; seen = arrived[++next])
      newest = Math.max(newest, seen.revision);
    if (revision < newest) yield violation(`${client} read revision ${revision} after ${newest}`);
  }
  for (const { revision } of observations)
    if (final !== undefined && revision > final.revision)
      yield violation(`revision ${revision} was seen and ${final.revision} is the last one`);
}

function* checkStates({ id, observations, final }: TaskHistory): Generator<Violation> {
  const states = new Map<number, string>();
  const seen = [...observations, ...(final === undefined ? [] : [{ ...final, state: final.status.state }])];
  for (const { revision, state } of seen) {
    const other = states.get(revision) ?? state;
    if (other !== state)
      yield { invariant: 'I9', taskId: id, detail: `revision ${revision} was ${other} and ${state}` };
    states.set(revision, state);
  }
}

function* checkWatches({ watches, tasks }: Evidence): Generator<Violation> {
  const messages = new Map<string, Observation[]>();
  for (const { observations } of tasks.values())
    for (const seen of observations) {
      if (seen.watch === undefined) continue;
      const stream = messages.get(seen.watch);
      if (stream === undefined) messages.set(seen.watch, [seen]);
      else stream.push(seen);
    }
  for (const { watch, taskId, afterRevision, outcome } of watches) {
    const violation = (detail: string): Violation => ({
      invariant: 'I9',
      taskId,
      detail: `watch ${watch} ${detail}`,
    });
    let last = afterRevision;
    let ended = false;
    for (const { revision, state } of messages.get(watch) ?? []) {
      if (ended) yield violation('went on after the final state');
      if (revision <= last && !(isFinal(state) && last === afterRevision))
        yield violation(`showed revision ${revision} after ${last}`);
      last = revision;
      ended = isFinal(state);
    }
    if (isOk(outcome) && !ended) yield violation('ended well without the final state');
  }
}
