import type { Following } from '../../domain/score/speech-words.js';
import { COEFFICIENTS, type Cepstra } from './cepstra.js';

/** Shorter sounds have no pieces to put in another order. */
const MIN_FRAMES = 10;

/** Orders of equal pieces in which none is in its place and none follows its neighbour. */
const ORDERS: readonly (readonly number[])[] = [
  [1, 0, 3, 2],
  [1, 3, 0, 2],
  [2, 0, 3, 1],
  [3, 2, 1, 0],
];

/**
 * Aligns a voice with a reference by dynamic time warping, and with the same sounds in other orders: those have the
 * reference's voice but not its words.
 *
 * @param voices the same voice, with several warps of its frequencies; the one nearest to the reference counts
 * @returns nothing when the reference is too short to be compared
 */
export function align(voices: readonly Cepstra[], reference: Cepstra): Following | undefined {
  if (reference.frames < MIN_FRAMES) return undefined;
  // So little sound does not say it either, and must not pass for something that cannot be judged.
  if (voices.some(({ frames }) => frames < MIN_FRAMES)) return { frames: reference.frames, ratio: 1 };
  const straight = Array.from({ length: reference.frames }, (_, i) => i);
  let best: Grid = { rows: 0, distances: new Float32Array(0) };
  let own = Infinity;
  for (const voice of voices) {
    const grid = { rows: voice.frames, distances: frameDistances(voice, reference) };
    const cost = pathCost(grid, straight);
    if (cost >= own) continue;
    own = cost;
    best = grid;
  }
  const mean = meanReordered(best, reference);
  return { frames: reference.frames, ratio: mean === 0 ? 1 : own / mean };
}

/**
 * Mean distance of a reference from itself in other orders, 0 where they sound the same: 2.7 or more for a text that
 * does not repeat itself.
 */
export function contrast(reference: Cepstra): number {
  return meanReordered(
    { rows: reference.frames, distances: frameDistances(reference, reference) },
    reference,
  );
}

function meanReordered(grid: Grid, reference: Cepstra): number {
  const straight = Array.from({ length: reference.frames }, (_, i) => i);
  const costs = ORDERS.map((order) => pathCost(grid, reorder(straight, order)));
  return costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
}

function reorder(columns: readonly number[], order: readonly number[]): readonly number[] {
  const edge = (piece: number): number => Math.round((piece * columns.length) / order.length);
  return order.flatMap((piece) => columns.slice(edge(piece), edge(piece + 1)));
}

interface Grid {
  readonly rows: number;
  /** One row a frame of the voice, one column a frame of the reference. */
  readonly distances: Float32Array;
}

/** Euclidean distances, one row a frame of the voice, one column a frame of the reference. */
function frameDistances(voice: Cepstra, reference: Cepstra): Float32Array {
  const distances = new Float32Array(voice.frames * reference.frames);
  let at = 0;
  for (let i = 0; i < voice.values.length; i += COEFFICIENTS)
    for (let j = 0; j < reference.values.length; j += COEFFICIENTS) {
      let sum = 0;
      for (let k = 0; k < COEFFICIENTS; k++) {
        const difference = (voice.values[i + k] ?? 0) - (reference.values[j + k] ?? 0);
        sum += difference * difference;
      }
      distances[at++] = Math.sqrt(sum);
    }
  return distances;
}

/** Least mean distance on a path from the first frames of both to the last; a step that repeats a frame costs 1.5 of 2. */
function pathCost({ rows, distances }: Grid, columns: readonly number[]): number {
  const width = columns.length;
  let above = new Float64Array(width + 1).fill(Infinity);
  let current = new Float64Array(width + 1);
  above[0] = 0;
  for (let i = 0; i < rows; i++) {
    current[0] = Infinity;
    for (let j = 0; j < width; j++) {
      const distance = distances[i * width + (columns[j] ?? 0)] ?? 0;
      const both = (above[j] ?? 0) + 2 * distance;
      const repeated = Math.min(above[j + 1] ?? 0, current[j] ?? 0) + 1.5 * distance;
      current[j + 1] = both < repeated ? both : repeated;
    }
    [above, current] = [current, above];
  }
  return (above[width] ?? 0) / (rows + width);
}
