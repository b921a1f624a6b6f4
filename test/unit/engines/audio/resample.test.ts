import { expect } from 'chai';
import { concat } from '../../../../src/engines/audio/pcm.js';
import { Resampler } from '../../../../src/engines/audio/resample.js';
import { largestDifference, tone } from '../fixtures.js';

function resampled(input: Float32Array, from: number, blockLength = input.length): Float32Array {
  const resampler = new Resampler(from, 16_000);
  const blocks: Float32Array[] = [];
  for (let start = 0; start < input.length; start += blockLength)
    blocks.push(resampler.push(input.subarray(start, start + blockLength)));
  return concat([...blocks, resampler.flush()]);
}

/** Root mean square without the edges. */
function loudness(samples: Float32Array): number {
  const inner = samples.subarray(800, samples.length - 800);
  return Math.sqrt(inner.reduce((sum, sample) => sum + sample * sample, 0) / inner.length);
}

describe('Resampler', () => {
  for (const rate of [8_000, 11_025, 22_050, 44_100, 44_101, 48_000, 96_000, 192_000])
    it(`keeps a tone of 1 kHz and its length from ${rate} Hz`, () => {
      const output = resampled(tone(1_000, { rate, seconds: 0.5 }), rate);
      const wanted = tone(1_000, { rate: 16_000, seconds: 0.5 });
      expect(output.length).to.be.closeTo(8_000, 1);
      expect(largestDifference(output.subarray(800, 7_200), wanted.subarray(800, 7_200))).to.be.below(0.002);
    });

  it('removes a tone that 16 kHz cannot hold, by more than 50 dB', () => {
    const input = tone(12_000, { rate: 44_100, seconds: 0.5 });
    expect(loudness(resampled(input, 44_100))).to.be.below(loudness(input) / 316);
  });

  it('gives the same whatever the blocks', () => {
    const input = tone(440, { rate: 44_100, seconds: 0.2 });
    expect(resampled(input, 44_100, 1_000)).to.deep.equal(resampled(input, 44_100));
    expect(resampled(input, 44_100, 7)).to.deep.equal(resampled(input, 44_100));
  });

  it('hands on what has the right rate already', () => {
    const input = tone(440, { rate: 16_000, seconds: 0.1 });
    expect(resampled(input, 16_000)).to.deep.equal(input);
  });

  it('gives nothing for nothing', () => {
    expect(new Resampler(8_000, 16_000).flush()).to.have.length(0);
  });
});
