import type { Refusal } from '../domain/errors.js';
import type { TaskProgress } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';
import { Asking, isSkipped, type Answer, type AskedMiner } from './asking.js';
import { audioLengthMs } from './audio-length.js';
import { bestReply, repliesOf } from './best-reply.js';
import { choose } from './choose.js';
import { Judge, type JudgeDeps } from './judge.js';
import { canDo, type MinerProbe } from './miner-probe.js';
import { noCapableMiner } from './no-capable-miner.js';
import { verdictOf, type Verdict } from './outcome.js';
import type { MinerClient } from './ports/miner-client.js';
import type { FedTask } from './ports/task-feed.js';
import type { Ratings } from './ratings.js';
import { CAPABLE_WAIT_MS, MIN_DEADLINE_MS } from './settings.js';
import { atMost, untilAborted, wait } from './wait.js';

/** Rounds in which no miner looked at the input before the attempt fails. */
const MAX_ROUNDS = 3;
/** Between two looks for a miner that can do a task, or has a free slot. */
const LOOK_AGAIN_MS = 1_000;
/** Kept of the run time for settling. */
const SETTLE_MS = 3_000;
/** Longest deadline a miner takes. */
const MAX_DEADLINE_MS = 2 * 3_600_000;

export interface WorkDeps {
  readonly client: MinerClient;
  readonly probe: MinerProbe;
  readonly ratings: Ratings;
  readonly judge: JudgeDeps;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly minersPerTask: number;
}

export interface Work {
  readonly task: FedTask;
  readonly input: Uint8Array;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
}

export interface Worked extends Verdict {
  /** Resolves when the miners that were still working are judged too. Never rejects. */
  readonly stragglers: Promise<void>;
}

/**
 * Finds the best reply to a task: asks miners that can do it, others in place of those that do not look at it, and
 * waits while all of them are busy.
 *
 * @throws the signal's reason
 */
export async function workTask(deps: WorkDeps, work: Work): Promise<Worked> {
  const { clock } = deps;
  const { task, signal } = work;
  const deadline = clock.now() + task.maxRunMs - SETTLE_MS;
  for (let rounds = 0; ;) {
    const miners = await capableMiners(deps, work);
    if (miners.length === 0) return failed(deps, work);
    const round = await ask(deps, work, miners, deadline - clock.now());
    if (!round.answers.every(isSkipped)) return round.worked();
    const busy = round.answers.flatMap((answer) => busyMs(answer));
    if (busy.length === 0) {
      rounds += 1;
      await untilAborted(deps.probe.refresh(), signal);
    }
    const delayMs = busy.length === 0 ? 0 : Math.min(LOOK_AGAIN_MS, ...busy);
    if (rounds >= MAX_ROUNDS || clock.now() + delayMs >= deadline) return round.worked();
    work.onProgress({ fraction: 0, stage: 'waiting for a miner' });
    await wait(clock, delayMs, signal);
    signal.throwIfAborted();
  }
}

/** Those that can do the task; waits a few seconds for one while some miners are not reached. */
async function capableMiners(
  { probe, ratings, clock }: WorkDeps,
  work: Work,
): Promise<readonly AskedMiner[]> {
  const { kind, language } = work.task;
  const wanted = { kind, language, inputBytes: work.input.byteLength };
  const end = clock.now() + CAPABLE_WAIT_MS;
  const find = (): readonly AskedMiner[] =>
    probe.miners().flatMap((miner) => {
      if (!canDo(miner, wanted) || miner.state.kind !== 'reachable') return [];
      const rating = ratings.get(miner.hotkey, kind, language);
      const { freeSlots } = miner.state.capabilities;
      return [{ ...miner, freeSlots, ...(rating === undefined ? {} : { rating }) }];
    });
  let found = find();
  while (found.length === 0) {
    await atMost(clock, end - clock.now(), probe.refresh(), work.signal);
    work.signal.throwIfAborted();
    found = find();
    const allReached = probe.miners().every(({ state }) => state.kind === 'reachable');
    if (found.length > 0 || allReached || clock.now() + LOOK_AGAIN_MS > end) return found;
    await wait(clock, LOOK_AGAIN_MS, work.signal);
    work.signal.throwIfAborted();
  }
  return found;
}

