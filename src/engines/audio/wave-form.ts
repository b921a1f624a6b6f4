/** Longest header or trailer that is kept. */
const MAX_KEPT = 8_192;
/** Writers that do not know the length yet put 0 or one of the largest numbers they can. */
const UNKNOWN_LENGTH = 0x7f00_0000;
/** Lengths that recorders and voice detectors cut at, as parts of a second, and blocks of samples. */
const STEPS_PER_SECOND = [1, 2, 4, 10, 20, 50, 100] as const;
const BLOCKS = [8192, 4096, 2048, 1024, 512, 256, 128] as const;

/**
 * How a WAV file is laid out, without its sound: what comes before and after the samples, byte for byte, but for the
 * sizes that follow from their number.
 */
export interface WaveForm {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** Whether the header says the true size of the file, and of the sound; else what it says is kept as it is. */
  readonly toldRiffSize: boolean;
  readonly toldDataSize: boolean;
  /** Where a `fact` chunk has the number of samples; absent without one. */
  readonly factAt?: number;
  readonly sampleRateHz: number;
  readonly channelCount: number;
  readonly sampleBytes: number;
  readonly isFloat: boolean;
}

/** A form and the length of one file that had it. */
export interface WaveShape {
  readonly form: WaveForm;
  /** Samples a channel. */
  readonly frames: number;
  /** The length is a multiple of this, for it was cut so; 1 when it was not. */
  readonly step: number;
}

interface Chunk {
  readonly name: string;
  /** Of its bytes, after name and size. */
  readonly start: number;
  readonly size: number;
}

/**
 * The shape of a WAV file that can be imitated: PCM of 8, 16, 24 or 32 bits or 32-bit float, and nothing around the
 * sound but its format, padding and the name of the program that wrote it. Undefined for all others, since what else
 * is there may be of the sender.
 */
export function waveShapeOf(file: Uint8Array): WaveShape | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < 44 || ascii(bytes, 0) !== 'RIFF' || ascii(bytes, 8) !== 'WAVE') return undefined;
  const before = chunks(bytes, 12);
  const data = before.find(({ name }) => name === 'data');
  const format = before.find(({ name }) => name === 'fmt ');
  if (data === undefined || format === undefined || format.size < 16 || format.start > data.start)
    return undefined;
  const present = bytes.length - data.start;
  const unknown = data.size === 0 || data.size >= UNKNOWN_LENGTH;
  if (!unknown && data.size > present) return undefined;
  const end = data.start + (unknown ? present : data.size);
  const others = before.filter(({ name }) => name !== 'data' && name !== 'fmt ');
  if (data.start > MAX_KEPT || bytes.length - end > MAX_KEPT) return undefined;
  if (!others.every((chunk) => isHarmless(bytes, chunk))) return undefined;
  const sample = sampleOf(bytes, format);
  if (sample === undefined) return undefined;
  const frames = Math.floor((end - data.start) / (sample.sampleBytes * sample.channelCount));
  const fact = others.find(({ name }) => name === 'fact');
  const riffSize = bytes.readUInt32LE(4);
  const toldRiffSize = riffSize === bytes.length - 8;
  if (!toldRiffSize && riffSize !== 0 && riffSize < UNKNOWN_LENGTH) return undefined;
  const form = {
    head: Uint8Array.from(bytes.subarray(0, data.start)),
    tail: Uint8Array.from(bytes.subarray(end)),
    toldRiffSize,
    toldDataSize: !unknown,
    ...(fact === undefined ? {} : { factAt: fact.start }),
    ...sample,
  };
  return frames < 1 ? undefined : { form, frames, step: stepOf(frames, sample.sampleRateHz) };
}

/** Bytes of a file of a form. */
export function waveBytes({ head, tail, sampleBytes, channelCount }: WaveForm, frames: number): number {
  return head.length + frames * sampleBytes * channelCount + tail.length;
}

