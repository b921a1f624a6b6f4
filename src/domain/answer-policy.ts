/** How to choose when a task has its answer, in the order in which they are shown. */
export const ANSWER_POLICIES = ['best', 'first_good', 'best_of_k', 'deadline'] as const;

/** When a task is settled with the best reply so far. Every time runs from the question on unless it says otherwise. */
export type AnswerPolicy =
  /** After a grace time from the first usable reply on: half of the time that it took, at least `graceMs`. */
  | { readonly kind: 'best'; readonly graceMs: number }
  /** As soon as one has a combined score of `goodEnough`, in [0, 1]. */
  | { readonly kind: 'first_good'; readonly goodEnough: number; readonly deadlineMs: number }
  /** As soon as there are `count` usable ones, at least 1. */
  | { readonly kind: 'best_of_k'; readonly count: number; readonly deadlineMs: number }
  /** At the deadline, however many there are. */
  | { readonly kind: 'deadline'; readonly deadlineMs: number };

/** How a question to several miners stands. */
export interface Race {
  /** Of the usable replies so far. */
  readonly combined: readonly number[];
  readonly elapsedMs: number;
  /** Time of the first usable reply; absent before there is one. */
  readonly firstReplyMs?: number;
  /** Miners that may still answer. */
  readonly outstanding: number;
  /** For how long from now one of these can still get more than the best; 0 or less when none can any more. */
  readonly beatableForMs: number;
  /** Further answers may turn the scores: too few have agreed. */
  readonly isOpen?: boolean;
}

export type Decision =
  /** `value`: those outstanding are of no account, whatever they answer. */
  | { readonly kind: 'settle'; readonly because: 'complete' | 'time' | 'value' }
  /** Until the next answer, but no longer than `forMs` where it is set. */
  | { readonly kind: 'wait'; readonly forMs?: number };

/**
 * Whether to settle with the best reply there is. No policy waits once the best cannot be beaten, or when nobody is
 * left to answer, and none settles without a usable reply while one may still come. Scores that further answers may turn are not relied
 * on before the time is over: two miners with one wrong transcript agree in full.
 */
export function decide(policy: AnswerPolicy, race: Race): Decision {
  const { combined, elapsedMs, firstReplyMs, outstanding, beatableForMs, isOpen = false } = race;
  if (outstanding === 0) return { kind: 'settle', because: 'complete' };
  if (firstReplyMs === undefined) return { kind: 'wait' };
  if (policy.kind === 'best_of_k' && combined.length >= policy.count)
    return { kind: 'settle', because: 'complete' };
  const leftMs = endMs(policy, firstReplyMs) - elapsedMs;
  if (leftMs <= 0) return { kind: 'settle', because: 'time' };
  if (isOpen) return { kind: 'wait', forMs: leftMs };
  const isGood = policy.kind === 'first_good' && Math.max(0, ...combined) >= policy.goodEnough;
  if (isGood || beatableForMs <= 0) return { kind: 'settle', because: 'value' };
  return { kind: 'wait', forMs: Math.min(leftMs, beatableForMs) };
}

function endMs(policy: AnswerPolicy, firstReplyMs: number): number {
  return policy.kind === 'best'
    ? firstReplyMs + Math.max(policy.graceMs, firstReplyMs / 2)
    : policy.deadlineMs;
}