async function ask(
  deps: WorkDeps,
  work: Work,
  miners: readonly AskedMiner[],
  leftMs: number,
): Promise<{ readonly answers: readonly Answer[]; worked(): Worked }> {
  const { client, clock, random, minersPerTask } = deps;
  const { task, input, signal, onProgress } = work;
  const audioMs = task.kind === 'transcription' ? audioLengthMs(input) : 0;
  const judged = { kind: task.kind, language: task.language, input, audioMs };
  const wantedMs = Math.min(Math.max(MIN_DEADLINE_MS, 2 * audioMs), MAX_DEADLINE_MS);
  const question = {
    kind: task.kind,
    language: task.language,
    input,
    ...(task.voice === undefined ? {} : { voice: task.voice }),
    ...(task.maxSentences === undefined ? {} : { maxSentences: task.maxSentences }),
    deadlineMs: Math.max(1, Math.floor(Math.min(wantedMs, leftMs))),
  };
  const asking = new Asking(
    { client, clock, signal, onProgress },
    question,
    choose(miners, random),
    minersPerTask,
  );
  const judge = new Judge(deps.judge, judged);
  const best = await bestReply({ asking, judge, task: judged, clock, signal });
  // What comes later belongs to the stragglers: the verdict is on what was judged.
  const answers = [...asking.answers].filter(
    (answer) => answer.kind === 'failure' || best.replies.includes(answer),
  );
  noteUnreachable(deps.probe, answers);
  return {
    answers,
    worked: () => {
      recordAll(deps.ratings, work.task, answers, best);
      return {
        ...verdictOf(task.kind, answers, best),
        stragglers: judgeStragglers(deps, work, { asking, judge, answers }),
      };
    },
  };
}

function failed({ probe }: WorkDeps, { task, input }: Work): Worked {
  const failure = noCapableMiner(probe.miners(), {
    kind: task.kind,
    language: task.language,
    inputBytes: input.byteLength,
  });
  return {
    outcome: { kind: 'failed', failure, retryable: false },
    responses: [],
    stragglers: Promise.resolve(),
  };
}

/** Scores those that answered after the verdict beside all the others. */
async function judgeStragglers(
  deps: WorkDeps,
  work: Work,
  { asking, judge, answers }: { asking: Asking; judge: Judge; answers: readonly Answer[] },
): Promise<void> {
  try {
    if (asking.isOver && asking.answers.length === answers.length) return;
    await asking.finished();
    const late = asking.answers.filter((answer) => !answers.includes(answer));
    const replies = repliesOf(asking.answers);
    const scores =
      replies.length === 0
        ? []
        : await judge.scores(
            replies.map(({ reply }) => reply),
            0,
            work.signal,
          );
    recordAll(deps.ratings, work.task, late, { replies, scores });
  } catch {
    // Ended with the work: what was not judged is not counted.
  }
}

function recordAll(
  ratings: Ratings,
  { kind, language }: FedTask,
  answers: readonly Answer[],
  { replies, scores }: Awaited<ReturnType<typeof bestReply>>,
): void {
  for (const answer of answers) {
    const score = answer.kind === 'reply' ? scores[replies.indexOf(answer)] : undefined;
    if (answer.kind === 'failure' && !isBlamed(answer.refusal)) continue;
    ratings.record(answer.miner.hotkey, { kind, language, ...(score === undefined ? {} : { score }) });
  }
}

/** Whether a failure speaks against the miner: not when it is busy, the input is bad or this side gave up. */
function isBlamed({ reason }: Refusal): boolean {
  return ![
    'MINER_BUSY',
    'AUDIO_UNDECODABLE',
    'CONTENT_TOO_LARGE',
    'CANCELLED',
    'ENGINE_UNAVAILABLE',
  ].includes(reason);
}

function noteUnreachable(probe: MinerProbe, answers: readonly Answer[]): void {
  for (const answer of answers)
    if (answer.kind === 'failure' && answer.refusal.reason === 'UNAVAILABLE')
      probe.lost(answer.miner.hotkey, answer.refusal.message);
}

function busyMs(answer: Answer): readonly number[] {
  if (answer.kind !== 'failure' || answer.refusal.reason !== 'MINER_BUSY') return [];
  return [answer.refusal.retryAfterMs ?? LOOK_AGAIN_MS];
}
