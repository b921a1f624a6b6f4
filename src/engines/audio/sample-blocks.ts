/*
 * Between the decoding process and its caller: first the sample rate and the number of channels, each as 32-bit
 * little-endian; then blocks. A block is the number of samples per channel as 32-bit little-endian, then each channel's
 * samples one after the other as 32-bit little-endian floats.
 */

import type { AudioFormat, AudioSink } from './pcm.js';

const FORMAT_BYTES = 8;
const LENGTH_BYTES = 4;

export function formatHead({ sampleRateHz, channelCount }: AudioFormat): Buffer {
  const head = Buffer.alloc(FORMAT_BYTES);
  head.writeUInt32LE(sampleRateHz, 0);
  head.writeUInt32LE(channelCount, 4);
  return head;
}

/** Writes one block. */
export function sampleBlock(channels: readonly Float32Array[]): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(channels[0]?.length ?? 0);
  return Buffer.concat([
    length,
    ...channels.map((samples) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)),
  ]);
}

/** Reads format and blocks from the pieces in which a pipe delivers them. */
export class SampleBlockReader {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #wanted = FORMAT_BYTES;
  #channelCount = 0;

  constructor(private readonly sink: AudioSink) {}

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    while (this.#bytes >= this.#wanted) this.#take();
  }

  #take(): void {
    const whole = Buffer.concat(this.#pieces);
    if (this.#channelCount === 0) {
      const format = { sampleRateHz: whole.readUInt32LE(0), channelCount: whole.readUInt32LE(4) };
      this.#channelCount = format.channelCount;
      this.sink.start(format);
      this.#keep(whole.subarray(FORMAT_BYTES));
      return;
    }
    const blockBytes = LENGTH_BYTES + whole.readUInt32LE(0) * this.#channelCount * 4;
    this.#wanted = blockBytes;
    this.#pieces = [whole];
    if (whole.length < blockBytes) return;
    this.sink.block(this.#split(whole.subarray(LENGTH_BYTES, blockBytes)));
    this.#keep(whole.subarray(blockBytes));
  }

  #keep(rest: Buffer): void {
    this.#pieces = [rest];
    this.#bytes = rest.length;
    this.#wanted = LENGTH_BYTES;
  }

  #split(samples: Buffer): Float32Array[] {
    // A copy, since floats must begin at a multiple of four.
    const all = new Float32Array(Uint8Array.from(samples).buffer);
    const length = all.length / this.#channelCount;
    return Array.from({ length: this.#channelCount }, (_, channel) =>
      all.subarray(channel * length, (channel + 1) * length),
    );
  }
}
