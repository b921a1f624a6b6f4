import { sameSource } from './copies.js';
import { encode } from './edit-distance.js';
import { part, percent, type Measured } from './part.js';
import type { Policy } from './policy.js';
import { errorsOf, pairsOf, sharedErrors } from './shared-errors.js';
import type { Reading, Verdict } from './transcript-verdict.js';
import { characterErrorRate, wordErrorRate } from './word-distance.js';

/**
 * Judges transcripts against what is known to be said: 1 less the word error rate and, in a smaller share, the
 * character error rate, which forgives spelling and where words are cut. A rate above 1 counts as 1.
 */
export function againstKnown(
  known: readonly string[],
  readings: readonly Reading[],
  { language, policy }: { readonly language: string; readonly policy: Policy },
): readonly Verdict[] {
  const pairs = pairsOf(encode([known, ...readings.map(({ words }) => words)]));
  const errors = errorsOf(pairs.slice(1), pairs[0] ?? new Set());
  const shared = sharedErrors(errors, policy.transcription.agreement.minSharedErrors);
  return readings.map(({ words }, index) => {
    const accuracy = knownPart(known, words, characterShareOf(language, policy));
    const findings = sameSource(shared[index]?.slice(0, index) ?? [], policy);
    return { accuracy: accuracy.value, parts: [accuracy], findings };
  });
}

function knownPart(known: readonly string[], words: readonly string[], characterShare: number): Measured {
  const byWord = wordErrorRate(known, words);
  const byCharacter = characterErrorRate(known, words);
  const wrong = (1 - characterShare) * Math.min(1, byWord) + characterShare * Math.min(1, byCharacter);
  return part(
    'reference',
    1 - wrong,
    `Against the known text its word error rate is ${percent(byWord)}, its character error rate ${percent(byCharacter)}.`,
  );
}

/** More where the spaces between words are a matter of taste. */
function characterShareOf(language: string, policy: Policy): number {
  const { characterShare, looseCharacterShare, looseSpacing } = policy.transcription;
  return looseSpacing.some((loose) => loose === language) ? looseCharacterShare : characterShare;
}
