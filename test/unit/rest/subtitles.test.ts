import { expect } from 'chai';
import { toSrt, toVtt } from '../../../src/rest/shapes/subtitles.js';

const SEGMENTS = [
  { startMs: 0, endMs: 1_234, text: ' hello there ' },
  { startMs: 3_661_005, endMs: 3_662_000, text: 'an hour later' },
];

describe('toSrt()', () => {
  it('numbers the cues and writes a comma before the milliseconds', () => {
    expect(toSrt(SEGMENTS)).to.equal(
      '1\n00:00:00,000 --> 00:00:01,234\nhello there\n\n2\n01:01:01,005 --> 01:01:02,000\nan hour later\n',
    );
  });

  it('writes nothing without segments', () => {
    expect(toSrt([])).to.equal('');
  });

  it('numbers on over a segment without words', () => {
    const silence = { startMs: 10, endMs: 20, text: ' \n ' };
    expect(toSrt([silence, ...SEGMENTS])).to.equal(toSrt(SEGMENTS));
  });

  it('keeps a text from ending its cue or opening another', () => {
    const text = 'one\n\n2\n00:00:00,000 --> 00:00:09,000\ntwo';
    expect(toSrt([{ startMs: 0, endMs: 1, text }])).to.equal(
      '1\n00:00:00,000 --> 00:00:00,001\none 2 00:00:00,000 -> 00:00:09,000 two\n',
    );
  });

  it('writes hours of more than two digits', () => {
    expect(toSrt([{ startMs: 360_000_000, endMs: 360_000_500, text: 'late' }])).to.contain(
      '100:00:00,000 --> 100:00:00,500',
    );
  });
});

describe('toVtt()', () => {
  it('opens with the signature and writes a point before the milliseconds', () => {
    expect(toVtt(SEGMENTS)).to.equal(
      'WEBVTT\n\n00:00:00.000 --> 00:00:01.234\nhello there\n\n01:01:01.005 --> 01:01:02.000\nan hour later\n',
    );
  });

  it('writes the signature alone without segments', () => {
    expect(toVtt([])).to.equal('WEBVTT\n');
  });

  it('escapes what would be a tag, a reference or an arrow', () => {
    const [, , , cue] = toVtt([{ startMs: 0, endMs: 5, text: '<b>R&D --> x' }]).split('\n');
    expect(cue).to.equal('&lt;b&gt;R&amp;D --&gt; x');
  });

  it('gives a cue that lasts no time one millisecond', () => {
    expect(toVtt([{ startMs: 7, endMs: 7, text: 'a' }])).to.contain('00:00:00.007 --> 00:00:00.008');
  });
});
