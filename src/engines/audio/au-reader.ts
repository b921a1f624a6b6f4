import { checkFormat, type AudioSink } from './pcm.js';

/** Magic, where the sound begins, its length, encoding, rate, channels; each 32-bit big-endian. */
const HEAD_BYTES = 24;
const SAMPLE_BYTES = 2;

/** Reads Sun audio of 16-bit samples from the pieces in which a pipe delivers it. */
export class AuReader {
  #rest: Buffer = Buffer.alloc(0);
  #channelCount = 0;

  constructor(private readonly sink: AudioSink) {}

  /** @throws Refusal AUDIO_UNDECODABLE for a format out of bounds, and what the sink throws */
  push(piece: Buffer): void {
    const data = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const start = this.#channelCount === 0 ? this.#begin(data) : 0;
    if (start === undefined) {
      this.#rest = data;
      return;
    }
    const frameBytes = SAMPLE_BYTES * this.#channelCount;
    const frames = Math.floor((data.length - start) / frameBytes);
    if (frames > 0) this.sink.block(this.#samples(data, start, frames));
    this.#rest = data.subarray(start + frames * frameBytes);
  }

  /** Where the sound begins; nothing while its head is not whole. */
  #begin(data: Buffer): number | undefined {
    if (data.length < HEAD_BYTES || data.length < data.readUInt32BE(4)) return undefined;
    const format = { sampleRateHz: data.readUInt32BE(16), channelCount: data.readUInt32BE(20) };
    checkFormat(format);
    this.#channelCount = format.channelCount;
    this.sink.start(format);
    return data.readUInt32BE(4);
  }

  #samples(data: Buffer, start: number, frames: number): Float32Array[] {
    return Array.from({ length: this.#channelCount }, (_, channel) => {
      const samples = new Float32Array(frames);
      let at = start + channel * SAMPLE_BYTES;
      for (let i = 0; i < frames; i++, at += SAMPLE_BYTES * this.#channelCount)
        samples[i] = data.readInt16BE(at) / 0x8000;
      return samples;
    });
  }
}
