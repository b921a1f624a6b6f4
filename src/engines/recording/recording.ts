import { mixDown, type Pcm } from '../audio/pcm.js';
import { Resampler } from '../audio/resample.js';
import { writeWave, type WaveForm } from '../audio/wave-form.js';

/** How a speech is made a recording of a given form and length. */
export interface RecordingPlan {
  readonly form: WaveForm;
  /** Length of the recording, in samples a channel. */
  readonly frames: number;
  /** The length is made a multiple of this where the speech does not fit. */
  readonly step: number;
  /** Slowest and fastest that the speech is played at, around 1; the recording's length decides between them. */
  readonly minTempo: number;
  readonly maxTempo: number;
  /** Largest sample of the speech, in (0, 1]. */
  readonly peak: number;
  /** Largest sample of the noise, in [0, 1]. */
  readonly noise: number;
  /** Share of the silence that comes before the speech, in [0, 1]. */
  readonly lead: number;
}

/** Share of a recording that is speech at most. */
const MAX_FILL = 0.97;

/** Share of the recording that the speech fills; above 1 when it does not fit. */
export function fillOf({ sampleRateHz, channels }: Pcm, { form, frames }: RecordingPlan): number {
  const speechMs = (channels[0]?.length ?? 0) / sampleRateHz;
  return speechMs / (frames / form.sampleRateHz);
}

/**
 * Plays a speech at the tempo that fits, among silence and steady noise, and writes it. A speech that is too long for
 * the plan makes the recording longer by as many steps as it needs.
 *
 * @param random in [0, 1), once a sample
 */
export function record(speech: Pcm, plan: RecordingPlan, random: () => number): Uint8Array {
  const { form, step } = plan;
  const tempo = Math.min(plan.maxTempo, Math.max(plan.minTempo, fillOf(speech, plan) / MAX_FILL));
  // A faster tempo is a higher rate of the same samples.
  const resampler = new Resampler(Math.round(speech.sampleRateHz * tempo), form.sampleRateHz);
  const voice = [resampler.push(mixDown(speech.channels)), resampler.flush()];
  const length = voice.reduce((sum, block) => sum + block.length, 0);
  const frames = Math.max(plan.frames, Math.ceil(length / step) * step);
  const gain = plan.peak / Math.max(1e-6, voice.reduce(loudest, 0));
  const start = Math.floor((frames - length) * plan.lead);
  const spoken = new Float32Array(frames);
  let at = start;
  for (const block of voice) for (const sample of block) spoken[at++] = sample * gain;
  const channels = Array.from({ length: form.channelCount }, () =>
    spoken.map((sample) => sample + plan.noise * (random() + random() - 1)),
  );
  return writeWave(form, channels);
}

function loudest(peak: number, block: Float32Array): number {
  return block.reduce((most, sample) => Math.max(most, Math.abs(sample)), peak);
}
