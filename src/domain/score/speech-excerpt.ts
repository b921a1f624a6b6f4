import type { Policy } from './policy.js';
import { spokenSeconds, type SpokenText } from './speech-pace.js';

/** A stretch of a text; the shares tell where it begins and ends in the time that the whole takes. */
export interface Excerpt {
  readonly text: string;
  /** In [0, 1], at most `endShare`. */
  readonly startShare: number;
  readonly endShare: number;
}

/** Words longer than this are cut where the excerpt ends; so is text without gaps. In UTF-16 code units. */
const MAX_WORD = 40;

/**
 * The part of a text whose words are listened to: all of it, or about `excerptSeconds` of a longer one.
 *
 * @param place where in a longer text, in [0, 1); nobody but the judge may know it beforehand
 */
export function excerptOf({ text, language }: SpokenText, place: number, policy: Policy): Excerpt {
  const secondsOf = (part: string): number => spokenSeconds({ text: part, language }, policy);
  const total = secondsOf(text);
  const share = policy.speech.excerptSeconds / total;
  if (!(share < 1)) return { text, startShare: 0, endShare: 1 };
  const start = wordStart(text, Math.floor(place * (1 - share) * text.length));
  const end = wordStart(text, start + Math.ceil(share * text.length));
  return {
    text: text.slice(start, end),
    startShare: secondsOf(text.slice(0, start)) / total,
    endShare: secondsOf(text.slice(0, end)) / total,
  };
}

/** Where the next word begins at or behind a place, or the text ends; without either nearby, the next character. */
function wordStart(text: string, at: number): number {
  if (at <= 0) return 0;
  const gap = /(?<=\s)\S/u.exec(text.slice(at - 1, at + MAX_WORD));
  if (gap !== null) return at - 1 + gap.index;
  if (at + MAX_WORD >= text.length) return text.length;
  return isLowSurrogate(text.charCodeAt(at)) ? at + 1 : at;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
