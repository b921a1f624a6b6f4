import { expect } from 'chai';
import { QuietPieces } from '../../../../src/engines/transcription/quiet-pieces.js';
import { largestDifference, tone } from '../fixtures.js';

const RATE = 1_000;

function piecesOf(samples: Float32Array, blockLength = 777): Float32Array[] {
  const pieces: Float32Array[] = [];
  const cutter = new QuietPieces(RATE, (piece) => pieces.push(piece));
  for (let at = 0; at < samples.length; at += blockLength)
    cutter.push(samples.subarray(at, at + blockLength));
  cutter.end();
  return pieces;
}

describe('QuietPieces', () => {
  it('leaves up to 40 s whole, and makes nothing of nothing', () => {
    expect(piecesOf(tone(50, { rate: RATE, seconds: 40 })).map(({ length }) => length)).to.deep.equal([
      40_000,
    ]);
    expect(piecesOf(new Float32Array(0))).to.deep.equal([]);
  });

  it('cuts in the pause, whatever the blocks', () => {
    const samples = tone(50, { rate: RATE, seconds: 60 });
    samples.fill(0, 31_000, 31_200);
    for (const blockLength of [1, 777, 60_000])
      expect(piecesOf(samples, blockLength).map(({ length }) => length)).to.deep.equal([31_100, 28_900]);
  });

  it('makes pieces of 20 to 40 s of any length, and loses nothing', () => {
    const samples = tone(50, { rate: RATE, seconds: 301 });
    const pieces = piecesOf(samples);
    for (const { length } of pieces) expect(length).to.be.within(20_000, 40_000);
    const whole = Float32Array.from(pieces.flatMap((piece) => [...piece]));
    expect(whole).to.have.length(301_000);
    expect(largestDifference(whole, samples)).to.equal(0);
  });
});
