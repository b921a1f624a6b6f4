import type { Segment } from '../../domain/task.js';

/** Milliseconds per frame of the recognizer. */
const FRAME_MS = 10;

/** Audio that may go unheard before the times within a piece are in doubt. */
const UNHEARD_MS = 150;

/** What was recognized in one piece of audio. */
export interface Hypothesis {
  /** How much audio was listened to; less than the piece where the recognizer left silence out. */
  readonly heardMs: number;
  readonly segments: readonly Segment[];
}

interface Entry {
  readonly startMs: number;
  readonly word: string;
}

/**
 * Reads a line of pocketsphinx_batch's `-hypseg` output: the id, `S n T n A n L n`, then per word its
 * first frame, two scores and the word, and at the end the last frame. Words between pauses make a
 * segment.
 */
export function parseHypothesis(line: string): Hypothesis {
  const rest = line.trim().split(/\s+/).slice(9);
  const entries: Entry[] = [];
  for (let i = 0; i + 3 < rest.length; i += 4)
    entries.push({ startMs: Number(rest[i]) * FRAME_MS, word: rest[i + 3] ?? '' });
  const endMs = Number(rest.at(-1) ?? 0) * FRAME_MS;
  return { heardMs: endMs, segments: segmentsOf(entries, endMs) };
}

/**
 * Puts the segments of a piece in their place in the whole. The recognizer listens better without long
 * silence and leaves it out, but counts its times without it too; then the piece is one segment, whose
 * times are sure.
 */
export function placeSegments(
  { heardMs, segments }: Hypothesis,
  piece: { readonly startMs: number; readonly endMs: number },
): readonly Segment[] {
  const text = segments.map((segment) => segment.text).join(' ');
  if (text === '') return [];
  if (heardMs < piece.endMs - piece.startMs - UNHEARD_MS) return [{ ...piece, text }];
  return segments.map((segment) => ({
    startMs: piece.startMs + segment.startMs,
    endMs: Math.min(piece.endMs, piece.startMs + segment.endMs),
    text: segment.text,
  }));
}

function segmentsOf(entries: readonly Entry[], endMs: number): Segment[] {
  const segments: Segment[] = [];
  let words: Entry[] = [];
  const close = (at: number): void => {
    const [first] = words;
    if (first !== undefined)
      segments.push({ startMs: first.startMs, endMs: at, text: words.map(({ word }) => word).join(' ') });
    words = [];
  };
  for (const { startMs, word } of entries) {
    if (isFiller(word)) close(startMs);
    // A number in brackets tells the pronunciation: `to(2)`.
    else words.push({ startMs, word: word.replace(/\(\d+\)$/, '') });
  }
  close(endMs);
  return segments;
}

/** `<s>`, `</s>`, `<sil>`, `[NOISE]`, `[SPEECH]`, `++UM++`. */
function isFiller(word: string): boolean {
  return /^(<.*>|\[.*\]|\+\+.*\+\+)$/.test(word);
}
