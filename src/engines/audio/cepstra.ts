import { PowerSpectrum } from './fourier.js';

/** Length of a frame. */
const FRAME_SECONDS = 0.03;
/** Below the telephone's upper edge, so that voices of 8 kHz compare with all others, even warped. */
const LOWEST_HZ = 100;
const HIGHEST_HZ = 3_400;
const BANDS = 23;
export const COEFFICIENTS = 12;
/** Bands count no quieter than this below the loudest of all. */
const BAND_RANGE_DB = 50;
/** Frames this far below the loud ones are pauses and left out: where a voice rests is its own affair. */
const PAUSE_DB = 35;

/** The changing timbre of a voice: mel cepstra of the frames with sound, each coefficient of mean 0 and variance 1. */
export interface Cepstra {
  readonly frames: number;
  /** COEFFICIENTS values a frame. */
  readonly values: Float32Array;
}

export interface CepstraOptions {
  readonly sampleRateHz: number;
  /** Between the starts of two frames of 0.03 s. */
  readonly hopSeconds: number;
  /** Stretch the frequency axis: above 1 hears a smaller head, such as a child's, as a larger one. */
  readonly warps: readonly number[];
}

/**
 * Mel cepstra as speech recognizers use them, without the pauses and without the level and colour of the voice.
 *
 * @returns one a warp
 */
export function cepstra(samples: Float32Array, options: CepstraOptions): readonly Cepstra[] {
  const { energies, bands } = bandLevels(samples, options);
  const loud = energies.toSorted()[Math.floor(energies.length * 0.95)] ?? 0;
  const isVoiced = (frame: number): boolean => (energies[frame] ?? 0) > loud * 10 ** (-PAUSE_DB / 10);
  return bands.map((frames) => cepstraOf(frames.filter((_, frame) => isVoiced(frame))));
}

function cepstraOf(frames: readonly Float64Array[]): Cepstra {
  let loudest = -Infinity;
  for (const levels of frames) for (const level of levels) loudest = Math.max(loudest, level);
  const floor = loudest - (BAND_RANGE_DB / 10) * Math.LN10;
  const values = new Float32Array(frames.length * COEFFICIENTS);
  frames.forEach((levels, frame) => {
    for (let k = 0; k < COEFFICIENTS; k++) {
      let sum = 0;
      for (let band = 0; band < BANDS; band++)
        sum += Math.max(floor, levels[band] ?? 0) * (COSINES[k * BANDS + band] ?? 0);
      values[frame * COEFFICIENTS + k] = sum;
    }
  });
  normalize(values);
  return { frames: frames.length, values };
}

/** Of the discrete cosine transform. */
const COSINES = Float64Array.from({ length: COEFFICIENTS * BANDS }, (_, i) =>
  Math.cos((Math.PI * Math.floor(i / BANDS) * ((i % BANDS) + 0.5)) / BANDS),
);

/** Energies of the frames, and for each warp the logarithmic band powers of the frames. */
function bandLevels(
  samples: Float32Array,
  { sampleRateHz, hopSeconds, warps }: CepstraOptions,
): { readonly energies: Float64Array; readonly bands: readonly (readonly Float64Array[])[] } {
  const length = Math.round(sampleRateHz * FRAME_SECONDS);
  const hop = sampleRateHz * hopSeconds;
  const count = Math.max(0, Math.floor((samples.length - length) / hop) + 1);
  const size = 2 ** Math.ceil(Math.log2(length));
  const window = hammingWindow(length);
  const filters = warps.map((warp) => melFilters(size, sampleRateHz, warp));
  const spectrum = new PowerSpectrum(size);
  const windowed = new Float64Array(length);
  const energies = new Float64Array(count);
  const bands: Float64Array[][] = warps.map(() => []);
  for (let frame = 0; frame < count; frame++) {
    const start = Math.round(frame * hop);
    for (let i = 0; i < length; i++) {
      const sample = samples[start + i] ?? 0;
      energies[frame] = (energies[frame] ?? 0) + sample * sample;
      windowed[i] = sample * (window[i] ?? 0);
    }
    const power = spectrum.of(windowed);
    filters.forEach((filter, warp) => bands[warp]?.push(filter(power)));
  }
  return { energies, bands };
}

function hammingWindow(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (length - 1)));
}

/** Triangles of equal width on the mel scale, each rising from its lower neighbour's peak and falling to its upper one's. */
function melFilters(size: number, sampleRateHz: number, warp: number): (power: Float64Array) => Float64Array {
  const lowest = mel(LOWEST_HZ);
  const step = (mel(HIGHEST_HZ) - lowest) / (BANDS + 1);
  const peaks = Array.from(
    { length: BANDS + 2 },
    (_, i) => (hertz(lowest + step * i) * warp * size) / sampleRateHz,
  );
  return (power) =>
    Float64Array.from({ length: BANDS }, (_, band) => {
      const [from = 0, peak = 0, to = 0] = peaks.slice(band, band + 3);
      let sum = 1e-12;
      for (let k = Math.ceil(from); k < to; k++)
        sum += (power[k] ?? 0) * (k < peak ? (k - from) / (peak - from) : (to - k) / (to - peak));
      return Math.log(sum);
    });
}

function normalize(values: Float32Array): void {
  const frames = values.length / COEFFICIENTS;
  for (let k = 0; k < COEFFICIENTS; k++) {
    let sum = 0;
    for (let at = k; at < values.length; at += COEFFICIENTS) sum += values[at] ?? 0;
    const mean = sum / frames;
    let squares = 0;
    for (let at = k; at < values.length; at += COEFFICIENTS) squares += ((values[at] ?? 0) - mean) ** 2;
    const deviation = Math.sqrt(squares / frames) + 1e-6;
    for (let at = k; at < values.length; at += COEFFICIENTS)
      values[at] = ((values[at] ?? 0) - mean) / deviation;
  }
}

function mel(hz: number): number {
  return 2_595 * Math.log10(1 + hz / 700);
}

function hertz(mels: number): number {
  return 700 * (10 ** (mels / 2_595) - 1);
}
