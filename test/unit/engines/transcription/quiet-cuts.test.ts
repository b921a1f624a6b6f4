import { expect } from 'chai';
import { quietCuts } from '../../../../src/engines/transcription/quiet-cuts.js';
import { tone } from '../fixtures.js';

const RATE = 1_000;

describe('quietCuts()', () => {
  it('leaves up to 40 s whole', () => {
    expect(quietCuts(tone(50, { rate: RATE, seconds: 40 }), RATE)).to.deep.equal([0, 40_000]);
    expect(quietCuts(new Float32Array(0), RATE)).to.deep.equal([0, 0]);
  });

  it('cuts in the pause', () => {
    const samples = tone(50, { rate: RATE, seconds: 60 });
    samples.fill(0, 31_000, 31_200);
    expect(quietCuts(samples, RATE)).to.deep.equal([0, 31_100, 60_000]);
  });

  it('makes pieces of 20 to 40 s of any length', () => {
    const cuts = quietCuts(tone(50, { rate: RATE, seconds: 301 }), RATE);
    const lengths = cuts.slice(1).map((cut, i) => cut - cuts[i]!);
    expect(lengths.reduce((a, b) => a + b)).to.equal(301_000);
    for (const length of lengths) expect(length).to.be.within(20_000, 40_000);
  });
});
