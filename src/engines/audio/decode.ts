import { decodeFlac, isFlac } from './flac.js';
import {
  concat,
  MAX_AUDIO_SECONDS,
  MAX_KEPT_SAMPLES,
  mixDown,
  tooLong,
  undecodable,
  type AudioFormat,
  type AudioSink,
  type Pcm,
} from './pcm.js';
import { Resampler } from './resample.js';
import { decodeWav, isWav } from './wav.js';

/** What speech recognition wants. */
export const SPEECH_RATE_HZ = 16_000;

/**
 * Decodes WAV or FLAC, told apart by their bytes, as it is.
 *
 * @throws Refusal AUDIO_UNDECODABLE, or the signal's reason
 */
export async function decodeAudio(bytes: Uint8Array, signal: AbortSignal): Promise<Pcm> {
  const kept = new KeptAudio();
  await decodeInto(bytes, kept, signal);
  return kept.pcm();
}

export interface AudioLimits {
  readonly maxSeconds: number;
  /** Over all channels. */
  readonly maxSamples: number;
}

/**
 * Decodes WAV or FLAC as it is, and no more of it than wanted: a few bytes of FLAC may unfold to hours.
 *
 * @returns nothing when it goes beyond a limit
 * @throws as decodeAudio does
 */
export async function decodeWithin(
  bytes: Uint8Array,
  limits: AudioLimits,
  signal: AbortSignal,
): Promise<Pcm | undefined> {
  const kept = new LimitedAudio(limits);
  try {
    await decodeInto(bytes, kept, signal);
  } catch (error) {
    if (kept.isBeyond) return undefined;
    throw error;
  }
  return kept.pcm();
}

/**
 * Decodes WAV or FLAC to one channel of 16 kHz, block by block, so that the rate and the channels of
 * the input cost no memory.
 *
 * @throws Refusal AUDIO_UNDECODABLE, or the signal's reason
 */
export async function decodeSpeech(bytes: Uint8Array, signal: AbortSignal): Promise<Pcm> {
  const speech = new SpeechAudio();
  await decodeInto(bytes, speech, signal);
  return speech.pcm();
}

/** Mixes to one channel of 16 kHz. */
export function toSpeech(pcm: Pcm): Pcm {
  const speech = new SpeechAudio();
  speech.start({ sampleRateHz: pcm.sampleRateHz, channelCount: pcm.channels.length });
  speech.block(pcm.channels);
  return speech.pcm();
}

async function decodeInto(bytes: Uint8Array, sink: AudioSink, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const bounded = new BoundedSink(sink);
  if (bytes.byteLength === 0) throw undecodable('it is empty');
  if (isWav(bytes)) await decodeWav(bytes, bounded, signal);
  else if (isFlac(bytes)) await decodeFlac(bytes, bounded, signal);
  else throw undecodable('it is neither WAV nor FLAC');
}

class BoundedSink implements AudioSink {
  #leftFrames = 0;

  constructor(private readonly sink: AudioSink) {}

  start(format: AudioFormat): void {
    this.#leftFrames = MAX_AUDIO_SECONDS * format.sampleRateHz;
    this.sink.start(format);
  }

  block(channels: readonly Float32Array[]): void {
    this.#leftFrames -= channels[0]?.length ?? 0;
    if (this.#leftFrames < 0) throw tooLong();
    this.sink.block(channels);
  }
}

class KeptAudio implements AudioSink {
  #format: AudioFormat = { sampleRateHz: 0, channelCount: 0 };
  #samples = 0;
  readonly #blocks: (readonly Float32Array[])[] = [];

  start(format: AudioFormat): void {
    this.#format = format;
  }

  block(channels: readonly Float32Array[]): void {
    this.#samples += (channels[0]?.length ?? 0) * channels.length;
    if (this.#samples > MAX_KEPT_SAMPLES) throw undecodable('it has too many samples');
    this.#blocks.push(channels);
  }

  pcm(): Pcm {
    const { sampleRateHz, channelCount } = this.#format;
    const channels = Array.from({ length: channelCount }, (_, channel) =>
      concat(this.#blocks.map((block) => block[channel] ?? new Float32Array(0))),
    );
    return { sampleRateHz, channels };
  }
}

class LimitedAudio extends KeptAudio {
  #left = { frames: 0, samples: 0 };

  constructor(private readonly limits: AudioLimits) {
    super();
  }

  get isBeyond(): boolean {
    return this.#left.frames < 0 || this.#left.samples < 0;
  }

  override start(format: AudioFormat): void {
    const { maxSeconds, maxSamples } = this.limits;
    this.#left = { frames: maxSeconds * format.sampleRateHz, samples: maxSamples };
    super.start(format);
  }

  override block(channels: readonly Float32Array[]): void {
    const frames = channels[0]?.length ?? 0;
    this.#left.frames -= frames;
    this.#left.samples -= frames * channels.length;
    if (this.isBeyond) throw undecodable('it is longer than wanted');
    super.block(channels);
  }
}

class SpeechAudio implements AudioSink {
  #resampler = new Resampler(SPEECH_RATE_HZ, SPEECH_RATE_HZ);
  readonly #blocks: Float32Array[] = [];

  start({ sampleRateHz }: AudioFormat): void {
    this.#resampler = new Resampler(sampleRateHz, SPEECH_RATE_HZ);
  }

  block(channels: readonly Float32Array[]): void {
    this.#blocks.push(this.#resampler.push(mixDown(channels)));
  }

  pcm(): Pcm {
    const samples = concat([...this.#blocks, this.#resampler.flush()]);
    return { sampleRateHz: SPEECH_RATE_HZ, channels: [samples] };
  }
}
