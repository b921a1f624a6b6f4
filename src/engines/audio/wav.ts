import { setImmediate } from 'node:timers/promises';
import {
  checkFormat,
  MAX_AUDIO_SECONDS,
  tooLong,
  undecodable,
  type AudioFormat,
  type AudioSink,
  type Pcm,
} from './pcm.js';

/** Samples per channel handed on at a time; other work of the process runs in between. */
const BLOCK_FRAMES = 16_384;
/** Writers that do not know the length yet put the largest number they can, some a bit less. */
const UNKNOWN_LENGTH = 0x7f00_0000;
const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

interface Layout extends AudioFormat {
  readonly sampleBytes: number;
  readonly isFloat: boolean;
  readonly start: number;
  readonly end: number;
}

type ReadSample = (view: DataView, offset: number) => number;

/**
 * Decodes WAV: PCM of 8, 16, 24 or 32 bits and float of 32 or 64 bits. Own parser because the bytes
 * come from strangers: nothing is believed that the file's length contradicts.
 *
 * @throws Refusal AUDIO_UNDECODABLE, or the signal's reason
 */
export async function decodeWav(bytes: Uint8Array, sink: AudioSink, signal: AbortSignal): Promise<void> {
  const layout = readLayout(bytes);
  const read = sampleReader(layout);
  const frameBytes = layout.sampleBytes * layout.channelCount;
  const view = viewOf(bytes);
  const frames = Math.floor((layout.end - layout.start) / frameBytes);
  if (frames > MAX_AUDIO_SECONDS * layout.sampleRateHz) throw tooLong();
  sink.start(layout);
  for (let done = 0; done < frames; done += BLOCK_FRAMES) {
    signal.throwIfAborted();
    const count = Math.min(BLOCK_FRAMES, frames - done);
    const channels = Array.from({ length: layout.channelCount }, (_, channel) => {
      const samples = new Float32Array(count);
      let offset = layout.start + done * frameBytes + channel * layout.sampleBytes;
      for (let i = 0; i < count; i++, offset += frameBytes) samples[i] = read(view, offset);
      return samples;
    });
    sink.block(channels);
    await setImmediate();
  }
}

/** Encodes 16-bit WAV; what is above full scale is clipped. */
export function encodeWav({ sampleRateHz, channels }: Pcm): Uint8Array {
  const frames = channels[0]?.length ?? 0;
  const frameBytes = 2 * channels.length;
  const bytes = Buffer.alloc(44 + frames * frameBytes);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(PCM, 20);
  bytes.writeUInt16LE(channels.length, 22);
  bytes.writeUInt32LE(sampleRateHz, 24);
  bytes.writeUInt32LE(sampleRateHz * frameBytes, 28);
  bytes.writeUInt16LE(frameBytes, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(frames * frameBytes, 40);
  channels.forEach((samples, channel) => {
    writeSamples(bytes, samples, { start: 44 + 2 * channel, step: frameBytes });
  });
  return bytes;
}

/** Encodes bare 16-bit little-endian samples. */
export function encodeRaw(samples: Float32Array): Uint8Array {
  const bytes = Buffer.alloc(samples.length * 2);
  writeSamples(bytes, samples, { start: 0, step: 2 });
  return bytes;
}

function writeSamples(
  bytes: Buffer,
  samples: Float32Array,
  { start, step }: { readonly start: number; readonly step: number },
): void {
  // A view writes more than twice as fast as a buffer, which checks each number.
  const view = viewOf(bytes);
  for (let i = 0, at = start; i < samples.length; i++, at += step) {
    const sample = Math.round((samples[i] ?? 0) * 0x8000);
    view.setInt16(at, Math.max(-0x8000, Math.min(0x7fff, sample)), true);
  }
}

function readLayout(bytes: Uint8Array): Layout {
  const view = viewOf(bytes);
  let format: Omit<Layout, 'start' | 'end'> | undefined;
  for (let offset = 12; offset + 8 <= bytes.byteLength;) {
    const name = tag(bytes, offset);
    const size = view.getUint32(offset + 4, true);
    const start = offset + 8;
    if (name === 'fmt ') format = readFormat(bytes, start, size);
    if (name === 'data') {
      if (format === undefined)
        throw undecodable('its WAV header says nothing of the sound before the sound');
      return { ...format, ...soundRange(bytes.byteLength, start, size, format) };
    }
    // Chunks begin at even offsets.
    offset = start + size + (size % 2);
  }
  throw undecodable('it is a WAV header without sound');
}

function readFormat(bytes: Uint8Array, start: number, size: number): Omit<Layout, 'start' | 'end'> {
  if (size < 16 || start + size > bytes.byteLength) throw undecodable('its WAV header is cut short');
  const view = viewOf(bytes);
  const code = view.getUint16(start, true);
  // The extensible form keeps the real code in the first two bytes of a GUID.
  const encoding = code === EXTENSIBLE && size >= 40 ? view.getUint16(start + 24, true) : code;
  const channelCount = view.getUint16(start + 2, true);
  const sampleRateHz = view.getUint32(start + 4, true);
  const frameBytes = view.getUint16(start + 12, true);
  const bits = view.getUint16(start + 14, true);
  checkFormat({ sampleRateHz, channelCount });
  const sampleBytes = Math.ceil(bits / 8);
  const sizes = encoding === PCM ? [1, 2, 3, 4] : encoding === FLOAT ? [4, 8] : [];
  if (!sizes.includes(sampleBytes))
    throw undecodable(`WAV encoding ${encoding} with ${bits} bits is not supported`, {
      encoding: String(encoding),
      bits: String(bits),
    });
  if (frameBytes !== sampleBytes * channelCount) throw undecodable('its WAV header contradicts itself');
  return { sampleRateHz, channelCount, sampleBytes, isFloat: encoding === FLOAT };
}

function soundRange(
  fileBytes: number,
  start: number,
  size: number,
  { sampleBytes, channelCount }: { readonly sampleBytes: number; readonly channelCount: number },
): { start: number; end: number } {
  const present = fileBytes - start;
  const declared = size === 0 || size >= UNKNOWN_LENGTH ? present : size;
  if (declared > present)
    throw undecodable(
      `it is cut short: its header announces ${declared} bytes of sound, ${present} are there`,
      {
        declared_bytes: String(declared),
        present_bytes: String(present),
      },
    );
  if (declared < sampleBytes * channelCount) throw undecodable('it is a WAV header without sound');
  return { start, end: start + declared };
}

function sampleReader({ isFloat, sampleBytes }: Layout): ReadSample {
  if (isFloat)
    return sampleBytes === 4
      ? (view, offset) => finite(view.getFloat32(offset, true))
      : (view, offset) => finite(view.getFloat64(offset, true));
  switch (sampleBytes) {
    case 1:
      return (view, offset) => (view.getUint8(offset) - 0x80) / 0x80;
    case 2:
      return (view, offset) => view.getInt16(offset, true) / 0x8000;
    case 3:
      return (view, offset) => (view.getUint8(offset) | (view.getInt16(offset + 1, true) << 8)) / 0x80_0000;
    default:
      return (view, offset) => view.getInt32(offset, true) / 0x8000_0000;
  }
}

function finite(sample: number): number {
  return Number.isFinite(sample) ? Math.max(-1, Math.min(1, sample)) : 0;
}

function tag(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
