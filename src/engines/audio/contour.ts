/** Length of a frame. */
const FRAME_SECONDS = 0.01;
/** Samples from here on count as clipped; one step of 8 bits below full scale. */
const CLIPPED = 127 / 128;
/** Frames this far below the loud ones are pauses. */
export const PAUSE_DB = 40;

/** How a sound goes up and down, in frames of 10 ms. The last frame may be shorter. */
export interface Contour {
  /** Mean square of each frame; full scale is 1. */
  readonly powers: Float64Array;
  /** How often each frame crosses zero, in crossings a second over two: the frequency of a tone. */
  readonly crossingsHz: Float64Array;
  /** Largest sample by magnitude, in [0, 1]. */
  readonly peak: number;
  readonly clippedSamples: number;
}

export function contour(samples: Float32Array, sampleRateHz: number): Contour {
  const length = Math.max(1, Math.round(sampleRateHz * FRAME_SECONDS));
  const count = Math.ceil(samples.length / length);
  const powers = new Float64Array(count);
  const crossingsHz = new Float64Array(count);
  let peak = 0;
  let clippedSamples = 0;
  for (let frame = 0; frame < count; frame++) {
    const end = Math.min(samples.length, (frame + 1) * length);
    let before = samples[Math.max(0, frame * length - 1)] ?? 0;
    let squares = 0;
    let crossings = 0;
    for (let i = frame * length; i < end; i++) {
      const sample = samples[i] ?? 0;
      const magnitude = Math.abs(sample);
      if (magnitude > peak) peak = magnitude;
      if (magnitude >= CLIPPED) clippedSamples++;
      if (sample >= 0 !== before >= 0) crossings++;
      squares += sample * sample;
      before = sample;
    }
    const size = end - frame * length;
    powers[frame] = squares / size;
    crossingsHz[frame] = (crossings * sampleRateHz) / size / 2;
  }
  return { powers, crossingsHz, peak: Math.min(1, peak), clippedSamples };
}

/** Power of a level in dB of full scale. */
export function powerOf(db: number): number {
  return 10 ** (db / 10);
}

/** Level in dB of full scale; a power of 0 is -120 dB. */
export function levelOf(power: number): number {
  return 10 * Math.log10(Math.max(power, 1e-12));
}

/** The level that a tenth of the frames is above, in dB of full scale: how loud the loud parts are. */
export function loudLevel({ powers }: Contour): number {
  return levelOf(powers.toSorted()[Math.floor(powers.length * 0.9)] ?? 0);
}

/** From the first to the last frame within 40 dB of the loud ones, in seconds. */
export function soundSpan(course: Contour): { readonly start: number; readonly end: number } {
  const least = powerOf(loudLevel(course) - PAUSE_DB);
  const isSound = (power: number): boolean => power > least;
  const first = course.powers.findIndex(isSound);
  const last = course.powers.findLastIndex(isSound);
  return { start: Math.max(0, first) * FRAME_SECONDS, end: (last + 1) * FRAME_SECONDS };
}
