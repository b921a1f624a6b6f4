import type { ScorePart } from '../task.js';
import type { Measured } from './part.js';

/** A transcript as it is compared. */
export interface Reading {
  readonly text: string;
  /** `spokenWords` of the text, as many as can be spoken in the audio and a few more. */
  readonly words: readonly string[];
  /** How far the miner's transcripts were right so far, in [0, 1]. */
  readonly reliability: number;
}

/** What is said of a transcript before its speed. */
export interface Verdict {
  readonly accuracy: number | undefined;
  readonly parts: readonly ScorePart[];
  /** What lowers the whole score. */
  readonly findings: readonly Measured[];
}
