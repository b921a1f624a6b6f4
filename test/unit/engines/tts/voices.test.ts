import { expect } from 'chai';
import { parseEspeakVoices } from '../../../../src/engines/tts/espeak-ng.js';
import { parseFliteVoices } from '../../../../src/engines/tts/flite.js';
import { ESPEAK_LANGUAGES, espeakVoice, fliteVoice } from '../../../../src/engines/tts/voices.js';
import { LANGUAGES } from '../../../../src/domain/task.js';

describe('fliteVoice()', () => {
  const installed = ['kal', 'awb', 'rms', 'slt'];

  it('is the one wished for, by either name', () => {
    expect(fliteVoice('rms', installed)).to.equal('rms');
    expect(fliteVoice('m3', installed)).to.equal('rms');
  });

  it('is slt, or the first, where the wish cannot be met', () => {
    for (const wish of [undefined, '', 'alloy', '--help', '__proto__'])
      expect(fliteVoice(wish, installed)).to.equal('slt');
    expect(fliteVoice('slt', ['kal'])).to.equal('kal');
  });
});

describe('espeakVoice()', () => {
  it('adds the variant wished for', () => {
    expect(espeakVoice('de', 'f3')).to.equal('de+f3');
    expect(espeakVoice('de', 'slt')).to.equal('de+f2');
  });

  it('is the plain voice for a wish it does not know', () => {
    for (const wish of [undefined, '', 'x/../y', '-w']) expect(espeakVoice('cmn', wish)).to.equal('cmn');
  });

  it('has a voice for each language', () => {
    expect(Object.keys(ESPEAK_LANGUAGES)).to.have.members([...LANGUAGES]);
  });
});

describe('the lists of voices', () => {
  it('are read from the engines', () => {
    expect(parseFliteVoices('Voices available: kal awb_time awb awb \n')).to.deep.equal([
      'kal',
      'awb_time',
      'awb',
    ]);
    expect(parseFliteVoices('something else')).to.deep.equal([]);
    expect(
      parseEspeakVoices(
        'Pty Language  Age/Gender VoiceName\n 5  af   --/M  Afrikaans\n 5  cmn  --/M  Chinese\n',
      ),
    ).to.deep.equal(['af', 'cmn']);
  });
});
