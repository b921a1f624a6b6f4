import type { Agreement } from './agreement.js';
import { part, percent, type Measured } from './part.js';
import type { Policy } from './policy.js';

/** Pairs of words that one wrong word makes wrong at the most, with those of its neighbours that it displaces. */
const PAIRS_PER_ERROR = 3;

/**
 * Whether the errors that a transcript shares with others can be told to be errors, with no known text: its group
 * (itself and all that share its errors) is less than half of the witnesses, two others at least say mostly what is
 * accepted, and it has no more errors than its accuracy leaves room for. Else what looks like a shared error may be
 * what is right, among many bad answers.
 */
export function isTold({ accuracy, shared, errorShare }: Agreement, index: number, policy: Policy): boolean {
  const inGroup = (shared[index] ?? []).map(
    (share, other) => other === index || share >= policy.copies.minShare,
  );
  const group = inGroup.filter((isIn) => isIn).length;
  const backed = errorShare.filter((share, other) => share < 0.5 && inGroup[other] !== true).length;
  const room = PAIRS_PER_ERROR * (1 - (accuracy[index] ?? 0));
  return 2 * group < inGroup.length && backed >= 2 && (errorShare[index] ?? 0) <= room;
}

/**
 * Finds that a transcript has its errors in common with one that came before it.
 *
 * Transcripts of the same audio ought to be the same, so likeness says nothing, up to the same commas: the same
 * engine gives everybody the same. Errors say more, for who errs on his own errs elsewhere. Shared errors mean one
 * source, but not whether it is the same engine or a copy, so nobody is accused and the credit is shared: the first
 * keeps all, each later one a half. Of equal machines with one engine each is first as often as the others, and none
 * loses anything where the engine was right; the slower one loses what a faster one already gave. Who copies is
 * later than the original, unless that takes the longer way. What stays free is to copy what is right: it cannot be
 * told from being right, and earns less by its later time alone.
 *
 * @param shares of errors in common with each answer that came before
 */
export function sameSource(shares: readonly number[], policy: Policy): readonly Measured[] {
  const { laterValue, minShare } = policy.copies;
  const most = Math.max(0, ...shares);
  if (most < minShare) return [];
  return [
    part(
      'copy',
      laterValue,
      `${percent(most)} of its errors are those of an answer that came before it, from the same engine or copied.`,
    ),
  ];
}
