import { FLACDecoder } from '@wasm-audio-decoders/flac';
import type { Decoding } from './decoder.js';
import { checkFormat, MAX_AUDIO_SECONDS, tooLong, undecodable, type AudioFormat } from './pcm.js';

const STREAM_INFO_BYTES = 34;
const FRAMES_START = 4 + 4 + STREAM_INFO_BYTES;
/** Decoded at a time: a frame of 65,535 equal samples takes 16 bytes, so 2 KiB may unfold to 34 MB. */
const SLICE_BYTES = 2_048;

interface FlacHeader extends AudioFormat {
  /** Samples per channel; 0 when the encoder did not know. */
  readonly frames: number;
  /** Where the audio begins, behind all metadata. */
  readonly start: number;
}

/** Decodes FLAC. */
export function decodeFlac(bytes: Buffer): Decoding {
  const header = readHeader(bytes);
  return { format: header, blocks: blocks(withoutMetadata(bytes, header), header) };
}

async function* blocks(
  bytes: Buffer,
  { frames, channelCount }: FlacHeader,
): AsyncGenerator<readonly Float32Array[]> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  let decoded = 0;
  for (let offset = 0; ; offset += SLICE_BYTES) {
    const isOver = offset >= bytes.length;
    const slice = Uint8Array.from(bytes.subarray(offset, offset + SLICE_BYTES));
    const { channelData, samplesDecoded, errors } = await (isOver ? decoder.flush() : decoder.decode(slice));
    const [error] = errors;
    if (error !== undefined) throw undecodable(`its FLAC data is damaged (${error.message})`);
    if (samplesDecoded > 0 && channelData.length !== channelCount)
      throw undecodable('its FLAC header contradicts its data');
    decoded += samplesDecoded;
    if (samplesDecoded > 0) yield channelData;
    if (isOver) break;
  }
  if (decoded === 0) throw undecodable('it is a FLAC header without sound');
  if (frames > 0 && decoded !== frames)
    throw undecodable(`it is cut short or damaged: ${frames} samples announced, ${decoded} decoded`, {
      declared_samples: String(frames),
      decoded_samples: String(decoded),
    });
}

/** STREAMINFO comes first, always: https://www.rfc-editor.org/rfc/rfc9639#section-8.2 */
function readHeader(data: Buffer): FlacHeader {
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
function withoutMetadata(bytes: Buffer, { start }: FlacHeader): Buffer {
  const head = Buffer.from(bytes.subarray(0, FRAMES_START));
  head[4] = 0x80;
  return Buffer.concat([head, bytes.subarray(start)]);
}
