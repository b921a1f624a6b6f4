import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { decodeAudio } from '../../../../src/engines/audio/decode.js';
import { findEncoder, RAW_RATE_HZ, type AudioEncoder } from '../../../../src/engines/audio/encode.js';
import { encodeWav } from '../../../../src/engines/audio/wav.js';
import { systemClock } from '../../../../src/runtime/clock.js';
import { refused } from '../../../support/refused.js';
import { ManualClock, until } from '../../validator/manual-clock.js';
import { lacking, needing, never, tone } from '../fixtures.js';

const RATE = 22_050;
const SECONDS = 2;
const SPEECH = encodeWav({ sampleRateHz: RATE, channels: [tone(440, { rate: RATE, seconds: SECONDS })] });

describe('findEncoder()', () => {
  let encoder: AudioEncoder;
  before(async () => (encoder = await findEncoder(systemClock)));

  it('always writes WAV and bare samples', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    const bare = await findEncoder(systemClock);
    process.env['PATH'] = path;
    expect(bare.formats).to.deep.equal(['wav', 'pcm']);
    const wav = await decodeAudio(await bare.encode(SPEECH, 'wav', never()), never());
    expect([wav.sampleRateHz, wav.channels[0]?.length]).to.deep.equal([RATE, RATE * SECONDS]);
    expect(await bare.encode(SPEECH, 'pcm', never())).to.have.length(2 * RAW_RATE_HZ * SECONDS);
    const refusal = await refused(bare.encode(SPEECH, 'mp3', never()));
    expect(refusal.reason).to.equal('UNIMPLEMENTED');
  });

  it('refuses what is no audio', async () => {
    const refusal = await refused(encoder.encode(Buffer.from('no audio'), 'pcm', never()));
    expect(refusal.reason).to.equal('AUDIO_UNDECODABLE');
  });

  describe('with ffmpeg', () => {
    let folder: string;
    needing(lacking('ffmpeg'));
    before(async () => (folder = await mkdtemp(join(tmpdir(), 'audio-subnet-encode-'))));
    after(() => rm(folder, { recursive: true, force: true }));

    for (const [format, codec] of [
      ['mp3', 'mp3'],
      ['opus', 'opus'],
      ['aac', 'aac'],
      ['flac', 'flac'],
    ] as const)
      it(`writes ${format} of the same length in one channel`, async () => {
        const file = join(folder, format);
        await writeFile(file, await encoder.encode(SPEECH, format, never()));
        const { stderr: told } = await promisify(execFile)('ffmpeg', [
          ...['-hide_banner', '-i', file, '-f', 's16le', '-ac', '1', '-ar', '8000', '-loglevel', 'info'],
          join(folder, `${format}.raw`),
        ]);
        expect(told).to.match(new RegExp(`Audio: ${codec}.*mono`));
        const { size } = await stat(join(folder, `${format}.raw`));
        expect(size / 16_000).to.be.within(SECONDS - 0.1, SECONDS + 0.2);
      });

    it('ends with its signal, and by itself after a minute', async () => {
      const given = new AbortController();
      given.abort(new Error('given up'));
      const error = await encoder.encode(SPEECH, 'mp3', given.signal).catch((reason: unknown) => reason);
      expect(error).to.equal(given.signal.reason);

      const slow = join(folder, 'ffmpeg');
      await writeFile(
        slow,
        '#!/bin/sh\ncase "$*" in *-encoders*) echo " A....D libmp3lame x";; *) exec sleep 60;; esac\n',
        {
          mode: 0o755,
        },
      );
      const path = process.env['PATH'];
      process.env['PATH'] = `${folder}:${path ?? ''}`;
      const clock = new ManualClock();
      const stuck = await findEncoder(clock);
      process.env['PATH'] = path;
      expect(stuck.formats).to.deep.equal(['mp3', 'wav', 'pcm']);
      const encoding = refused(stuck.encode(SPEECH, 'mp3', never()));
      await until(() => clock.waiting === 1);
      await clock.advance(60_000);
      expect((await encoding).message).to.include('60 s');
    });
  });
});
