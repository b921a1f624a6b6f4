import { expect } from 'chai';
import { decodeWav } from '../../../src/engines/audio/wav.js';
import { importPage } from '../../support/page-module.js';

interface WavModule {
  encodeWav(samples: Float32Array, rate: number): ArrayBuffer;
  mixDown(channels: readonly Float32Array[]): Float32Array;
}

describe('encodeWav()', () => {
  let page: WavModule;

  before(async () => {
    page = await importPage<WavModule>('wav');
  });

  it('writes what the engines read', async () => {
    const samples = Float32Array.of(0, 0.5, -0.5, 1, -1, 2, -2);
    const read: number[] = [];
    await decodeWav(
      new Uint8Array(page.encodeWav(samples, 16_000)),
      {
        start: ({ sampleRateHz, channelCount }) =>
          expect([sampleRateHz, channelCount]).to.deep.equal([16_000, 1]),
        block: ([channel]) => read.push(...(channel ?? [])),
      },
      new AbortController().signal,
    );
    expect(read).to.have.length(samples.length);
    read.forEach((value, place) =>
      expect(value).to.be.closeTo(Math.max(-1, Math.min(1, samples[place] ?? 0)), 0.0001),
    );
  });

  it('takes the mean of several channels', () => {
    const mixed = page.mixDown([Float32Array.of(1, 0.5), Float32Array.of(0, -0.5)]);
    expect([...mixed]).to.deep.equal([0.5, 0]);
  });
});
