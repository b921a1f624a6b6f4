import type { Score } from '../domain/task.js';

/** What is known beforehand of the right answer to a question that the validator made itself. */
export type Truth =
  | {
      readonly kind: 'transcript';
      readonly text: string;
      /** Whether the voice is one that recognizers understand; if not, nobody is blamed where nobody understood it. */
      readonly isClear: boolean;
    }
  | { readonly kind: 'facts'; readonly facts: readonly string[] };

/** Accuracy that somebody must reach before a transcript of an unclear voice says anything of a miner. */
const UNDERSTOOD = 0.5;

/** Whether answers may be held against those who gave them. */
export function wasUnderstood(truth: Truth, scores: readonly Score[]): boolean {
  return (
    truth.kind !== 'transcript' || truth.isClear || scores.some(({ accuracy = 0 }) => accuracy >= UNDERSTOOD)
  );
}
