import { expect } from 'chai';
import { parseHypothesis, placeSegments } from '../../../../src/engines/transcription/hypothesis.js';

describe('parseHypothesis()', () => {
  it('reads words between pauses as segments, without pronunciation numbers', () => {
    const line =
      '3 S 0 T -8 A -7 L -5 0 -3 0 <s> 21 -2 -2 he 33 -3 -1 was(2) 55 -1 -2 <sil> 113 -1 -5 young 233 -5 -2 man 274 -5 -1 </s> 297';
    expect(parseHypothesis(line)).to.deep.equal({
      heardMs: 2970,
      segments: [
        { startMs: 210, endMs: 550, text: 'he was' },
        { startMs: 1130, endMs: 2740, text: 'young man' },
      ],
    });
  });

  it('ends the last segment with the audio when nothing follows', () => {
    expect(parseHypothesis('0 S 0 T 0 A 0 L 0 5 0 0 yes 30').segments).to.deep.equal([
      { startMs: 50, endMs: 300, text: 'yes' },
    ]);
  });

  it('finds nothing where nothing was recognized', () => {
    expect(parseHypothesis('0 S 0 T 0 A 0 L 0 32567').segments).to.deep.equal([]);
    expect(
      parseHypothesis('0 S 0 T 0 A 0 L 0 0 -3 0 <s> 17 -9 -3 [NOISE] 80 -9 -3 </s> 110').segments,
    ).to.deep.equal([]);
    expect(parseHypothesis('')).to.deep.equal({ heardMs: 0, segments: [] });
  });
});

describe('placeSegments()', () => {
  const piece = { startMs: 20_000, endMs: 23_000 };
  const segments = [
    { startMs: 210, endMs: 550, text: 'he was' },
    { startMs: 1_130, endMs: 3_010, text: 'young' },
  ];

  it('shifts them to the piece, within its bounds', () => {
    expect(placeSegments({ heardMs: 2_980, segments }, piece)).to.deep.equal([
      { startMs: 20_210, endMs: 20_550, text: 'he was' },
      { startMs: 21_130, endMs: 23_000, text: 'young' },
    ]);
  });

  it('makes one segment of a piece that was heard in part', () => {
    expect(placeSegments({ heardMs: 2_000, segments }, piece)).to.deep.equal([
      { ...piece, text: 'he was young' },
    ]);
  });

  it('makes none of silence', () => {
    expect(placeSegments({ heardMs: 0, segments: [] }, piece)).to.deep.equal([]);
  });
});
