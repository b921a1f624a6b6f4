import type { AnswerPolicy } from '../domain/answer-policy.js';
import type { Refusal } from '../domain/errors.js';
import type { Policy } from '../domain/score/policy.js';
import type { TaskProgress } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { Asking, repliesOf, type Answer, type AskedMiner } from './asking.js';
import { audioLengthMs } from './audio-length.js';
import { bestReply } from './best-reply.js';
import { choose } from './choose.js';
import { Judge, type Judged, type JudgedTask, type JudgeDeps } from './judge.js';
import { judgedFields } from './judged-fields.js';
import type { InFlight } from './in-flight.js';
import type { MinerProbe } from './miner-probe.js';
import { verdictOf, type Verdict } from './outcome.js';
import type { MinerClient } from './ports/miner-client.js';
import type { FedTask } from './ports/task-feed.js';
import type { Reputation } from './reputation.js';
import { sampledScore } from './sampled-score.js';
import { MIN_DEADLINE_MS } from './settings.js';
import { wasUnderstood, type Truth } from './truth.js';

/** Longest deadline a miner takes. */
const MAX_DEADLINE_MS = 2 * 3_600_000;

export interface RoundDeps {
  readonly client: MinerClient;
  readonly probe: MinerProbe;
  readonly reputation: Reputation;
  readonly inFlight: InFlight;
  /** Called after something was recorded. */
  readonly onRecorded: () => void;
  /** Called once a task of which a reply was scored. */
  readonly onScored: () => void;
  readonly judge: JudgeDeps;
  readonly policy: Policy;
  readonly answers: AnswerPolicy;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly minersPerTask: number;
  /** Called before a task waits because its miners are busy. */
  readonly onWaiting: () => void;
}

/** What miners are asked, but its input. */
export type Asked = Pick<FedTask, 'kind' | 'language' | 'voice' | 'maxSentences' | 'maxRunMs'>;

export interface Work {
  readonly task: Asked;
  readonly input: Uint8Array;
  readonly signal: AbortSignal;
  /** Names the task in its lines. */
  readonly log: Logger;
  readonly onProgress: (progress: TaskProgress) => void;
  /** Of a question that the validator made itself. */
  readonly truth?: Truth;
}

export interface Worked extends Verdict {
  /** Resolves when the miners that were still working are judged too. Never rejects. */
  readonly stragglers: Promise<void>;
}

/** What came of asking once. */
export interface Round {
  readonly answers: readonly Answer[];
  /** Counts it for the miners and gives the verdict. */
  worked(): Worked;
}

/** Asks some of the miners, and judges what they answer. @throws the signal's reason */
export async function askRound(
  deps: RoundDeps,
  work: Work,
  miners: readonly AskedMiner[],
  leftMs: number,
): Promise<Round> {
  const { client, inFlight, clock, random, minersPerTask, policy, answers: answerPolicy } = deps;
  const { task, input, signal, log, onProgress, truth } = work;
  const { kind, language } = task;
  const audioMs = kind === 'transcription' ? audioLengthMs(input) : 0;
  const wantedMs = Math.min(Math.max(MIN_DEADLINE_MS, 2 * audioMs), MAX_DEADLINE_MS);
  const asking = new Asking(
    { client, inFlight, clock, signal, onProgress },
    questionOf(work, Math.max(1, Math.floor(Math.min(wantedMs, leftMs)))),
    choose(miners, { places: minersPerTask, random, policy }),
    minersPerTask,
  );
  const judge = new Judge(
    deps.judge,
    {
      kind,
      language,
      input,
      audioMs,
      ...maxSentencesOf(task),
      ...(truth === undefined ? {} : { truth }),
    },
    log,
  );
  judge.prepare(Math.min(miners.length, minersPerTask), signal);
  const judged = await bestReply({ asking, judge, policy, answers: answerPolicy, clock, signal });
  // What comes later belongs to the stragglers: the verdict is on what was judged.
  const answers = asking.answers.filter(
    (answer) => answer.kind === 'failure' || judged.replies.includes(answer),
  );
  noteUnreachable(deps.probe, answers);
  return {
    answers,
    worked: () => {
      if (!judged.isProvisional) recordAll(deps, work, answers, judged);
      if (judged.replies.length > 0) deps.onScored();
      log.debug(judgedFields(judged), 'replies judged');
      return {
        ...verdictOf({ kind, audioMs }, answers, judged),
        stragglers: judgeStragglers(deps, work, {
          asking,
          judge,
          recorded: judged.isProvisional ? [] : answers,
        }),
      };
    },
  };
}

function questionOf({ task, input }: Work, deadlineMs: number) {
  const { kind, language, voice, maxSentences } = task;
  return {
    kind,
    language,
    input,
    ...(voice === undefined ? {} : { voice }),
    ...(maxSentences === undefined ? {} : { maxSentences }),
    deadlineMs,
  };
}

/** Scores those that answered after the verdict beside all the others, and those whose scores could still turn. */
async function judgeStragglers(
  deps: RoundDeps,
  work: Work,
  { asking, judge, recorded }: { asking: Asking; judge: Judge; recorded: readonly Answer[] },
): Promise<void> {
  try {
    if (asking.isOver && asking.answers.length === recorded.length) return;
    await asking.finished();
    const late = asking.answers.filter((answer) => !recorded.includes(answer));
    const replies = repliesOf(asking.answers);
    const scores = await judge.scores(replies, work.signal);
    const judged = { replies, scores: await judge.scoresWithOwn({ replies, scores }, work.signal) };
    recordAll(deps, work, late, judged);
    work.log.debug(judgedFields(judged), 'late replies judged');
  } catch {
    // Ended with the work: what was not judged is not counted.
  }
}

function recordAll(
  { reputation, judge, clock, onRecorded }: RoundDeps,
  { task: { kind, language }, truth }: Work,
  answers: readonly Answer[],
  { replies, scores }: Judged,
): void {
  const atMs = clock.wall();
  const isFair = truth === undefined || wasUnderstood(truth, scores);
  for (const answer of answers) {
    const score = answer.kind === 'reply' ? scores[replies.indexOf(answer)] : undefined;
    if (answer.kind === 'failure' && !isBlamed(answer.refusal)) continue;
    if (answer.kind === 'reply' && !isFair) continue;
    const { hotkey } = answer.miner;
    const old = reputation.get(hotkey, kind, language);
    reputation.record(hotkey, {
      kind,
      language,
      atMs,
      ...(score === undefined ? {} : { score: truth === undefined ? score : sampledScore(score, old) }),
    });
    if (kind !== 'summarization' && answer.kind === 'reply') judge.budgets[kind].earn(answer.reply.totalMs);
  }
  onRecorded();
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

function maxSentencesOf({ maxSentences }: Asked): Pick<JudgedTask, 'maxSentences'> {
  return maxSentences === undefined ? {} : { maxSentences };
}
