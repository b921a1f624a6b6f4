import { decide, type AnswerPolicy, type Decision } from '../domain/answer-policy.js';
import { beatableUntilMs } from '../domain/score/combine.js';
import type { Policy } from '../domain/score/policy.js';
import type { Clock } from '../runtime/clock.js';
import { repliesOf, type Asking } from './asking.js';
import { isImplausible } from './implausible.js';
import type { Judge, Judged, ScoresSoFar } from './judge.js';
import { atMost, untilAborted } from '../runtime/wait.js';

export interface BestReplyDeps {
  readonly asking: Asking;
  readonly judge: Judge;
  readonly policy: Policy;
  readonly answers: AnswerPolicy;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What came until then; no replies when none will come. */
export type BestReply = Judged & ScoresSoFar;

/**
 * Judges replies as they come until the answer policy has enough of them. A reply that is alone is the best whatever its
 * score, so nobody waits until the validator has heard for itself.
 *
 * @throws the signal's reason
 */
export async function bestReply(deps: BestReplyDeps): Promise<BestReply> {
  const { asking, judge, clock, signal } = deps;
  let judged: Judged = { replies: [], scores: [] };
  for (;;) {
    signal.throwIfAborted();
    const seen = asking.answers.length;
    const replies = repliesOf(asking.answers);
    if (replies.length > judged.replies.length)
      judged = { replies, scores: await judge.scores(replies, signal) };
    // What came while the others were judged is judged too: it was there in time.
    if (asking.answers.length > seen) continue;
    replaceImplausible(deps, judged);
    const decision = decideNow(deps, judged);
    if (decision.kind === 'settle') {
      if (decision.because === 'value') return { ...judged, isProvisional: false };
      if (replies.length === 1) return { replies, ...(await judge.scoresSoFar(judged, signal)) };
      const scores = await judge.scoresWithOwn(judged, signal);
      if (asking.answers.length > seen) continue;
      return { replies, scores, isProvisional: false };
    }
    const news = asking.beyond(seen);
    if (decision.forMs === undefined) await untilAborted(news, signal);
    else await atMost(clock, decision.forMs, news, signal);
  }
}

/** Silence must not be the result while somebody else can still be asked. */
function replaceImplausible({ asking, judge }: BestReplyDeps, { replies, scores }: Judged): void {
  replies.forEach((reply, index) => {
    const score = scores[index];
    if (score !== undefined && isImplausible(judge.kind, score)) asking.replace(reply);
  });
}

function decideNow(
  { asking, judge, policy, answers, clock }: BestReplyDeps,
  { replies, scores }: Judged,
): Decision {
  const isUsable = (index: number): boolean => {
    const score = scores[index];
    return score !== undefined && !isImplausible(judge.kind, score);
  };
  const first = replies.find((_, index) => isUsable(index));
  const all = scores.filter((_, index) => isUsable(index)).map(({ combined }) => combined ?? 0);
  return decide(answers, {
    combined: all,
    elapsedMs: clock.now() - asking.startedAt,
    ...(first === undefined ? {} : { firstReplyMs: first.arrivedMs }),
    outstanding: asking.outstandingCount,
    // The one that was asked last, perhaps in place of another, has had the least time.
    isOpen: judge.isOpen(replies.length),
    beatableForMs: beatableUntilMs(Math.max(0, ...all), judge.size, policy) - asking.newestMs,
  });
}
