import { expect } from 'chai';
import { align } from '../../../../src/engines/audio/alignment.js';
import { cepstra, COEFFICIENTS, type Cepstra } from '../../../../src/engines/audio/cepstra.js';
import { PowerSpectrum } from '../../../../src/engines/audio/fourier.js';
import { seeded } from '../../score/seeded.js';
import { tone } from '../fixtures.js';

/** Vowels of two formants each, gliding into one another; `pace` frames apart. */
function babble(
  seed: number,
  { sounds, rate }: { readonly sounds: number; readonly rate: number },
): Float32Array {
  const random = seeded(seed);
  const parts = Array.from({ length: sounds }, () => {
    const [low, high] = [250 + 600 * random(), 900 + 1_600 * random()];
    const seconds = 0.08 + 0.1 * random();
    const first = tone(low, { rate, seconds });
    const second = tone(high, { rate, seconds });
    return first.map((sample, i) => (sample + 0.6 * second[i]!) * Math.sin((Math.PI * i) / first.length));
  });
  return Float32Array.from(parts.flatMap((samples) => [...samples]));
}

const voice = (samples: Float32Array, rate: number, warp = 1): Cepstra =>
  cepstra(samples, { sampleRateHz: rate, hopSeconds: 0.02, warps: [warp] })[0]!;

describe('PowerSpectrum', () => {
  it('finds a tone where it is, and nothing elsewhere', () => {
    const frame = Float64Array.from({ length: 512 }, (_, i) => Math.cos((2 * Math.PI * 37 * i) / 512));
    const power = new PowerSpectrum(512).of(frame);
    power.forEach((value, k) => expect(value, `at ${k}`).to.be.closeTo(k === 37 ? 256 ** 2 : 0, 1e-6));
  });

  it('keeps the energy, also of a second and shorter frame', () => {
    const random = seeded(3);
    const spectrum = new PowerSpectrum(256);
    spectrum.of(Float64Array.from({ length: 256 }, random));
    const frame = Float64Array.from({ length: 100 }, () => random() - 0.5);
    const energy = frame.reduce((sum, sample) => sum + sample ** 2, 0);
    const power = spectrum.of(frame);
    const half = power.reduce((sum, value) => sum + value, 0);
    // The other half mirrors this one but for 0 Hz and, left out, half of the sample rate.
    const highest = frame.reduce((sum, sample, i) => sum + (i % 2 === 0 ? sample : -sample), 0) ** 2;
    expect((2 * half - power[0]! + highest) / 256).to.be.closeTo(energy, 1e-9);
  });
});

describe('cepstra()', () => {
  it('gives each coefficient mean 0 and variance 1', () => {
    const { frames, values } = voice(babble(1, { sounds: 20, rate: 16_000 }), 16_000);
    for (let k = 0; k < COEFFICIENTS; k++) {
      const own = Array.from({ length: frames }, (_, frame) => values[frame * COEFFICIENTS + k]!);
      const mean = own.reduce((sum, value) => sum + value, 0) / frames;
      expect(mean, `mean of ${k}`).to.be.closeTo(0, 1e-4);
      expect(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / frames).to.be.closeTo(1, 1e-3);
    }
  });

  it('leaves pauses out', () => {
    const sound = babble(2, { sounds: 10, rate: 16_000 });
    const paused = new Float32Array(sound.length + 32_000);
    paused.set(sound.subarray(0, sound.length / 2));
    paused.set(sound.subarray(sound.length / 2), sound.length / 2 + 32_000);
    expect(voice(paused, 16_000).frames).to.be.closeTo(voice(sound, 16_000).frames, 3);
  });

  it('has nothing of silence and of no sound at all', () => {
    expect(voice(new Float32Array(0), 16_000).frames).to.equal(0);
    expect(voice(new Float32Array(16_000), 16_000).frames).to.equal(0);
  });
});

describe('align()', () => {
  const sounds = { sounds: 24, rate: 16_000 };
  const reference = voice(babble(7, sounds), 16_000);

  it('finds no distance from the reference itself', () => {
    expect(align([reference], reference)).to.deep.equal({ frames: reference.frames, ratio: 0 });
  });

  it('finds the same sounds near, in another rate, volume and pace', () => {
    const other = babble(7, { ...sounds, rate: 22_050 }).map((sample) => 0.1 * sample);
    // As if 24,000 of what are 22,050 samples: faster, and higher by a tenth, which the warp takes back.
    const faster = voice(other, 24_000, 1.09);
    expect(align([faster], reference)!.ratio).to.be.below(0.4);
  });

  it('finds other sounds as far as the same ones in another order', () => {
    for (const seed of [8, 9, 10])
      expect(align([voice(babble(seed, sounds), 16_000)], reference)!.ratio).to.be.within(0.85, 1.2);
  });

  it('takes the nearest of several warps', () => {
    const samples = babble(7, { ...sounds, rate: 16_000 });
    const high = [0.87, 1, 1.15].map((warp) => voice(samples, 18_400, warp));
    const [, unwarped, warped] = high;
    expect(align(high, reference)).to.deep.equal(align([warped!], reference));
    expect(align([warped!], reference)!.ratio).to.be.below(align([unwarped!], reference)!.ratio);
  });

  it('finds half of the sounds far from the whole', () => {
    const whole = babble(7, sounds);
    const half = align([voice(whole.subarray(0, whole.length / 2), 16_000)], reference)!;
    expect(half.ratio).to.be.above(0.6);
  });

  it('compares with nothing that is too short', () => {
    const short = voice(babble(7, { ...sounds, sounds: 1 }), 16_000);
    expect(align([reference], short)).to.be.undefined;
  });

  it('takes next to no sound for other words', () => {
    expect(align([voice(new Float32Array(16_000), 16_000)], reference)).to.deep.include({ ratio: 1 });
  });
});
