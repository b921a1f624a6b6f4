import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../../domain/errors.js';
import { findExecutable } from '../find-executable.js';
import { withPrivateFolder } from '../private-folder.js';
import { runProcess } from '../run-process.js';
import { AuReader } from './au-reader.js';
import type { AudioForm } from './audio-form.js';
import { mp4Audio } from './mp4-boxes.js';
import { undecodable, type AudioFormat, type AudioSink } from './pcm.js';
import { SPEECH_RATE_HZ } from './speech.js';
import { webmEnd } from './webm-elements.js';

/** How to get it, for those who lack it. */
export const FFMPEG_CURE = 'ffmpeg is not on PATH; apt-get install ffmpeg';

/**
 * Containers that ffmpeg may find in what nothing else here knows. None that names other files or addresses: a list to
 * play would make it read what is on this machine.
 */
const FORMATS = [
  'aac',
  'ac3',
  'aiff',
  'amr',
  'amrnb',
  'amrwb',
  'ape',
  'asf',
  'au',
  'avi',
  'caf',
  'flv',
  'mpeg',
].concat(['mpegts', 'ogg', 'tta', 'w64', 'wv']);
const DEMUXERS = { mp4: 'mov', webm: 'matroska' } as const;
const NAMES = {
  mp4: 'it is M4A or MP4',
  webm: 'it is WebM or Matroska',
  other: 'it is neither WAV, FLAC, MP3, Opus nor Vorbis',
} as const;
const LIMITS = { memoryKib: 512 * 1024, cpuSeconds: 600 };
/** What players cut off or leave out at both ends of a track. */
const MISSING_SHARE = 0.02;
const MISSING_SECONDS = 0.5;

export interface FfmpegDecoding {
  readonly form: Extract<AudioForm, 'mp4' | 'webm' | 'other'>;
  readonly bytes: Uint8Array;
  readonly sink: AudioSink;
  /** Whether the sink gets one channel of 16 kHz, and not the audio as it is. */
  readonly speech: boolean;
  readonly signal: AbortSignal;
}

/**
 * Decodes the first audio track by ffmpeg, in a process that reaches no network and reads no file but this.
 *
 * @throws Refusal AUDIO_UNDECODABLE, also where ffmpeg is not installed; what the sink throws, or the signal's reason
 */
export async function decodeByFfmpeg(decoding: FfmpegDecoding): Promise<void> {
  const { form, bytes, sink, signal } = decoding;
  const file = await findExecutable('ffmpeg');
  if (file === undefined) throw missing(form);
  const declaredSeconds = checkWhole(form, bytes);
  const counting = new CountingSink(sink);
  const reader = new AuReader(counting);
  await withPrivateFolder(async (folder) => {
    // A file and no pipe: phones write the index of an M4A behind the sound.
    await writeFile(join(folder, 'input'), bytes, { mode: 0o600 });
    const run = { file, args: ffmpegArgs(decoding), folder, limits: LIMITS, signal };
    try {
      await runProcess({ ...run, onStdout: (chunk) => reader.push(chunk) });
    } catch (error) {
      throw error instanceof Refusal && error.reason === 'ENGINE_FAILED' ? unread(form, error) : error;
    }
  });
  const { seconds } = counting;
  if (seconds === 0) throw undecodable('it has no sound that ffmpeg can decode');
  if (declaredSeconds !== undefined && seconds < declaredSeconds * (1 - MISSING_SHARE) - MISSING_SECONDS)
    throw undecodable(
      `it is cut short or damaged: ${declaredSeconds.toFixed(2)} s announced, ${seconds.toFixed(2)} s decoded`,
      { declared_seconds: declaredSeconds.toFixed(3), decoded_seconds: seconds.toFixed(3) },
    );
}

function missing(form: FfmpegDecoding['form']): Refusal {
  return undecodable(`${NAMES[form]}, which needs ffmpeg, and ${FFMPEG_CURE}`, { cure: FFMPEG_CURE });
}

/** Length of the audio as its container tells, if it does. @throws Refusal AUDIO_UNDECODABLE for one that is cut short */
function checkWhole(form: FfmpegDecoding['form'], bytes: Uint8Array): number | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = form === 'mp4' ? mp4Audio(data) : { endBytes: form === 'webm' ? webmEnd(data) : undefined };
  const { endBytes } = found;
  if (endBytes !== undefined && endBytes > data.length)
    throw undecodable(`it is cut short: it announces ${endBytes} bytes, ${data.length} are there`, {
      declared_bytes: String(endBytes),
      present_bytes: String(data.length),
    });
  return 'seconds' in found ? found.seconds : undefined;
}

function ffmpegArgs({ form, speech }: FfmpegDecoding): readonly string[] {
  const found = form === 'other' ? ['-format_whitelist', FORMATS.join(',')] : ['-f', DEMUXERS[form]];
  const quiet = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-threads', '1'];
  const input = ['-protocol_whitelist', 'file,pipe', ...found, '-i', 'file:input'];
  const track = ['-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1', '-fflags', '+bitexact'];
  const rate = speech ? ['-ac', '1', '-ar', String(SPEECH_RATE_HZ)] : [];
  return [...quiet, ...input, ...track, ...rate, '-c:a', 'pcm_s16be', '-f', 'au', 'pipe:1'];
}

function unread(form: FfmpegDecoding['form'], { metadata: { stderr = '' } }: Refusal): Refusal {
  return undecodable(`${NAMES[form]}, and ffmpeg cannot read it (${stderr === '' ? 'no message' : stderr})`);
}

class CountingSink implements AudioSink {
  #format: AudioFormat = { sampleRateHz: 1, channelCount: 1 };
  #frames = 0;

  constructor(private readonly sink: AudioSink) {}

  get seconds(): number {
    return this.#frames / this.#format.sampleRateHz;
  }

  start(format: AudioFormat): void {
    this.#format = format;
    this.sink.start(format);
  }

  block(channels: readonly Float32Array[]): void {
    this.#frames += channels[0]?.length ?? 0;
    this.sink.block(channels);
  }
}
