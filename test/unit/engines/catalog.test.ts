import { expect } from 'chai';
import { findEngines } from '../../../src/engines/catalog.js';

describe('findEngines()', () => {
  it('names the missing engines with their cures, and still has the others', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      const { engines, missing } = await findEngines();
      expect(engines.map(({ name }) => name))
        .to.include('lexrank')
        .and.not.include('flite');
      const cures = new Map(missing.map(({ name, cure }) => [name, cure]));
      expect(cures.get('pocketsphinx')).to.match(/apt-get install pocketsphinx pocketsphinx-en-us/);
      expect(cures.get('flite')).to.match(/apt-get install flite/);
      expect(cures.get('ffmpeg')).to.match(/M4A, WebM .*apt-get install ffmpeg/);
      expect(cures.get('espeak-ng')).to.match(/apt-get install espeak-ng/);
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('lists each engine once, found or missing, the best for speech first', async () => {
    const { engines, missing } = await findEngines();
    const names = [...engines, ...missing].map(({ name }) => name);
    expect(names.filter((name) => name !== 'ffmpeg')).to.have.members([
      'pocketsphinx',
      'flite',
      'espeak-ng',
      'text2wav',
      'lexrank',
    ]);
    const speech = engines.filter(({ kind }) => kind === 'tts').map(({ name }) => name);
    expect(speech).to.deep.equal(['flite', 'espeak-ng', 'text2wav'].filter((name) => speech.includes(name)));
  });
});
