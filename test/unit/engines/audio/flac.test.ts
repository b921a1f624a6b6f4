import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeAudio, decodeSpeech, decodeWithin } from '../../../../src/engines/audio/decode.js';
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

    it('unfolds no more of silence than is wanted', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'silence-'));
      try {
        const path = join(folder, 'silence.flac');
        spawnSync('sox', ['-D', '-n', '-r', '48000', '-c', '2', path, 'trim', '0', '60']);
        const bytes = readFileSync(path);
        expect(bytes.length).to.be.below(100_000);
        const limits = { maxSeconds: 10, maxSamples: 1e9 };
        expect(await decodeWithin(bytes, limits, never())).to.equal(undefined);
        expect(await decodeWithin(bytes, { maxSeconds: 1000, maxSamples: 1e6 }, never())).to.equal(undefined);
        const whole = await decodeWithin(bytes, { maxSeconds: 60, maxSamples: 60 * 48_000 * 2 }, never());
        expect(whole?.channels[1]).to.have.length(60 * 48_000);
      } finally {
        rmSync(folder, { recursive: true });
      }
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
