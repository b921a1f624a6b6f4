import { decodeAudio } from '../../src/engines/audio/decode.js';
import { mixDown } from '../../src/engines/audio/pcm.js';
import { encodeWav } from '../../src/engines/audio/wav.js';
import { NOISE_RATE_HZ, noises } from './noises.js';

/** A reading spoilt in many ways, and sounds of its length that are no reading at all. */
export async function spoiledSpeech(reading: Uint8Array): Promise<Readonly<Record<string, Uint8Array>>> {
  const { channels, sampleRateHz } = await decodeAudio(reading, new AbortController().signal);
  const samples = mixDown(channels);
  const wav = (changed: Float32Array): Uint8Array => encodeWav({ sampleRateHz, channels: [changed] });
  const snippet = samples
    .subarray(Math.floor(samples.length * 0.2))
    .subarray(0, Math.round(0.6 * sampleRateHz));
  const sounds = Object.entries(noises(samples.length / sampleRateHz)).map(([name, noise]) => [
    name,
    encodeWav({ sampleRateHz: NOISE_RATE_HZ, channels: [noise] }),
  ]);
  return {
    ...(Object.fromEntries(sounds) as Record<string, Uint8Array>),
    'half of the file': wav(samples).subarray(0, 44 + samples.length),
    'half of the reading': wav(samples.subarray(0, samples.length / 2)),
    'a looped snippet': wav(samples.map((_, i) => snippet[i % snippet.length]!)),
    'clipped twentyfold': wav(samples.map((sample) => 20 * sample)),
  };
}
