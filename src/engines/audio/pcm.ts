import { Refusal } from '../../domain/errors.js';

/** Decoded audio. */
export interface Pcm {
  readonly sampleRateHz: number;
  /** At least one, all of one length; samples in [-1, 1]. */
  readonly channels: readonly Float32Array[];
}

/** Audio of one channel. */
export interface Mono {
  readonly sampleRateHz: number;
  readonly samples: Float32Array;
}

export interface AudioFormat {
  readonly sampleRateHz: number;
  readonly channelCount: number;
}

/** Where decoders put audio: `start` once, then blocks of one sample array per channel. */
export interface AudioSink {
  start(format: AudioFormat): void;
  block(channels: readonly Float32Array[]): void;
}

/** Longest audio that is decoded, in seconds. */
export const MAX_AUDIO_SECONDS = 2 * 3_600;
export const MIN_SAMPLE_RATE_HZ = 1_000;
export const MAX_SAMPLE_RATE_HZ = 192_000;
export const MAX_CHANNELS = 16;
/** Most samples over all channels that are kept at once: 512 MiB of memory. */
export const MAX_KEPT_SAMPLES = 2 ** 27;

/** An audio that cannot be used, with the reason for the person who sent it. */
export function undecodable(why: string, metadata: Readonly<Record<string, string>> = {}): Refusal {
  return new Refusal('AUDIO_UNDECODABLE', `The audio cannot be decoded: ${why}.`, { metadata });
}

export function tooLong(): Refusal {
  return undecodable(`it is longer than ${MAX_AUDIO_SECONDS} s`, {
    limit_seconds: String(MAX_AUDIO_SECONDS),
  });
}

/** @throws Refusal AUDIO_UNDECODABLE when out of bounds */
export function checkFormat({ sampleRateHz, channelCount }: AudioFormat): void {
  if (sampleRateHz < MIN_SAMPLE_RATE_HZ || sampleRateHz > MAX_SAMPLE_RATE_HZ)
    throw undecodable(
      `its sample rate is ${sampleRateHz} Hz, not ${MIN_SAMPLE_RATE_HZ} to ${MAX_SAMPLE_RATE_HZ} Hz`,
      { sample_rate_hz: String(sampleRateHz) },
    );
  if (channelCount < 1 || channelCount > MAX_CHANNELS)
    throw undecodable(`it has ${channelCount} channels, not 1 to ${MAX_CHANNELS}`, {
      channels: String(channelCount),
    });
}

/** Mean of the channels. */
export function mixDown(channels: readonly Float32Array[]): Float32Array {
  const [first, ...others] = channels;
  if (first === undefined) return new Float32Array(0);
  if (others.length === 0) return first;
  const mono = Float32Array.from(first);
  for (const channel of others)
    for (let i = 0; i < mono.length; i++) mono[i] = (mono[i] ?? 0) + (channel[i] ?? 0);
  for (let i = 0; i < mono.length; i++) mono[i] = (mono[i] ?? 0) / channels.length;
  return mono;
}

export function concat(blocks: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let offset = 0;
  for (const block of blocks) {
    whole.set(block, offset);
    offset += block.length;
  }
  return whole;
}
