import type { ScorePart } from '../task.js';
import { part, seconds } from './part.js';
import { POLICY } from './policy.js';

/** The size of the work that a time is measured against. */
export interface WorkSize {
  /** Length of audio to transcribe; 0 for text. */
  readonly audioMs: number;
  /** Unicode code points of the text to speak or to summarize; 0 for audio. */
  readonly characters: number;
}

/**
 * Speed of a reply: exp(-t / scale), where t is the time from the question to the whole reply in seconds by the
 * validator's clock and scale = 10 + 0.5 per second of audio + 0.01 per character. A short task answered in 1 s
 * gets about 0.9, in 10 s about 0.37; ten minutes of audio answered in 60 s get about 0.82.
 */
export function speedOf(totalMs: number, size: WorkSize): ScorePart & { readonly value: number } {
  const { baseSeconds, secondsPerAudioSecond, secondsPerCharacter } = POLICY.speed;
  const scale =
    baseSeconds + secondsPerAudioSecond * (size.audioMs / 1000) + secondsPerCharacter * size.characters;
  const value = Math.exp(-Math.max(0, totalMs) / 1000 / scale);
  return part(
    'speed',
    value,
    `The whole reply took ${seconds(totalMs)}; work of this size scales with ${scale.toFixed(1)} s.`,
  );
}
