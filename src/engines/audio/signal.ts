import { contour, levelOf, loudLevel, PAUSE_DB, powerOf, type Contour } from './contour.js';
import { mixDown, type Pcm } from './pcm.js';
import { repetition } from './repetition.js';

/** A frame is active above this level, in dB of full scale. */
const ACTIVE_DB = -50;
/** Frames this far below the loud ones have no timbre of their own. */
const TIMBRE_DB = 30;
/** Slower crossings of zero are hum, not timbre. */
const LOWEST_HZ = 50;

/** What can be said of a sound without understanding it. */
export interface SignalFacts {
  readonly durationSeconds: number;
  /** Part of the 10 ms frames that are louder than -50 dB of full scale, in [0, 1]; 0 for silence. */
  readonly activeShare: number;
  /** Largest sample by magnitude, in [0, 1]. */
  readonly peak: number;
  /** Part of the samples at full scale, in [0, 1]. */
  readonly clippedShare: number;
  /** Standard deviation of the frames' loudness, in dB: noise and tones have below 3, speech has above 8. */
  readonly loudnessSpreadDb: number;
  /**
   * Standard deviation of the loud frames' zero crossings, in octaves: vowels and hisses differ, while tones and white
   * noise, pulsing or not, have below 0.15. Speech has above 0.36.
   */
  readonly timbreSpreadOctaves: number;
  /** Largest correlation of the loudness with itself 0.2 s or more later, in [0, 1]; loops are near 1. */
  readonly repetition: number;
}

export function signalFacts(pcm: Pcm): SignalFacts {
  const samples = mixDown(pcm.channels);
  const course = contour(samples, pcm.sampleRateHz);
  // It does not matter how silent a pause is.
  const floor = loudLevel(course) - PAUSE_DB;
  const levels = course.powers.map((power) => Math.max(floor, levelOf(power)));
  return {
    durationSeconds: samples.length / pcm.sampleRateHz,
    activeShare: share(activeFrames(course), course.powers.length),
    peak: course.peak,
    clippedShare: share(course.clippedSamples, samples.length),
    loudnessSpreadDb: deviation(levels),
    timbreSpreadOctaves: timbreSpread(course),
    repetition: repetition(levels),
  };
}

/** Whether nothing in a sound is louder than -50 dB of full scale for 10 ms. */
export function isSilent(pcm: Pcm): boolean {
  return pcm.channels.every((samples) => activeFrames(contour(samples, pcm.sampleRateHz)) === 0);
}

function activeFrames({ powers }: Contour): number {
  return powers.reduce((count, power) => (power > powerOf(ACTIVE_DB) ? count + 1 : count), 0);
}

function timbreSpread(course: Contour): number {
  const least = powerOf(loudLevel(course) - TIMBRE_DB);
  const loud = course.crossingsHz.filter((_, frame) => (course.powers[frame] ?? 0) > least);
  return deviation(loud.map((hz) => Math.log2(Math.max(LOWEST_HZ, hz))));
}

function deviation(values: Float64Array): number {
  if (values.length === 0) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