/** A file of a form. Samples in [-1, 1], all channels of one length. */
export function writeWave(form: WaveForm, channels: readonly Float32Array[]): Uint8Array {
  const frames = channels[0]?.length ?? 0;
  const { head, tail, sampleBytes, isFloat } = form;
  const file = Buffer.alloc(waveBytes(form, frames));
  file.set(head, 0);
  if (form.toldRiffSize) file.writeUInt32LE(file.length - 8, 4);
  if (form.toldDataSize) file.writeUInt32LE(file.length - head.length - tail.length, head.length - 4);
  if (form.factAt !== undefined) file.writeUInt32LE(frames, form.factAt);
  let at = head.length;
  for (let frame = 0; frame < frames; frame++)
    for (const samples of channels) {
      writeSample(file, at, { sample: samples[frame] ?? 0, sampleBytes, isFloat });
      at += sampleBytes;
    }
  file.set(tail, at);
  return file;
}

function writeSample(
  file: Buffer,
  at: number,
  {
    sample,
    sampleBytes,
    isFloat,
  }: { readonly sample: number; readonly sampleBytes: number; readonly isFloat: boolean },
): void {
  if (isFloat) {
    file.writeFloatLE(sample, at);
    return;
  }
  const full = 2 ** (8 * sampleBytes - 1);
  const value = Math.max(-full, Math.min(full - 1, Math.round(sample * full)));
  // Eight bits are unsigned.
  if (sampleBytes === 1) file.writeUInt8(value + full, at);
  else file.writeIntLE(value, at, sampleBytes);
}

/** The chunks from an offset on. */
function chunks(bytes: Buffer, from: number): readonly Chunk[] {
  const found: Chunk[] = [];
  for (let offset = from; offset + 8 <= bytes.length && found.length < 32;) {
    const size = bytes.readUInt32LE(offset + 4);
    const chunk = { name: ascii(bytes, offset), start: offset + 8, size };
    found.push(chunk);
    // Where the sound's size is not known it goes on to the end.
    if (chunk.name === 'data' && (size === 0 || size >= UNKNOWN_LENGTH)) break;
    offset = chunk.start + size + (size % 2);
  }
  return found;
}

/** No word of the sender: padding, a count of samples, or the name of the writing program. */
function isHarmless(bytes: Buffer, { name, start, size }: Chunk): boolean {
  if (start + size > bytes.length) return false;
  const content = bytes.subarray(start, start + size);
  switch (name) {
    case 'fact':
      return size === 4;
    case 'JUNK':
    case 'FLLR':
    case 'PAD ':
      return content.every((byte) => byte === 0);
    case 'LIST': {
      if (content.length < 12 || content.toString('latin1', 0, 8) !== 'INFOISFT') return false;
      const length = content.readUInt32LE(8);
      const rest = content.subarray(12 + length);
      return (
        /^Lav[fc]\d+\.\d+\.\d+\0*$/.test(content.toString('latin1', 12, 12 + length)) &&
        rest.every((byte) => byte === 0)
      );
    }
    default:
      return false;
  }
}

function sampleOf(
  bytes: Buffer,
  { start, size }: Chunk,
): Pick<WaveForm, 'sampleRateHz' | 'channelCount' | 'sampleBytes' | 'isFloat'> | undefined {
  if (start + size > bytes.length) return undefined;
  const code = bytes.readUInt16LE(start);
  const encoding = code === 0xfffe && size >= 40 ? bytes.readUInt16LE(start + 24) : code;
  const channelCount = bytes.readUInt16LE(start + 2);
  const sampleRateHz = bytes.readUInt32LE(start + 4);
  const bits = bytes.readUInt16LE(start + 14);
  const sampleBytes = bits / 8;
  const isFloat = encoding === 3;
  if (!(encoding === 1 ? [8, 16, 24, 32] : isFloat ? [32] : []).includes(bits)) return undefined;
  if (channelCount < 1 || channelCount > 2 || sampleRateHz < 8_000 || sampleRateHz > 96_000) return undefined;
  if (bytes.readUInt16LE(start + 12) !== sampleBytes * channelCount) return undefined;
  return { sampleRateHz, channelCount, sampleBytes, isFloat };
}

/** The longest of the usual cuts that the length is a multiple of. */
function stepOf(frames: number, sampleRateHz: number): number {
  const times = STEPS_PER_SECOND.map((parts) => sampleRateHz / parts);
  const steps = [...times.filter(Number.isInteger), ...BLOCKS].sort((a, b) => b - a);
  return steps.find((step) => frames % step === 0) ?? 1;
}

function ascii(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + 4);
}
