import { editDistance, encode, type Encoded } from './edit-distance.js';
import type { Policy } from './policy.js';
import { acceptedPairs, errorsOf, pairsOf, sharedErrors } from './shared-errors.js';
import { charactersOf } from './word-distance.js';

export interface Witness {
  readonly words: readonly string[];
  /** How far it was right so far, in [0, 1]. */
  readonly reliability: number;
}

/** What is known of each witness; all in their order. */
export interface Agreement {
  /** The share of each text that is right, as far as the others tell. */
  readonly accuracy: readonly number[];
  /** Of each text to each other. */
  readonly likeness: readonly (readonly number[])[];
  /** The greatest likeness between two of them. */
  readonly closest: number;
  /** See `sharedErrors`; an error is what most do not say. */
  readonly shared: readonly (readonly number[])[];
  /** Share of errors in what each text says. */
  readonly errorShare: readonly number[];
}

/** Rounds of the fit; each halves the distance to the solution, in the logarithm. */
const ROUNDS = 30;

/**
 * Estimates how good each of several texts is that should all say the same, with no other truth than themselves.
 *
 * Witnesses that err independently agree as far as the product of their accuracies: likeness(i, j) ≈ aᵢ · aⱼ. The
 * accuracies that fit this best (least squares over all pairs) are the answer. Unlike the mean likeness they do not
 * fall because others are bad, and garbage, being like nobody, has no say. Against witnesses that do not err
 * independently (one answer under several names, or several miners with one engine):
 *
 * 1. Standing: each head counts the same and likeness beyond 0.4 counts as 0.4. So few who agree fully do not
 *    outweigh many who agree roughly.
 * 2. What most say, weighted by standing, is accepted; all else is an error. Answers that share errors are one
 *    witness: their weights are divided by how many share them, and their likeness to each other says nothing.
 *    Identical answers with nothing but accepted words stay several: that is what right answers look like.
 * 3. The fit, with these weights.
 *
 * A majority that agrees on the same wrong text wins; without a known text nothing can tell it from the truth but
 * the past reliability that the weights carry.
 *
 * test/unit/score/transcription-ranking.test.ts measures it against the mean likeness and the distance to the medoid:
 * over 10 miners with errors of their own all three rank as the true error rates do (0.97), with a minority that has
 * one half-wrong text this fit still does (0.9), the others do not (0.5 and less). To count identical answers as one
 * from the start was tried too: it gives the say to the wrong ones where the right ones are identical.
 */
export function agreementOf(witnesses: readonly Witness[], language: string, policy: Policy): Agreement {
  // In an order of their own, so that sums come out the same in whatever order the answers are given.
  const keys = witnesses.map(({ words, reliability }) => `${words.join(' ')}\n${reliability}`);
  const order = witnesses.map((_, index) => index).sort((a, b) => compare(keys[a] ?? '', keys[b] ?? ''));
  const found = agreement(
    order.flatMap((index) => witnesses[index] ?? []),
    language,
    policy,
  );
  const places = witnesses.map((_, index) => order.indexOf(index));
  const back = <T>(values: readonly T[]): readonly T[] =>
    places.flatMap((place) => values.slice(place, place + 1));
  return {
    accuracy: back(found.accuracy),
    likeness: back(found.likeness).map(back),
    closest: found.closest,
    shared: back(found.shared).map(back),
    errorShare: back(found.errorShare),
  };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function agreement(witnesses: readonly Witness[], language: string, policy: Policy): Agreement {
  const { minSharedErrors, fullLikeness, minReliability, maxReliability } = policy.transcription.agreement;
  const words = encode(witnesses.map((witness) => witness.words));
  const isLoose = policy.transcription.looseSpacing.some((loose) => loose === language);
  const likeness = likenesses(
    isLoose ? encode(witnesses.map((witness) => charactersOf(witness.words))) : words,
  );
  const trusts = witnesses.map(({ reliability }) =>
    Math.min(maxReliability, Math.max(minReliability, reliability)),
  );
  const says = trusts.map(sayOf);
  const standing = likeness.map((row, index) =>
    mean(
      row.map((value) => Math.min(1, value / fullLikeness)),
      says.map((say, other) => (other === index ? 0 : say)),
    ),
  );
  const pairs = pairsOf(words);
  const votes = standing.map((value, index) => value * (says[index] ?? 0));
  const errors = errorsOf(pairs, acceptedPairs(pairs, votes));
  const shared = sharedErrors(errors, minSharedErrors);
  const heads = says.map((say, index) => say / (1 + sum(shared[index] ?? [])));
  const weights = shared.map((row, index) =>
    row.map((share, other) => (other === index ? 0 : (heads[other] ?? 0) * (1 - share))),
  );
  const start = standing.map((value, index) => value * (trusts[index] ?? 0));
  return {
    accuracy: fit(likeness, weights, start),
    likeness,
    closest: Math.max(0, ...likeness.map((row, index) => Math.max(0, ...row.slice(index + 1)))),
    shared,
    errorShare: pairs.map((set, index) => (errors[index]?.size ?? 0) / Math.max(1, set.size)),
  };
}

/** How much a witness counts for the others: what its word is worth in a vote among independent ones. */
function sayOf(trust: number): number {
  return -Math.log(1 - trust);
}

/** Least squares of likeness(i, j) = aᵢ · aⱼ, each step half way in the logarithm: whole steps swing for ever. */
function fit(
  likeness: readonly (readonly number[])[],
  weights: readonly (readonly number[])[],
  start: readonly number[],
): readonly number[] {
  let accuracy = start;
  for (let round = 0; round < ROUNDS; round += 1) {
    const now = accuracy;
    accuracy = now.map((own, index) => {
      let above = 0;
      let below = 0;
      now.forEach((other, at) => {
        const weight = weights[index]?.[at] ?? 0;
        above += weight * (likeness[index]?.[at] ?? 0) * other;
        below += weight * other * other;
      });
      return below > 0 ? Math.min(1, Math.sqrt((own * above) / below)) : 0;
    });
  }
  return accuracy;
}

function likenesses({ texts, symbols }: Encoded): readonly (readonly number[])[] {
  const above = texts.map((one, i) =>
    texts.map((other, j) => {
      const longer = Math.max(one.length, other.length);
      return j <= i || longer === 0 ? 1 : 1 - editDistance(one, other, symbols) / longer;
    }),
  );
  return above.map((row, i) => row.map((value, j) => (j < i ? (above[j]?.[i] ?? 1) : value)));
}

/** 0 when nothing has weight. */
function mean(values: readonly number[], weights: readonly number[]): number {
  const total = sum(weights);
  return total > 0 ? sum(values.map((value, index) => value * (weights[index] ?? 0))) / total : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
