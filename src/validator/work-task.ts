import type { TaskFailure } from '../domain/task.js';
import { isSkipped, type Answer } from './asking.js';
import { capableMiners, LOOK_AGAIN_MS } from './capable-miners.js';
import { noCapableMiner } from './no-capable-miner.js';
import { askRound, type RoundDeps, type Work, type Worked } from './round.js';
import { atMost, untilAborted, wait } from '../runtime/wait.js';

/** Rounds in which no miner looked at the input before the attempt fails. */
const MAX_ROUNDS = 3;
/** Kept of the run time for settling. */
const SETTLE_MS = 3_000;

/**
 * Finds the best reply to a task: asks miners that can do it, others in place of those that do not look at it, and
 * waits while all of them are busy.
 *
 * @throws the signal's reason
 */
export async function workTask(deps: RoundDeps, work: Work): Promise<Worked> {
  const { clock } = deps;
  const { task, signal } = work;
  const deadline = clock.now() + task.maxRunMs - SETTLE_MS;
  for (let rounds = 0; ;) {
    const capable = await capableMiners(deps, work);
    if (capable.length === 0) return failed(deps, work);
    const miners = capable.filter(({ hotkey }) => deps.inFlight.room(hotkey) > 0);
    const round =
      miners.length === 0 ? undefined : await askRound(deps, work, miners, deadline - clock.now());
    if (round !== undefined && !round.answers.every(isSkipped)) return round.worked();
    const busy = round === undefined ? [LOOK_AGAIN_MS] : round.answers.flatMap(busyMs);
    if (busy.length === 0) {
      rounds += 1;
      await untilAborted(deps.probe.refresh(), signal);
    }
    const delayMs = busy.length === 0 ? 0 : Math.min(LOOK_AGAIN_MS, ...busy);
    if (rounds >= MAX_ROUNDS || clock.now() + delayMs >= deadline) return round?.worked() ?? overloaded();
    deps.onWaiting();
    work.onProgress({ fraction: 0, stage: 'waiting for a miner' });
    if (round === undefined) await atMost(clock, delayMs, deps.inFlight.nextEnd(), signal);
    else await wait(clock, delayMs, signal);
    signal.throwIfAborted();
  }
}

function failed({ probe }: RoundDeps, { task, input }: Work): Worked {
  const failure = noCapableMiner(probe.miners(), {
    kind: task.kind,
    language: task.language,
    inputBytes: input.byteLength,
  });
  return unasked(failure, false);
}

function overloaded(): Worked {
  const message = 'Every capable miner has as many tasks of this validator as it is given at a time.';
  return unasked({ reason: 'ALL_MINERS_FAILED', message }, true);
}

function unasked(failure: TaskFailure, retryable: boolean): Worked {
  return {
    outcome: { kind: 'failed', failure, retryable },
    responses: [],
    stragglers: Promise.resolve(),
  };
}

function busyMs(answer: Answer): readonly number[] {
  if (answer.kind !== 'failure' || answer.refusal.reason !== 'MINER_BUSY') return [];
  return [answer.refusal.retryAfterMs ?? LOOK_AGAIN_MS];
}
