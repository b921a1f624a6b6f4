import { expect } from 'chai';
import type { AudioFormat } from '../../../../src/engines/audio/pcm.js';
import { formatHead, sampleBlock, SampleBlockReader } from '../../../../src/engines/audio/sample-blocks.js';

describe('SampleBlockReader', () => {
  it('gives back what was written, however the pipe cuts it', () => {
    const blocks = [
      [Float32Array.of(0.5, -0.5, 0.25), Float32Array.of(1, 2, 3)],
      [Float32Array.of(-1), Float32Array.of(0.125)],
    ];
    const format = { sampleRateHz: 48_000, channelCount: 2 };
    const bytes = Buffer.concat([formatHead(format), ...blocks.map(sampleBlock)]);
    for (const pieceLength of [1, 3, 5, bytes.length]) {
      const read: (readonly Float32Array[])[] = [];
      const formats: AudioFormat[] = [];
      const reader = new SampleBlockReader({
        start: (told) => formats.push(told),
        block: (channels) => read.push(channels),
      });
      for (let at = 0; at < bytes.length; at += pieceLength)
        reader.push(bytes.subarray(at, at + pieceLength));
      expect(formats).to.deep.equal([format]);
      expect(read).to.deep.equal(blocks);
    }
  });
});
