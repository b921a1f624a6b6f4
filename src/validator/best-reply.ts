import { upperBound } from '../domain/score/combine.js';
import { speedOf } from '../domain/score/speed.js';
import type { Score } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';
import type { Answer, Asking } from './asking.js';
import type { Judge, JudgedTask } from './judge.js';
import { MIN_GRACE_MS } from './settings.js';
import { textOf } from './usable-reply.js';
import { codePoints } from '../domain/score/words.js';
import { timedSignal, untilAborted } from './wait.js';

export type Reply = Extract<Answer, { kind: 'reply' }>;

export interface Judged {
  readonly replies: readonly Reply[];
  /** One a reply, in their order. */
  readonly scores: readonly Score[];
}

/**
 * Waits for replies until the outstanding ones cannot be better than the best there is, or the grace time is over:
 * from the first usable reply on, half of the time that it took, at least 2 s.
 *
 * @returns what came until then; no replies when none will come
 */
export async function bestReply({ asking, judge, task, clock, signal }: BestReplyDeps): Promise<Judged> {
  let grace: ReturnType<typeof timedSignal> | undefined;
  try {
    for (;;) {
      signal.throwIfAborted();
      const seen = asking.answers.length;
      const replies = repliesOf(asking.answers);
      const graceOver = grace?.signal.aborted ?? false;
      const last = asking.isOver || graceOver;
      const scores =
        replies.length === 0
          ? []
          : await judge.scores(
              replies.map(({ reply }) => reply),
              last ? referenceMs(replies) : 0,
              signal,
            );
      if (last || cannotBeBeaten(scores, clock.now() - asking.startedAt, task)) return { replies, scores };
      if (replies.length > 0) {
        const spent = clock.now() - asking.startedAt;
        grace ??= timedSignal(clock, Math.max(MIN_GRACE_MS, spent / 2), signal, () => 'grace over');
      }
      await untilAborted(asking.beyond(seen), grace?.signal ?? signal);
    }
  } finally {
    grace?.release();
  }
}

export interface BestReplyDeps {
  readonly asking: Asking;
  readonly judge: Judge;
  readonly task: JudgedTask;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function repliesOf(answers: readonly Answer[]): readonly Reply[] {
  return answers.filter((answer) => answer.kind === 'reply');
}

function cannotBeBeaten(scores: readonly Score[], elapsedMs: number, task: JudgedTask): boolean {
  const best = Math.max(0, ...scores.map(({ combined }) => combined ?? 0));
  const characters = task.audioMs > 0 ? 0 : codePoints(textOf(task.input) ?? '');
  return best >= upperBound(speedOf(elapsedMs, { audioMs: task.audioMs, characters }).value);
}

/** The judge's own transcript may take as long as the miner's, at least the grace time. */
function referenceMs(replies: readonly Reply[]): number {
  return Math.max(MIN_GRACE_MS, ...replies.map(({ reply }) => reply.totalMs));
}
