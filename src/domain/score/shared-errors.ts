import type { Encoded } from './edit-distance.js';

/** Errors of a text that are looked at, from its beginning: enough to tell a copy, and a bound for the work. */
const MAX_ERRORS = 1024;

/** Words as they stand side by side in a text, beginning and end included; one number a pair. */
export function pairsOf({ texts, symbols }: Encoded): readonly ReadonlySet<number>[] {
  const span = symbols + 2;
  return texts.map((text) => {
    const pairs = new Set<number>();
    let before = 0;
    for (const symbol of text) {
      pairs.add(before * span + symbol + 1);
      before = symbol + 1;
    }
    if (text.length > 0) pairs.add(before * span + symbols + 1);
    return pairs;
  });
}

/** The pairs that more than half of the votes are for. */
export function acceptedPairs(
  pairs: readonly ReadonlySet<number>[],
  votes: readonly number[],
): ReadonlySet<number> {
  const total = votes.reduce((sum, vote) => sum + vote, 0);
  const tally = new Map<number, number>();
  pairs.forEach((set, index) => {
    const vote = votes[index] ?? 0;
    if (vote > 0) for (const pair of set) tally.set(pair, (tally.get(pair) ?? 0) + vote);
  });
  return new Set([...tally].filter(([, vote]) => vote > total / 2).map(([pair]) => pair));
}

/** Of each text the pairs that are not accepted. */
export function errorsOf(
  pairs: readonly ReadonlySet<number>[],
  accepted: ReadonlySet<number>,
): readonly ReadonlySet<number>[] {
  return pairs.map((set) => {
    const errors = new Set<number>();
    for (const pair of set) {
      if (errors.size === MAX_ERRORS) break;
      if (!accepted.has(pair)) errors.add(pair);
    }
    return errors;
  });
}

/**
 * How far two texts have their errors in common, in [0, 1]: the shared ones among all errors of the two, 0 when fewer
 * than `min` are shared. Who errs alone errs elsewhere and otherwise; the same errors have one source: the same
 * engine, or a copy. Texts that are right share none, however alike they are.
 */
export function sharedErrors(
  errors: readonly ReadonlySet<number>[],
  min: number,
): readonly (readonly number[])[] {
  return errors.map((own, index) =>
    errors.map((others, other) => {
      if (index === other) return 0;
      let shared = 0;
      for (const error of own) if (others.has(error)) shared += 1;
      return shared < min ? 0 : shared / (own.size + others.size - shared);
    }),
  );
}
