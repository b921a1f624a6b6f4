import type { ScorePart } from '../task.js';
import { falling, part, seconds } from './part.js';
import type { Policy } from './policy.js';

export interface SpokenText {
  readonly text: string;
  readonly language: string;
}

/** What is spoken of a sign between characters, such as the ones of a price or an address. */
const SPOKEN_SIGNS = /[$€£¥%&@#+=]|(?<=\S)[/.:](?=\S)/gu;

/** Seconds that a reading of the text lasts at a usual pace, with a little silence around it. */
export function expectedSeconds(spoken: SpokenText, policy: Policy): number {
  return policy.speech.silenceSeconds + spokenSeconds(spoken, policy);
}

/** Seconds that the words of the text take at a usual pace. */
export function spokenSeconds(spoken: SpokenText, { speech }: Policy): number {
  const known: Readonly<Record<string, number>> = speech.charactersPerSecond;
  return spokenCharacters(spoken, speech) / (known[spoken.language] ?? speech.otherCharactersPerSecond);
}

/** Letters and gaps, with what takes longer to say than to write counted for more. */
function spokenCharacters({ text, language }: SpokenText, speech: Policy['speech']): number {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  const letters = count(/[\p{L}\p{M}]/gu) + text.trim().split(/\s+/u).length - 1;
  const kanji = language === 'ja' ? count(/\p{Script=Han}/gu) : 0;
  return (
    letters +
    kanji * (speech.charactersPerKanji - 1) +
    count(/\p{N}/gu) * speech.charactersPerDigit +
    count(SPOKEN_SIGNS) * speech.charactersPerSign
  );
}

/** Length from which on a reading of the text is worth nothing. */
export function longestSeconds(spoken: SpokenText, policy: Policy): number {
  return expectedSeconds(spoken, policy) * policy.speech.duration.zeroLong;
}

/** Judges how long a reply lasts; too short is worse than too long, for words are missing. */
export function durationPart(
  question: SpokenText,
  durationMs: number,
  policy: Policy,
): ScorePart & { readonly value: number } {
  const expected = expectedSeconds(question, policy);
  const { fullShort, zeroShort, fullLong, zeroLong } = policy.speech.duration;
  const factor = durationMs / 1000 / expected;
  const value =
    factor < 1
      ? falling(-Math.log(factor), -Math.log(fullShort), -Math.log(zeroShort))
      : falling(Math.log(factor), Math.log(fullLong), Math.log(zeroLong));
  return part(
    'duration',
    value,
    `It lasts ${seconds(durationMs)} where about ${expected.toFixed(1)} s were expected for the text.`,
  );
}
