/** A piece is at least this long, and at most twice as long. */
const MIN_PIECE_SECONDS = 20;
/** A cut is made in the middle of the quietest stretch of this length. */
const GAP_SECONDS = 0.2;
const STEP_SECONDS = 0.02;

/**
 * Where to cut long speech so that no word is cut: in each stretch of 20 to 40 s at its quietest.
 *
 * @returns sample offsets from 0 to the length, both included
 */
export function quietCuts(samples: Float32Array, sampleRateHz: number): readonly number[] {
  const minPiece = MIN_PIECE_SECONDS * sampleRateHz;
  const cuts = [0];
  for (let start = 0; samples.length - start > 2 * minPiece;) {
    start = quietest(samples, { from: start + minPiece, to: start + 2 * minPiece, sampleRateHz });
    cuts.push(start);
  }
  return [...cuts, samples.length];
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly sampleRateHz: number;
}

function quietest(samples: Float32Array, { from, to, sampleRateHz }: Stretch): number {
  const gap = Math.round(GAP_SECONDS * sampleRateHz);
  const step = Math.round(STEP_SECONDS * sampleRateHz);
  let best = { at: from, energy: Infinity };
  for (let start = from; start + gap <= to; start += step) {
    let energy = 0;
    for (const sample of samples.subarray(start, start + gap)) energy += sample * sample;
    if (energy < best.energy) best = { at: start + Math.floor(gap / 2), energy };
  }
  return best.at;
}
