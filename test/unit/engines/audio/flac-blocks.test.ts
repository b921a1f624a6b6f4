import { expect } from 'chai';
import { flacBlock, FlacBlockReader } from '../../../../src/engines/audio/flac-blocks.js';

describe('FlacBlockReader', () => {
  it('gives back what was written, however the pipe cuts it', () => {
    const blocks = [
      [Float32Array.of(0.5, -0.5, 0.25), Float32Array.of(1, 2, 3)],
      [Float32Array.of(-1), Float32Array.of(0.125)],
    ];
    const bytes = Buffer.concat(blocks.map(flacBlock));
    for (const pieceLength of [1, 3, 5, bytes.length]) {
      const read: (readonly Float32Array[])[] = [];
      const reader = new FlacBlockReader(2, (channels) => read.push(channels));
      for (let at = 0; at < bytes.length; at += pieceLength)
        reader.push(bytes.subarray(at, at + pieceLength));
      expect(read).to.deep.equal(blocks);
    }
  });
});
