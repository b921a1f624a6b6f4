import { expect } from 'chai';
import { speakable } from '../../../../src/engines/tts/speakable.js';

describe('speakable()', () => {
  it('keeps ordinary text', () => {
    const text = 'Mr. O\'Neill said: "-5 degrees", didn\'t he?';
    expect(speakable(text)).to.equal(text);
  });

  it('replaces control characters by space', () => {
    expect(speakable('one\0two\x1b[31m\nthree')).to.equal('one two [31m three');
  });

  it('breaks the mark of phonemes', () => {
    expect(speakable('[[hello]] [[[x')).to.equal('[ [hello]] [ [ [x');
  });

  it('cuts endless words and endless sentences', () => {
    const spoken = speakable('1234567890'.repeat(1_000));
    for (const word of spoken.split(/\s/)) expect(word.length).to.be.at.most(40);
    for (const stretch of spoken.split('\n\n')) expect(stretch.length).to.be.at.most(450);
    expect(spoken.replace(/\s/g, '')).to.equal('1234567890'.repeat(1_000));
  });

  it('does not cut a character in two', () => {
    expect(speakable('😀'.repeat(41))).to.equal(`${'😀'.repeat(40)} 😀`);
  });
});
