/** Repetitions are looked for in no more than this, in frames: a minute at 10 ms. */
const MAX_FRAMES = 6_000;
/** Shortest period, in frames: syllables follow each other no faster. */
const MIN_PERIOD = 20;
/** Longest period as a part of the whole: the rest is compared. */
const MAX_PERIOD_SHARE = 0.6;
/** Frames taken together where the whole is long, so that the work does not grow with its square. */
const LONG_FRAMES = 1_500;

/**
 * The largest correlation of a contour with itself some time later, in [0, 1]: near 1 for what repeats itself, such as
 * a looped snippet or a pulsing noise. Read speech stays below 0.85, with words that recur too.
 *
 * @param levels loudness of frames of 10 ms, in dB
 */
export function repetition(levels: Float64Array): number {
  const contour = levels.subarray(0, MAX_FRAMES);
  const together = Math.ceil(contour.length / LONG_FRAMES);
  const means = groupMeans(contour, together);
  const mean = means.reduce((sum, level) => sum + level, 0) / means.length;
  const centred = means.map((level) => level - mean);
  let largest = 0;
  const last = Math.floor(centred.length * MAX_PERIOD_SHARE);
  for (let period = Math.ceil(MIN_PERIOD / together); period <= last; period++)
    largest = Math.max(largest, correlation(centred, period));
  return Math.min(1, largest);
}

function groupMeans(levels: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: Math.floor(levels.length / size) }, (_, group) => {
    let sum = 0;
    for (let i = group * size; i < (group + 1) * size; i++) sum += levels[i] ?? 0;
    return sum / size;
  });
}

function correlation(values: Float64Array, shift: number): number {
  let product = 0;
  let early = 0;
  let late = 0;
  for (let i = shift; i < values.length; i++) {
    const a = values[i - shift] ?? 0;
    const b = values[i] ?? 0;
    product += a * b;
    early += a * a;
    late += b * b;
  }
  const scale = Math.sqrt(early * late);
  return scale < 1e-9 ? 0 : product / scale;
}
