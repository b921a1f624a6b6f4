import { mixDown, type Pcm } from './pcm.js';

/** Frames in which activity is measured. */
const FRAME_SECONDS = 0.02;
/** A frame is active above this root mean square, -50 dB of full scale. */
const ACTIVE_RMS = 10 ** (-50 / 20);
/** Samples from here on count as clipped; one step of 8 bits below full scale. */
const CLIPPED = 127 / 128;

/** What can be said of a sound without understanding it. */
export interface SignalFacts {
  readonly durationSeconds: number;
  /** Part of the 20 ms frames that are louder than -50 dB of full scale, in [0, 1]; 0 for silence. */
  readonly activeShare: number;
  /** Largest sample by magnitude, in [0, 1]. */
  readonly peak: number;
  /** Part of the samples at full scale, in [0, 1]. */
  readonly clippedShare: number;
  /** From the 10th to the 90th percentile of the frames' loudness, in dB, at most 100. Noise and tones have below 10. */
  readonly dynamicRangeDb: number;
}

export function signalFacts(pcm: Pcm): SignalFacts {
  const samples = mixDown(pcm.channels);
  const frames = frameLoudness(samples, Math.max(1, Math.round(pcm.sampleRateHz * FRAME_SECONDS)));
  let peak = 0;
  let clipped = 0;
  for (const sample of samples) {
    const magnitude = Math.abs(sample);
    if (magnitude > peak) peak = magnitude;
    if (magnitude >= CLIPPED) clipped++;
  }
  return {
    durationSeconds: samples.length / pcm.sampleRateHz,
    activeShare: share(frames.filter((rms) => rms > ACTIVE_RMS).length, frames.length),
    peak: Math.min(1, peak),
    clippedShare: share(clipped, samples.length),
    dynamicRangeDb: dynamicRangeDb(frames),
  };
}

/** Root mean square of each frame; the last may be shorter. */
function frameLoudness(samples: Float32Array, frameLength: number): Float64Array {
  return Float64Array.from({ length: Math.ceil(samples.length / frameLength) }, (_, frame) => {
    const part = samples.subarray(frame * frameLength, (frame + 1) * frameLength);
    let sum = 0;
    for (const sample of part) sum += sample * sample;
    return Math.sqrt(sum / part.length);
  });
}

function dynamicRangeDb(frames: Float64Array): number {
  const sorted = frames.toSorted();
  const low = sorted[Math.floor(sorted.length * 0.1)] ?? 0;
  const high = sorted[Math.floor(sorted.length * 0.9)] ?? 0;
  return high === 0 ? 0 : Math.min(100, 20 * Math.log10(high / Math.max(low, 1e-9)));
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
