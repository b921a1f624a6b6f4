import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { decodeAudio, decodeSpeech } from '../../../../src/engines/audio/decode.js';
import { CLIP, clipVariant, lacking, largestDifference, needing, never, refused } from '../fixtures.js';

describe('decodeFlac()', () => {
  it('refuses a header alone', async () => {
    await refused(decodeAudio(Buffer.from('fLaC'), never()), 'AUDIO_UNDECODABLE');
    await refused(
      decodeAudio(Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(60, 0xff)]), never()),
      'AUDIO_UNDECODABLE',
    );
  });

  describe('of a voice', () => {
    needing(lacking(CLIP, 'sox'));

    it('gives the samples of the WAV it was made from, to a step of 16 bits', async () => {
      const flac = await decodeAudio(clipVariant([], 'flac'), never());
      const wav = await decodeAudio(readFileSync(CLIP), never());
      expect(flac.sampleRateHz).to.equal(16_000);
      expect(flac.channels).to.have.length(1);
      expect(flac.channels[0]).to.have.length(wav.channels[0]!.length);
      expect(largestDifference(flac.channels[0]!, wav.channels[0]!)).to.be.below(1 / 0x8000);
    });

    it('decodes 24 bits, 96 kHz and six channels to one of 16 kHz', async () => {
      const bytes = clipVariant(['-b', '24', '-r', '96000', '-c', '6'], 'flac');
      const speech = await decodeSpeech(bytes, never());
      expect(speech.sampleRateHz).to.equal(16_000);
      expect(speech.channels.map(({ length }) => length)).to.deep.equal([84_800]);
    });

    it('refuses one that is cut short', async () => {
      const bytes = clipVariant([], 'flac');
      const refusal = await refused(
        decodeAudio(bytes.subarray(0, bytes.length / 2), never()),
        'AUDIO_UNDECODABLE',
      );
      expect(refusal.metadata['declared_samples']).to.equal('84800');
    });

    it('refuses one with a hole', async () => {
      const bytes = Buffer.from(clipVariant([], 'flac'));
      bytes.fill(0, 40_000, 40_300);
      await refused(decodeAudio(bytes, never()), 'AUDIO_UNDECODABLE');
    });

    it('refuses a header without its sound', async () => {
      const bytes = clipVariant([], 'flac');
      await refused(decodeAudio(bytes.subarray(0, 60), never()), 'AUDIO_UNDECODABLE');
    });

    it('refuses one that announces more than two hours', async () => {
      const bytes = Buffer.from(clipVariant([], 'flac'));
      bytes.writeUInt32BE(0xffff_ffff, 22);
      expect((await refused(decodeAudio(bytes, never()), 'AUDIO_UNDECODABLE')).message).to.match(/7200 s/);
    });

    it('stops when aborted', async () => {
      const controller = new AbortController();
      const decoding = decodeAudio(clipVariant([], 'flac'), controller.signal);
      const error = new Error('enough');
      controller.abort(error);
      expect(await decoding.catch((thrown: unknown) => thrown)).to.equal(error);
    });
  });
});
