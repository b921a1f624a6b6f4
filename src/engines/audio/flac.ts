import { Refusal } from '../../domain/errors.js';
import { runScript } from '../run-script.js';
import {
  checkFormat,
  MAX_AUDIO_SECONDS,
  tooLong,
  undecodable,
  type AudioFormat,
  type AudioSink,
} from './pcm.js';
import { FlacBlockReader } from './flac-blocks.js';

const STREAM_INFO_BYTES = 34;
const FRAMES_START = 4 + 4 + STREAM_INFO_BYTES;

interface FlacHeader extends AudioFormat {
  /** Samples per channel; 0 when the encoder did not know. */
  readonly frames: number;
  /** Where the audio begins, behind all metadata. */
  readonly start: number;
}

export function isFlac(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'fLaC';
}

/**
 * Decodes FLAC in a process of its own: the decoder writes each defect to the console, and a small
 * file may unfold to gigabytes; that process is killed when the limits are passed.
 *
 * @throws Refusal AUDIO_UNDECODABLE, or the signal's reason
 */
export async function decodeFlac(bytes: Uint8Array, sink: AudioSink, signal: AbortSignal): Promise<void> {
  const header = readHeader(bytes);
  let decoded = 0;
  sink.start(header);
  const reader = new FlacBlockReader(header.channelCount, (channels) => {
    decoded += channels[0]?.length ?? 0;
    sink.block(channels);
  });
  try {
    await runScript({
      script: new URL('./flac-child.js', import.meta.url),
      args: [],
      stdin: withoutMetadata(bytes, header),
      onStdout: (chunk) => reader.push(chunk),
      signal,
    });
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'ENGINE_FAILED')
      throw undecodable(`its FLAC data is damaged (${error.metadata['stderr'] ?? ''})`);
    throw error;
  }
  if (decoded === 0) throw undecodable('it is a FLAC header without sound');
  if (header.frames > 0 && decoded !== header.frames)
    throw undecodable(`it is cut short or damaged: ${header.frames} samples announced, ${decoded} decoded`, {
      declared_samples: String(header.frames),
      decoded_samples: String(decoded),
    });
}

/** STREAMINFO comes first, always: https://www.rfc-editor.org/rfc/rfc9639#section-8.2 */
function readHeader(bytes: Uint8Array): FlacHeader {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    data.length < FRAMES_START ||
    (data.readUInt8(4) & 0x7f) !== 0 ||
    data.readUIntBE(5, 3) !== STREAM_INFO_BYTES
  )
    throw undecodable('its FLAC header is cut short or damaged');
  const sampleRateHz = data.readUIntBE(18, 3) >> 4;
  const channelCount = ((data.readUInt8(20) >> 1) & 0x7) + 1;
  checkFormat({ sampleRateHz, channelCount });
  const frames = (data.readUInt8(21) & 0xf) * 2 ** 32 + data.readUInt32BE(22);
  if (frames > MAX_AUDIO_SECONDS * sampleRateHz) throw tooLong();
  return { sampleRateHz, channelCount, frames, start: audioStart(data) };
}

function audioStart(data: Buffer): number {
  let offset = 4;
  for (let last = false; !last;) {
    if (offset + 4 > data.length) throw undecodable('it is a FLAC header without sound');
    last = (data.readUInt8(offset) & 0x80) !== 0;
    offset += 4 + data.readUIntBE(offset + 1, 3);
  }
  if (offset >= data.length) throw undecodable('it is a FLAC header without sound');
  return offset;
}

/** Pictures and tags of up to 16 MiB each would be searched for audio; only STREAMINFO is needed. */
function withoutMetadata(bytes: Uint8Array, { start }: FlacHeader): Uint8Array {
  const head = Buffer.from(bytes.subarray(0, FRAMES_START));
  head[4] = 0x80;
  return Buffer.concat([head, bytes.subarray(start)]);
}
