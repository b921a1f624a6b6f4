/*
 * Between the FLAC process and its caller: a block is the number of samples per channel as 32-bit
 * little-endian, then each channel's samples one after the other as 32-bit little-endian floats.
 */

/** Writes one block. */
export function flacBlock(channels: readonly Float32Array[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(channels[0]?.length ?? 0);
  return Buffer.concat([
    length,
    ...channels.map((samples) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)),
  ]);
}

/** Reads blocks from the pieces in which a pipe delivers them. */
export class FlacBlockReader {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #wanted = 4;

  constructor(
    private readonly channelCount: number,
    private readonly onBlock: (channels: readonly Float32Array[]) => void,
  ) {}

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    while (this.#bytes >= this.#wanted) this.#take();
  }

  #take(): void {
    const whole = Buffer.concat(this.#pieces);
    const blockBytes = 4 + whole.readUInt32LE(0) * this.channelCount * 4;
    this.#wanted = blockBytes;
    this.#pieces = [whole];
    if (whole.length < blockBytes) return;
    this.onBlock(this.#split(whole.subarray(4, blockBytes)));
    this.#pieces = [whole.subarray(blockBytes)];
    this.#bytes = whole.length - blockBytes;
    this.#wanted = 4;
  }

  #split(samples: Buffer): Float32Array[] {
    // A copy, since floats must begin at a multiple of four.
    const all = new Float32Array(Uint8Array.from(samples).buffer);
    const length = all.length / this.channelCount;
    return Array.from({ length: this.channelCount }, (_, channel) =>
      all.subarray(channel * length, (channel + 1) * length),
    );
  }
}
