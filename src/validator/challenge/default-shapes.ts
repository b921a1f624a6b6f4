import type { WaveForm } from '../../engines/audio/wave-form.js';
import { encodeWav } from '../../engines/audio/wav.js';
import { waveShapeOf } from '../../engines/audio/wave-form.js';
import type { Shape } from './shape.js';

/** Run time of a task when its user says nothing. */
const MAX_RUN_MS = 3_600_000;
/** Median lengths of what people say, have read aloud and have summarized, and the spread of their logarithms. */
const SPEECH_SECONDS = { median: 7, spread: 0.6, min: 1.5, max: 60 };
const SPOKEN_BYTES = { median: 90, spread: 0.8, min: 20, max: 2_000 };
const SUMMARIZED_BYTES = { median: 1_800, spread: 0.7, min: 300, max: 12_000 };
const RATES_HZ = [16_000, 16_000, 16_000, 44_100, 48_000] as const;

/** What a task may look like before any was seen: the commonest of each kind. */
export function defaultShape(random: () => number): Shape {
  const common = { language: 'en', maxRunMs: MAX_RUN_MS };
  const choice = random();
  if (choice < 0.5) {
    const form = plainForm(RATES_HZ[Math.floor(random() * RATES_HZ.length)] ?? 16_000);
    const frames = Math.round(drawn(SPEECH_SECONDS, random) * form.sampleRateHz);
    const inputBytes = form.head.length + 2 * frames;
    return { ...common, kind: 'transcription', inputBytes, wave: { form, frames, step: 1 } };
  }
  if (choice < 0.75) return { ...common, kind: 'tts', inputBytes: Math.round(drawn(SPOKEN_BYTES, random)) };
  return { ...common, kind: 'summarization', inputBytes: Math.round(drawn(SUMMARIZED_BYTES, random)) };
}

/** The header that most programs write: 44 bytes, one channel of 16 bits. */
function plainForm(sampleRateHz: number): WaveForm {
  const shape = waveShapeOf(encodeWav({ sampleRateHz, channels: [new Float32Array(1)] }));
  if (shape === undefined) throw new Error('the plain WAV form cannot be imitated');
  return shape.form;
}

/** Log-normal, within bounds. */
function drawn(
  {
    median,
    spread,
    min,
    max,
  }: { readonly median: number; readonly spread: number; readonly min: number; readonly max: number },
  random: () => number,
): number {
  // Box and Muller.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(max, Math.max(min, median * Math.exp(spread * normal)));
}
