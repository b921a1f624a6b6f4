import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeSpeech } from '../../../../src/engines/audio/decode.js';
import { encodeWav } from '../../../../src/engines/audio/wav.js';
import type { EngineOutput } from '../../../../src/engines/engine.js';
import { pocketsphinx } from '../../../../src/engines/transcription/pocketsphinx.js';
import {
  CLIP,
  CLIP_WORDS,
  clipVariant,
  lacking,
  needing,
  never,
  refused,
  tone,
  withOwnTmp,
  work,
} from '../fixtures.js';

const MODEL = '/usr/share/pocketsphinx/model/en-us';
const silence = (seconds: number) =>
  encodeWav({ sampleRateHz: 16_000, channels: [new Float32Array(seconds * 16_000)] });
const textOf = ({ output }: EngineOutput) => Buffer.from(output).toString();

const standIns = mkdtempSync(join(tmpdir(), 'stand-ins-'));

/** A stand-in for the recognizer, for what the real one does not do on demand. */
function standIn(script: string) {
  const executable = join(mkdtempSync(join(standIns, 'x')), 'recognizer');
  writeFileSync(executable, `#!/bin/sh\n${script}\n`);
  chmodSync(executable, 0o755);
  return pocketsphinx({ executable, modelFolder: MODEL });
}

describe('pocketsphinx', () => {
  after(() => rmSync(standIns, { recursive: true }));

  describe('on a voice', function () {
    this.timeout(60_000);
    needing(lacking(CLIP, 'pocketsphinx_batch', `${MODEL}/en-us.lm.bin`, 'sox'));
    const engine = pocketsphinx({ executable: '/usr/bin/pocketsphinx_batch', modelFolder: MODEL });

    /** The engine gets 10 of the 14 words at its best rate. */
    function expectMostWords(text: string): void {
      const heard = text.split(' ');
      const right = CLIP_WORDS.filter((word) => heard.includes(word)).length;
      expect(right, text).to.be.at.least(10);
    }

    it('gets most words at 16 kHz mono, in segments, and leaves nothing behind', async () => {
      await withOwnTmp(async (leftovers) => {
        const output = await engine.run(work(readFileSync(CLIP)));
        expectMostWords(textOf(output));
        expect(output).to.include({ mediaType: 'text/plain; charset=utf-8', model: 'pocketsphinx/en-us' });
        expect(output.segments.map(({ text }) => text).join(' ')).to.equal(textOf(output));
        for (const { startMs, endMs } of output.segments) expect(startMs).to.be.below(endMs).and.below(5_300);
        expect(leftovers()).to.deep.equal([]);
      });
    });

    it('gets most words at 44.1 kHz stereo', async () => {
      expectMostWords(textOf(await engine.run(work(clipVariant(['-r', '44100', '-c', '2'])))));
    });

    it('gets most words from FLAC', async () => {
      expectMostWords(textOf(await engine.run(work(clipVariant(['-r', '48000'], 'flac')))));
    });

    it('puts the pieces of long audio together in order, with times of the whole', async () => {
      const voice = (await decodeSpeech(readFileSync(CLIP), never())).channels[0]!;
      const samples = new Float32Array(45 * 16_000);
      samples.set(voice);
      samples.set(voice, 39 * 16_000);
      const fractions: number[] = [];
      const output = await engine.run(
        work(encodeWav({ sampleRateHz: 16_000, channels: [samples] }), {
          onProgress: ({ fraction }) => fractions.push(fraction),
        }),
      );
      const [first, second, ...others] = output.segments;
      expect(others).to.deep.equal([]);
      expectMostWords(first!.text);
      expectMostWords(second!.text);
      expect(first).to.include({ startMs: 0 });
      expect(second).to.include({ startMs: first!.endMs, endMs: 45_000 });
      expect(fractions).to.have.length(3);
      expect(fractions.at(-1)).to.equal(1);
    });

    it('hears nothing in silence and in a blink', async () => {
      expect(textOf(await engine.run(work(silence(2))))).to.equal('');
      expect(await engine.run(work(silence(0.05)))).to.deep.include({ segments: [] });
    });
  });

  it('refuses bytes that are no audio', async () => {
    await refused(standIn('exit 0').run(work('no audio')), 'AUDIO_UNDECODABLE');
  });

  it('fails when the recognizer fails, with its message', async () => {
    const refusal = await refused(
      standIn('echo model broken >&2; exit 1').run(work(silence(1))),
      'ENGINE_FAILED',
    );
    expect(refusal.message).to.match(/model broken/);
  });

  it('fails when the recognizer left a part out', async () => {
    await refused(standIn('exit 0').run(work(silence(1))), 'ENGINE_FAILED');
  });

  it('stops the recognizer and removes its files on abort', async () => {
    await withOwnTmp(async (leftovers) => {
      const controller = new AbortController();
      const reason = new Error('enough');
      let during: readonly string[] = [];
      const run = standIn('echo "0 done ----------" >&2; exec sleep 600').run(
        work(encodeWav({ sampleRateHz: 16_000, channels: [tone(300, { rate: 16_000, seconds: 1 })] }), {
          signal: controller.signal,
          onProgress: ({ fraction }) => {
            if (fraction < 1) return;
            during = leftovers();
            controller.abort(reason);
          },
        }),
      );
      expect(await run.catch((error: unknown) => error)).to.equal(reason);
      expect(during).to.have.length(1);
      expect(leftovers()).to.deep.equal([]);
    });
  });
});
