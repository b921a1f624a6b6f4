import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { decodeAudio } from '../../../../src/engines/audio/decode.js';
import { signalFacts } from '../../../../src/engines/audio/signal.js';
import { CLIP, CLIP_SECONDS, lacking, needing, never, tone } from '../fixtures.js';

const mono = (samples: Float32Array) => signalFacts({ sampleRateHz: 16_000, channels: [samples] });

describe('signalFacts()', () => {
  it('finds nothing active in silence', () => {
    const facts = mono(new Float32Array(16_000));
    expect(facts).to.deep.equal({
      durationSeconds: 1,
      activeShare: 0,
      peak: 0,
      clippedShare: 0,
      dynamicRangeDb: 0,
    });
  });

  it('finds half of it active when half of it sounds', () => {
    const samples = new Float32Array(16_000);
    samples.set(tone(440, { rate: 16_000, seconds: 0.5 }));
    expect(mono(samples).activeShare).to.equal(0.5);
    expect(mono(samples).peak).to.be.closeTo(0.5, 0.001);
  });

  it('finds a steady tone active, without clipping and without range', () => {
    const facts = mono(tone(440, { rate: 16_000, seconds: 1 }));
    expect(facts.activeShare).to.equal(1);
    expect(facts.clippedShare).to.equal(0);
    expect(facts.dynamicRangeDb).to.be.below(3);
  });

  it('counts clipped samples', () => {
    expect(mono(Float32Array.of(1, -1, 0, 0.5)).clippedShare).to.equal(0.5);
  });

  it('survives audio without a sample', () => {
    expect(mono(new Float32Array(0))).to.include({ durationSeconds: 0, activeShare: 0, dynamicRangeDb: 0 });
  });

  describe('of a voice', () => {
    needing(lacking(CLIP));

    it('finds it active and with range', async () => {
      const facts = signalFacts(await decodeAudio(readFileSync(CLIP), never()));
      expect(facts.durationSeconds).to.equal(CLIP_SECONDS);
      expect(facts.activeShare).to.be.above(0.8);
      expect(facts.dynamicRangeDb).to.be.above(20);
      expect(facts.clippedShare).to.equal(0);
    });
  });
});
