import { audioForm } from './audio-form.js';
import { decodeByFfmpeg } from './ffmpeg.js';
import { decodeInChild } from './decode-in-child.js';
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
import { SPEECH_RATE_HZ } from './speech.js';
import { decodeWav } from './wav.js';

export { SPEECH_RATE_HZ };

/**
 * Decodes audio as it is: WAV, FLAC, MP3, Opus and Vorbis in Ogg, and where ffmpeg is installed what that knows.
 *
 * @throws Refusal AUDIO_UNDECODABLE, or the signal's reason
 */
export async function decodeAudio(bytes: Uint8Array, signal: AbortSignal): Promise<Pcm> {
  const kept = new KeptAudio();
  await decodeInto({ bytes, sink: kept, speech: false, signal });
  return kept.pcm();
}

export interface AudioLimits {
  readonly maxSeconds: number;
  /** Over all channels. */
  readonly maxSamples: number;
}

/**
 * Decodes audio as it is, and no more of it than wanted: a few bytes of FLAC may unfold to hours. Only what every
 * machine decodes: judges with and without ffmpeg must not differ.
 *
 * @returns nothing when it goes beyond a limit
 * @throws as decodeAudio does
 */
export async function decodeWithin(
  bytes: Uint8Array,
  limits: AudioLimits,
  signal: AbortSignal,
): Promise<Pcm | undefined> {
  const form = audioForm(bytes);
  if (form === 'mp4' || form === 'webm' || (form === 'other' && bytes.byteLength > 0))
    throw undecodable('it is neither WAV, FLAC, MP3, Opus nor Vorbis');
  const kept = new LimitedAudio(limits);
  try {
    await decodeInto({ bytes, sink: kept, speech: false, signal });
  } catch (error) {
    if (kept.isBeyond) return undefined;
    throw error;
  }
  return kept.pcm();
}

/**
 * Decodes audio to one channel of 16 kHz, block by block, so that neither the rate nor the channels nor the length of
 * the input cost memory here.
 *
 * @throws Refusal AUDIO_UNDECODABLE, or the signal's reason
 */
export async function decodeSpeechInto(
  bytes: Uint8Array,
  onSamples: (samples: Float32Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const sink = new SpeechAudio(onSamples);
  await decodeInto({ bytes, sink, speech: true, signal });
  sink.end();
}

/** The same as a whole. */
export async function decodeSpeech(bytes: Uint8Array, signal: AbortSignal): Promise<Pcm> {
  const blocks: Float32Array[] = [];
  await decodeSpeechInto(bytes, (samples) => blocks.push(samples), signal);
  return { sampleRateHz: SPEECH_RATE_HZ, channels: [concat(blocks)] };
}

interface Wanted {
  readonly bytes: Uint8Array;
  readonly sink: AudioSink;
  /** Whether one channel of 16 kHz is enough, which then need not be brought from one process to another whole. */
  readonly speech: boolean;
  readonly signal: AbortSignal;
}

async function decodeInto({ bytes, sink, speech, signal }: Wanted): Promise<void> {
  signal.throwIfAborted();
  if (bytes.byteLength === 0) throw undecodable('it is empty');
  const bounded = new BoundedSink(sink);
  const form = audioForm(bytes);
  switch (form) {
    case 'wav':
      return decodeWav(bytes, bounded, signal);
    case 'flac':
    case 'mp3':
    case 'opus':
    case 'vorbis':
      return decodeInChild({ form, bytes, sink: bounded, speech, signal });
    case 'mp4':
    case 'webm':
    case 'other':
      return decodeByFfmpeg({ form, bytes, sink: bounded, speech, signal });
  }
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

  constructor(private readonly onSamples: (samples: Float32Array) => void) {}

  start({ sampleRateHz }: AudioFormat): void {
    this.#resampler = new Resampler(sampleRateHz, SPEECH_RATE_HZ);
  }

  block(channels: readonly Float32Array[]): void {
    this.onSamples(this.#resampler.push(mixDown(channels)));
  }

  end(): void {
    this.onSamples(this.#resampler.flush());
  }
}
