import type { ScorePart } from '../task.js';
import { agreementOf, type Agreement } from './agreement.js';
import { isTold, sameSource } from './copies.js';
import { part, percent, unit, unmeasured } from './part.js';
import { plausibilityOf } from './plausibility.js';
import type { Policy } from './policy.js';
import { spokenWords } from './spoken-words.js';
import type { Reading, Verdict } from './transcript-verdict.js';

interface AgreementQuestion {
  readonly language: string;
  readonly audioMs: number;
  /** What the validator's own engine heard. */
  readonly reference?: { readonly text: string };
}

/**
 * Judges transcripts whose truth nobody knows: by their agreement with each other, times what their plausibility
 * leaves. What the validator's own engine heard is one more witness, with the say of a miner of its accuracy: it
 * decides between answers, but being weak it must not fail one that is better. So where it is the only witness or
 * one of two, an answer that is as like it as a right one would be is not taken for worse than right.
 */
export function byAgreement(
  { language, audioMs, reference }: AgreementQuestion,
  readings: readonly Reading[],
  policy: Policy,
): readonly Verdict[] {
  const own = reference === undefined ? undefined : spokenWords(reference.text, language);
  const speaking = readings.filter(({ words }) => words.length > 0);
  const plausible = plausibilityOf(
    speaking.map((reading) => ({ language, audioMs, ...reading })),
    policy,
  );
  const worth = plausible.map((parts) => parts.reduce((product, { value = 1 }) => product * value, 1));
  const miners = speaking.map(({ words, reliability }, index) => ({
    words,
    reliability: reliability * (worth[index] ?? 0),
  }));
  const hasOwn = own !== undefined && own.length > 0;
  const ownWitness = hasOwn ? [{ words: own, reliability: policy.transcription.own.accuracy }] : [];
  const agreement = agreementOf([...miners, ...ownWitness], language, policy);
  const silence = silenceOf({
    silent: readings.length - speaking.length + Number(own?.length === 0),
    speaking: speaking.length + ownWitness.length,
    speakersAgree: agreement.closest >= policy.transcription.agreement.minLikeness,
    ownIsSilent: own?.length === 0,
  });
  return readings.map((reading) => {
    const index = speaking.indexOf(reading);
    if (index < 0) return { accuracy: silence.value, parts: [silence], findings: [] };
    const agreed = agreedPart({ agreement, index, others: speaking.length - 1, hasOwn }, policy);
    const left = worth[index] ?? 0;
    return {
      accuracy: agreed.value === undefined && left > 0 ? undefined : unit((agreed.value ?? 0) * left),
      parts: [agreed, ...(plausible[index] ?? [])],
      findings: isTold(agreement, index, policy)
        ? sameSource(agreement.shared[index]?.slice(0, index) ?? [], policy)
        : [],
    };
  });
}

interface Heads {
  /** Answers without words, the validator's own transcript included. */
  readonly silent: number;
  readonly speaking: number;
  readonly speakersAgree: boolean;
  readonly ownIsSilent: boolean;
}

/**
 * What answers without words are worth. Not to answer costs nothing, so a majority of silent ones proves no silence;
 * but it leaves open whether a single one with words heard any.
 */
function silenceOf({ silent, speaking, speakersAgree, ownIsSilent }: Heads): ScorePart {
  if (speaking > 0 && (speakersAgree || silent <= speaking))
    return part('empty', 0, 'It has no words, though there are some in the audio to other ears.');
  return ownIsSilent
    ? part('agreement', 1, "It has no words, and the validator's own transcript has none either.")
    : unmeasured(
        'agreement',
        'Most answers have no words; whether anything is said in the audio is not known.',
      );
}

interface Agreed {
  readonly agreement: Agreement;
  /** Of the answer among the witnesses; the validator's own transcript is the last of them. */
  readonly index: number;
  /** Other answers that have words. */
  readonly others: number;
  readonly hasOwn: boolean;
}

function agreedPart({ agreement, index, others, hasOwn }: Agreed, policy: Policy): ScorePart {
  const { own, agreement: bounds } = policy.transcription;
  const name = 'agreement';
  if (others === 0 && !hasOwn)
    return unmeasured(name, 'It was the only answer with words, and there was no text to compare it with.');
  const ownLikeness = hasOwn ? (agreement.likeness[index]?.at(-1) ?? 0) : 0;
  if (others === 0)
    return part(
      name,
      ownLikeness / own.accuracy,
      `It is ${percent(ownLikeness)} like the validator's own transcript, of which about ${percent(own.accuracy)} is right; whether it is better than that is not known.`,
    );
  if (agreement.closest < bounds.minLikeness)
    return unmeasured(name, 'No two transcripts have much in common; which of them is right is not known.');
  const agreed = agreement.accuracy[index] ?? 0;
  if (others === 1 && hasOwn)
    return part(
      name,
      Math.max(agreed, ownLikeness / own.accuracy),
      `It is ${percent(agreement.likeness[index]?.[1 - index] ?? 0)} like the only other answer and ${percent(ownLikeness)} like the validator's own transcript, of which about ${percent(own.accuracy)} is right.`,
    );
  if (others === 1)
    return part(
      name,
      agreed,
      `It is ${percent(agreement.closest)} like the only other answer; which of the two errs where they differ, and whether they are independent where they do not, is not known.`,
    );
  return part(
    name,
    agreed,
    `By ${others} other answers${hasOwn ? " and the validator's own transcript" : ''} about ${percent(agreed)} of it is right.`,
  );
}
