import { expect } from 'chai';
import { soundSegments } from '../../../src/validator/sound-segments.js';

describe('soundSegments()', () => {
  const segments = [
    { startMs: 0, endMs: 900, text: 'hello there' },
    { startMs: 900, endMs: 2_000, text: 'friends' },
  ];
  const transcribed = { text: 'hello there friends', audioMs: 2_000 };

  it('keeps what is in order, within the audio and of the words that were judged', () => {
    expect(soundSegments(segments, transcribed)).to.deep.equal(segments);
    expect(soundSegments(segments, { ...transcribed, text: 'hello\nthere  friends' })).to.deep.equal(
      segments,
    );
    expect(soundSegments([], { ...transcribed, text: '' })).to.deep.equal([]);
  });

  it('lets a last frame end a little after the audio', () => {
    expect(soundSegments(segments, { ...transcribed, audioMs: 1_000 })).to.deep.equal(segments);
  });

  const [first, second] = segments as [(typeof segments)[0], (typeof segments)[0]];
  const unsound = {
    'out of order': [second, first],
    'ending before it starts': [first, { ...second, endMs: 899 }],
    'beyond the audio': [first, { ...second, endMs: 3_001 }],
    'with a word that is not in the text': [first, { ...second, text: 'friends buy now' }],
    'without a word of the text': [first],
  };
  for (const [name, given] of Object.entries(unsound)) {
    it(`keeps none of a list with a segment ${name}`, () => {
      const text = name === 'out of order' ? 'friends hello there' : transcribed.text;
      expect(soundSegments(given, { ...transcribed, text })).to.deep.equal([]);
    });
  }
});
