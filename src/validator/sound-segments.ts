import type { Segment } from '../domain/task.js';

/** By how much a last segment may end after the audio: engines count in frames. */
const TOLERANCE_MS = 1_000;

export interface Transcribed {
  /** What was judged. */
  readonly text: string;
  readonly audioMs: number;
}

/**
 * The segments of a reply as far as they can be shown beside its text: in order, within the audio, and of the
 * very words that were judged. None of them otherwise: a part of a transcript would look like the whole, and
 * words that nobody judged would be shown as the result.
 */
export function soundSegments(
  segments: readonly Segment[],
  { text, audioMs }: Transcribed,
): readonly Segment[] {
  if (withoutSpace(segments.map((segment) => segment.text).join('')) !== withoutSpace(text)) return [];
  let lastMs = 0;
  for (const { startMs, endMs } of segments) {
    if (startMs < lastMs || endMs < startMs || endMs > audioMs + TOLERANCE_MS) return [];
    lastMs = startMs;
  }
  return segments;
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/gu, '');
}
