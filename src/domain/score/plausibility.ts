import type { ScorePart } from '../task.js';
import { falling, part, percent, seconds, unit, unmeasured } from './part.js';
import type { Policy } from './policy.js';

/** A transcript, and what it could be of. */
export interface Heard {
  readonly language: string;
  /** 0 when the length is not known. */
  readonly audioMs: number;
  readonly text: string;
  /** `spokenWords` of the text. */
  readonly words: readonly string[];
}

/** How the script of a language is called, and its letters. */
const SCRIPTS: ReadonlyMap<string, { readonly name: string; readonly letters: RegExp }> = new Map([
  ...['en', 'es', 'fr', 'de', 'it', 'pt'].map(
    (language) => [language, { name: 'Latin', letters: /\p{Script=Latin}/gu }] as const,
  ),
  ['ru', { name: 'Cyrillic', letters: /\p{Script=Cyrillic}/gu }],
  ['ar', { name: 'Arabic', letters: /\p{Script=Arabic}/gu }],
  ['hi', { name: 'Devanagari', letters: /\p{Script=Devanagari}/gu }],
  ['ko', { name: 'Hangul', letters: /[\p{Script=Hangul}\p{Script=Han}]/gu }],
  ['zh', { name: 'Chinese', letters: /\p{Script=Han}/gu }],
  ['ja', { name: 'Japanese', letters: /[\p{scx=Hiragana}\p{scx=Katakana}\p{Script=Han}]/gu }],
]);

/**
 * Whether each of several texts can be what was said in so much audio in that language: its pace, its script, no
 * loops. Each part is 1 where all is well; their product is what is left of an accuracy that no known text vouches
 * for. The length of encoded audio is often an estimate, so a pace that most of them have speaks against the
 * length and not against them; so does that of one alone.
 */
export function plausibilityOf(all: readonly Heard[], policy: Policy): readonly (readonly ScorePart[])[] {
  const sound = all.filter((heard) => paceValue(heard, policy) === 1).length;
  const isDoubted = 2 * sound <= all.length;
  return all.map((heard) => [
    paceOf(heard, isDoubted, policy),
    scriptOf(heard, policy),
    loopsOf(heard.words, policy),
  ]);
}

function paceOf(heard: Heard, isDoubted: boolean, policy: Policy): ScorePart {
  const { audioMs, language, words } = heard;
  const value = paceValue(heard, policy);
  if (!(audioMs > 0) || (isDoubted && value < 1))
    return unmeasured('pace', 'The length of the audio is not known well enough to tell a pace.');
  const { min } = policy.transcription.pace;
  return part(
    'pace',
    value,
    `It has ${words.length} words or characters in ${seconds(audioMs)} of audio; ${min} to ${maxPace(language, policy)} a second can be spoken.`,
  );
}

/** Fast speech is full; twice as fast is not possible. Next to no words may be silence: that costs little. */
function paceValue({ language, audioMs, words }: Heard, policy: Policy): number {
  if (!(audioMs > 0)) return 0;
  const { min, sparseValue } = policy.transcription.pace;
  const max = maxPace(language, policy);
  const pace = words.length / (audioMs / 1000);
  return pace > max ? falling(pace, max, 2 * max) : sparseValue + (1 - sparseValue) * unit(pace / min);
}

/** The most units that may be compared of a text: what can be spoken at twice the fastest pace, with some to spare. */
export function maxUnits(language: string, audioMs: number, policy: Policy): number {
  const limit = policy.transcription.maxUnits;
  if (!(audioMs > 0)) return limit;
  const units = Math.ceil((2 * maxPace(language, policy) * audioMs) / 1000);
  return Math.min(limit, units + policy.transcription.pace.spareUnits);
}

function maxPace(language: string, policy: Policy): number {
  const { max, otherMax } = policy.transcription.pace;
  const paces: Readonly<Record<string, number>> = max;
  return Object.hasOwn(paces, language) ? (paces[language] ?? otherMax) : otherMax;
}

function scriptOf({ language, text }: Heard, policy: Policy): ScorePart {
  const script = SCRIPTS.get(language);
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (script === undefined || letters === 0)
    return unmeasured('script', 'There are no letters whose script could be told.');
  const share = unit((text.match(script.letters)?.length ?? 0) / letters);
  const { fullShare, zeroShare } = policy.transcription.script;
  return part(
    'script',
    falling(-share, -fullShare, -zeroShare),
    `${percent(share)} of its letters are ${script.name}, the script of the language.`,
  );
}

/** Recognizers that lose the thread say the same few words again and again; four times in a row begin to count. */
function loopsOf(words: readonly string[], policy: Policy): ScorePart {
  const share = loopedWords(words, policy) / words.length;
  const { fullShare, zeroShare } = policy.transcription.loops;
  return part(
    'loops',
    falling(share, fullShare, zeroShare),
    `${percent(share)} of its words only repeat what stands right before them.`,
  );
}

/** Words in runs that repeat a phrase, beyond its first time. */
function loopedWords(words: readonly string[], policy: Policy): number {
  const { maxPhraseWords, minRepeats, minWords } = policy.transcription.loops;
  const looped = new Uint8Array(words.length);
  for (let period = 1; period <= maxPhraseWords; period += 1) {
    let run = 0;
    for (let at = period; at <= words.length; at += 1) {
      if (at < words.length && words[at] === words[at - period]) {
        run += 1;
        continue;
      }
      if (run >= Math.max(period * (minRepeats - 1), minWords)) looped.fill(1, at - run, at);
      run = 0;
    }
  }
  return looped.reduce((sum, value) => sum + value, 0);
}
