import { Refusal } from '../../domain/errors.js';
import type { Clock } from '../../runtime/clock.js';
import { timedSignal } from '../../runtime/wait.js';
import { Slots } from '../critic/slots.js';
import { findExecutable } from '../find-executable.js';
import { runProcess } from '../run-process.js';
import { decodeAudio } from './decode.js';
import { mixDown, type Mono } from './pcm.js';
import { Resampler } from './resample.js';
import { encodeRaw, encodeWav } from './wav.js';

/** Rate of bare samples, which nothing else tells; the one that OpenAI's programs take them for. */
export const RAW_RATE_HZ = 24_000;
/** Encoders that run at a time; the others wait. */
const MAX_PROCESSES = 2;
/** How long one may take; twenty minutes of speech take it about ten seconds. */
const MAX_ENCODING_MS = 60_000;
/** Longest encoded speech, in bytes. */
const MAX_ENCODED_BYTES = 64 * 1024 * 1024;
/** How long ffmpeg may take to list what it can write. */
const PROBE_MS = 10_000;

/** What ffmpeg is asked for, and the encoder that it needs for it. Speech in one channel wants no more bits. */
const WITH_FFMPEG = {
  mp3: { encoder: 'libmp3lame', args: ['-b:a', '64k', '-f', 'mp3'] },
  opus: { encoder: 'libopus', args: ['-b:a', '32k', '-f', 'ogg'] },
  aac: { encoder: 'aac', args: ['-b:a', '64k', '-f', 'adts'] },
  flac: { encoder: 'flac', args: ['-f', 'flac'] },
} as const;

type EncodedFormat = keyof typeof WITH_FFMPEG;
export type AudioEncoding = EncodedFormat | 'wav' | 'pcm';

/** Rewrites audio in another format, as one channel. */
export interface AudioEncoder {
  readonly formats: readonly AudioEncoding[];
  /** @throws Refusal AUDIO_UNDECODABLE, ENGINE_FAILED; the signal's reason */
  encode(audio: Uint8Array, format: AudioEncoding, signal: AbortSignal): Promise<Uint8Array>;
}

/** An encoder with what this machine has: WAV and bare samples, and with ffmpeg the others. Never rejects. */
export async function findEncoder(clock: Clock): Promise<AudioEncoder> {
  const ffmpeg = await findExecutable('ffmpeg');
  const encoders = ffmpeg === undefined ? new Set<string>() : await encodersOf(ffmpeg);
  const names = Object.keys(WITH_FFMPEG) as EncodedFormat[];
  const encoded = names.filter((name) => encoders.has(WITH_FFMPEG[name].encoder));
  const slots = new Slots(MAX_PROCESSES);
  return {
    formats: [...encoded, 'wav', 'pcm'],
    async encode(audio, format, signal) {
      const { sampleRateHz, channels } = await decodeAudio(audio, signal);
      const speech = { sampleRateHz, samples: mixDown(channels) };
      if (format === 'wav') return encodeWav({ sampleRateHz, channels: [speech.samples] });
      if (format === 'pcm') return encodeRaw(resampled(speech));
      if (ffmpeg === undefined || !encoded.includes(format))
        throw new Refusal('UNIMPLEMENTED', `${format} cannot be written on this machine`);
      return slots.run(signal, () => withFfmpeg(ffmpeg, { speech, format, clock, signal }));
    },
  };
}

function resampled({ sampleRateHz, samples }: Mono): Float32Array {
  const resampler = new Resampler(sampleRateHz, RAW_RATE_HZ);
  const parts = [resampler.push(samples), resampler.flush()];
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

interface Encoding {
  readonly speech: Mono;
  readonly format: EncodedFormat;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Gets samples that were decoded here, never the bytes of a stranger, and touches no file. */
async function withFfmpeg(ffmpeg: string, { speech, format, clock, signal }: Encoding): Promise<Uint8Array> {
  const { encoder, args } = WITH_FFMPEG[format];
  const input = ['-f', 's16le', '-ar', `${speech.sampleRateHz}`, '-ac', '1', '-i', 'pipe:0'];
  const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-protocol_whitelist', 'pipe'];
  const chunks: Buffer[] = [];
  let length = 0;
  const timed = timedSignal(clock, MAX_ENCODING_MS, signal, tookTooLong);
  try {
    await runProcess({
      file: ffmpeg,
      args: [...quiet, ...input, '-threads', '1', '-c:a', encoder, ...args, 'pipe:1'],
      stdin: encodeRaw(speech.samples),
      onStdout: (chunk) => {
        length += chunk.length;
        if (length > MAX_ENCODED_BYTES) throw new Refusal('ENGINE_FAILED', 'the encoded speech is too long');
        chunks.push(chunk);
      },
      signal: timed.signal,
    });
  } finally {
    timed.release();
  }
  return Buffer.concat(chunks);
}

function tookTooLong(): Refusal {
  return new Refusal('ENGINE_FAILED', `encoding took longer than ${MAX_ENCODING_MS / 1000} s`);
}

/** Names of audio encoders, from lines such as ` A....D libmp3lame           libmp3lame MP3 …`; none when it fails. */
async function encodersOf(ffmpeg: string): Promise<ReadonlySet<string>> {
  let output = '';
  try {
    await runProcess({
      file: ffmpeg,
      args: ['-hide_banner', '-loglevel', 'error', '-encoders'],
      onStdout: (chunk) => (output += chunk.toString('utf8')),
      signal: AbortSignal.timeout(PROBE_MS),
    });
  } catch {
    return new Set();
  }
  return new Set([...output.matchAll(/^ A\S{5} (\S+)/gm)].map(([, name = '']) => name));
}
