import type { TaskKind } from '../../domain/task.js';
import { waveBytes, waveShapeOf, type WaveShape } from '../../engines/audio/wave-form.js';
import type { FedTask } from '../ports/task-feed.js';

/** What a task looks like on the wire; nothing of what it says. */
export interface Shape {
  readonly kind: TaskKind;
  readonly language: string;
  readonly voice?: string;
  readonly maxSentences?: number;
  readonly maxRunMs: number;
  readonly inputBytes: number;
  /** Absent for text, and for audio whose container cannot be imitated. */
  readonly wave?: WaveShape;
}

/** How far the size of a question is from that of the task it is made after. */
const SPREAD = 0.05;

export function shapeOf(
  {
    kind,
    language,
    voice,
    maxSentences,
    maxRunMs,
  }: Pick<FedTask, 'kind' | 'language' | 'voice' | 'maxSentences' | 'maxRunMs'>,
  input: Uint8Array,
): Shape {
  const wave = kind === 'transcription' ? waveShapeOf(input) : undefined;
  return {
    kind,
    language,
    ...(voice === undefined ? {} : { voice }),
    ...(maxSentences === undefined ? {} : { maxSentences }),
    maxRunMs,
    inputBytes: input.byteLength,
    ...(wave === undefined ? {} : { wave }),
  };
}

/** Lengths that have less than this in common are not cut to a measure. */
const MIN_COMMON = 64;
/** Lengths of one form from which on what they have in common is no chance. */
const MIN_LENGTHS = 3;

/** The same, cut to the measure that all lengths of its form are multiples of, where there is one. */
export function measured(shape: Shape, others: readonly Shape[]): Shape {
  const { wave } = shape;
  if (wave === undefined) return shape;
  const head = Buffer.from(wave.form.head);
  // The sizes in it differ.
  const isAlike = (other: WaveShape): boolean =>
    other.form.head.length === head.length &&
    head.subarray(12, head.length - 4).equals(other.form.head.subarray(12, head.length - 4));
  const lengths = others.flatMap(({ wave: other }) =>
    other !== undefined && isAlike(other) ? [other.frames] : [],
  );
  const common = lengths.reduce(greatestCommonDivisor, 0);
  if (lengths.length < MIN_LENGTHS || common < MIN_COMMON) return shape;
  return { ...shape, wave: { ...wave, step: common } };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** A shape like it, of another size; audio that was cut at certain lengths stays so. */
export function varied(shape: Shape, random: () => number): Shape {
  // The sum of three has a deviation of a half.
  const factor = Math.exp(SPREAD * 2 * (random() + random() + random() - 1.5));
  const { wave } = shape;
  if (wave === undefined) return { ...shape, inputBytes: Math.max(1, Math.round(shape.inputBytes * factor)) };
  const { form, step } = wave;
  const frames = Math.max(1, Math.round((wave.frames * factor) / step)) * step;
  return { ...shape, inputBytes: waveBytes(form, frames), wave: { form, frames, step } };
}
