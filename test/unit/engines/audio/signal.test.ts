import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { POLICY } from '../../../../src/domain/score/policy.js';
import { decodeAudio } from '../../../../src/engines/audio/decode.js';
import { isSilent, signalFacts, type SignalFacts } from '../../../../src/engines/audio/signal.js';
import { NOISE_RATE_HZ, noises } from '../../../support/noises.js';
import { CLIP, CLIP_SECONDS, lacking, needing, never, tone } from '../fixtures.js';

const mono = (samples: Float32Array) => signalFacts({ sampleRateHz: NOISE_RATE_HZ, channels: [samples] });

function isLikeSpeech(facts: SignalFacts): boolean {
  const { spread, fullRepetition } = POLICY.speech;
  return (
    facts.loudnessSpreadDb > spread.fullLoudnessDb &&
    facts.timbreSpreadOctaves > spread.fullTimbreOctaves &&
    facts.repetition < fullRepetition
  );
}

describe('signalFacts()', () => {
  it('finds nothing active in silence', () => {
    const facts = mono(new Float32Array(16_000));
    expect(facts).to.deep.equal({
      durationSeconds: 1,
      activeShare: 0,
      peak: 0,
      clippedShare: 0,
      loudnessSpreadDb: 0,
      timbreSpreadOctaves: 0,
      repetition: 0,
    });
  });

  it('finds half of it active when half of it sounds', () => {
    const samples = new Float32Array(16_000);
    samples.set(tone(440, { rate: 16_000, seconds: 0.5 }));
    expect(mono(samples).activeShare).to.equal(0.5);
    expect(mono(samples).peak).to.be.closeTo(0.5, 0.001);
  });

  it('finds a steady tone active, without clipping and without change', () => {
    const facts = mono(tone(440, { rate: 16_000, seconds: 1 }));
    expect(facts.activeShare).to.equal(1);
    expect(facts.clippedShare).to.equal(0);
    expect(facts.loudnessSpreadDb).to.be.below(1);
    expect(facts.timbreSpreadOctaves).to.be.below(0.15);
  });

  it('measures how far apart in loudness and in timbre two halves are', () => {
    const samples = tone(400, { rate: 16_000, seconds: 2 });
    samples.set(
      tone(1_600, { rate: 16_000, seconds: 1 }).map((sample) => sample / 10),
      16_000,
    );
    // Two values 20 dB and two octaves apart deviate from their mean by half of that.
    expect(mono(samples).loudnessSpreadDb).to.be.closeTo(10, 0.1);
    expect(mono(samples).timbreSpreadOctaves).to.be.closeTo(1, 0.1);
  });

  it('counts clipped samples', () => {
    expect(mono(Float32Array.of(1, -1, 0, 0.5)).clippedShare).to.equal(0.5);
  });

  it('survives audio without a sample', () => {
    expect(mono(new Float32Array(0))).to.include({
      durationSeconds: 0,
      activeShare: 0,
      loudnessSpreadDb: 0,
      repetition: 0,
    });
  });

  for (const [name, noise] of Object.entries(noises(3)))
    it(`does not take ${name} for speech`, () => {
      expect(isLikeSpeech(mono(noise))).to.be.false;
    });

  describe('of a voice', () => {
    needing(lacking(CLIP));
    let samples = new Float32Array(0);
    before(async () => {
      samples = Float32Array.from((await decodeAudio(readFileSync(CLIP), never())).channels[0]!);
    });

    it('finds it active and like speech', () => {
      const facts = mono(samples);
      expect(facts.durationSeconds).to.equal(CLIP_SECONDS);
      expect(facts.activeShare).to.be.above(0.8);
      expect(facts.clippedShare).to.equal(0);
      expect(isLikeSpeech(facts)).to.be.true;
    });

    for (const seconds of [0.5, 0.83, 1.237])
      it(`finds ${seconds} s of it in a loop`, () => {
        const length = Math.round(seconds * 16_000);
        const loop = samples.map((_, i) => samples[16_000 + (i % length)]!);
        expect(mono(loop).repetition).to.be.above(0.93);
      });

    it('finds a loop also where the whole is a minute long', () => {
      const loop = Float32Array.from({ length: 60 * 16_000 }, (_, i) => samples[16_000 + (i % 33_333)]!);
      expect(mono(loop).repetition).to.be.above(0.93);
    });
  });
});

describe('isSilent()', () => {
  const stereo = (right: Float32Array) =>
    isSilent({ sampleRateHz: 16_000, channels: [new Float32Array(16_000), right] });

  it('is true of silence and of what nobody hears', () => {
    expect(stereo(new Float32Array(16_000))).to.be.true;
    expect(stereo(noises(1)['quiet noise']!)).to.be.true;
  });

  it('is false where one channel sounds for a moment', () => {
    const right = new Float32Array(16_000);
    right.set(tone(440, { rate: 16_000, seconds: 0.02 }), 8_000);
    expect(stereo(right)).to.be.false;
  });
});
