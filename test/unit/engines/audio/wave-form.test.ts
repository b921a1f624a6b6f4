import { expect } from 'chai';
import { decodeAudio } from '../../../../src/engines/audio/decode.js';
import { encodeWav } from '../../../../src/engines/audio/wav.js';
import { waveBytes, waveShapeOf, writeWave } from '../../../../src/engines/audio/wave-form.js';

const plain = (frames: number, sampleRateHz = 16_000, channels = 1) =>
  Buffer.from(
    encodeWav({
      sampleRateHz,
      channels: Array.from({ length: channels }, () => new Float32Array(frames).fill(0.5)),
    }),
  );
/** The same with chunks between format and sound, and after the sound. */
const around = (file: Buffer, before: Buffer, after = Buffer.alloc(0)) => {
  const whole = Buffer.concat([file.subarray(0, 36), before, file.subarray(36), after]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
};
const chunk = (name: string, content: Buffer) => {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from(name, 'latin1'), size, content]);
};
const list = (tag: string, text: string) =>
  chunk('LIST', Buffer.concat([Buffer.from('INFO'), chunk(tag, Buffer.from(text, 'latin1'))]));

describe('waveShapeOf()', () => {
  const forms: Readonly<Record<string, Buffer>> = {
    'the plainest header': plain(1000),
    'two channels at 44,100 Hz': plain(1000, 44_100, 2),
    'the name of the library that wrote it': around(plain(1000), list('ISFT', 'Lavf58.76.100\0')),
    'padding before the sound': around(plain(1000), chunk('FLLR', Buffer.alloc(4044))),
    'the name of the library after the sound': around(
      plain(1000),
      Buffer.alloc(0),
      list('ISFT', 'Lavf58.76.100\0'),
    ),
    'a count of samples': around(plain(1000), chunk('fact', Buffer.from([0xe8, 3, 0, 0]))),
  };
  for (const [name, file] of Object.entries(forms)) {
    it(`writes the same bytes again for ${name}`, () => {
      const shape = waveShapeOf(file)!;
      const channels = Array.from({ length: shape.form.channelCount }, () =>
        new Float32Array(shape.frames).fill(0.5),
      );
      expect(shape.frames).to.equal(1000);
      expect(Buffer.compare(writeWave(shape.form, channels), file)).to.equal(0);
      expect(waveBytes(shape.form, 1000)).to.equal(file.length);
    });
  }

  it('keeps sizes that say nothing', () => {
    const file = plain(1000);
    file.writeUInt32LE(0xffff_ffff, 4);
    file.writeUInt32LE(0xffff_ffff, 40);
    const { form, frames } = waveShapeOf(file)!;
    const written = Buffer.from(writeWave(form, [new Float32Array(500)]));
    expect([frames, written.readUInt32LE(4), written.readUInt32LE(40)]).to.deep.equal([
      1000, 0xffff_ffff, 0xffff_ffff,
    ]);
  });

  it('writes files that decoders read, of every sample format', async () => {
    for (const [bits, code] of [
      [8, 1],
      [16, 1],
      [24, 1],
      [32, 1],
      [32, 3],
    ] as const) {
      const file = Buffer.concat([plain(0), Buffer.alloc(100 * (bits / 8))]);
      file.writeUInt16LE(code, 20);
      file.writeUInt32LE((16_000 * bits) / 8, 28);
      file.writeUInt16LE(bits / 8, 32);
      file.writeUInt16LE(bits, 34);
      file.writeUInt32LE(file.length - 44, 40);
      file.writeUInt32LE(file.length - 8, 4);
      const { form } = waveShapeOf(file)!;
      const samples = Float32Array.from([0, 0.5, -0.5, -1]);
      const { channels } = await decodeAudio(writeWave(form, [samples]), new AbortController().signal);
      samples.forEach((sample, place) => expect(channels[0]![place]).to.be.closeTo(sample, 0.01));
    }
  });

  it('knows the lengths that recordings are cut at', () => {
    const stepOf = (frames: number) => waveShapeOf(plain(frames))?.step;
    expect([stepOf(48_000), stepOf(17_600), stepOf(4_096 * 5), stepOf(12_345)]).to.deep.equal([
      16_000, 1_600, 4_096, 1,
    ]);
  });

  const refused: Readonly<Record<string, Buffer>> = {
    'a title, which is of the sender': around(plain(1000), list('INAM', 'Dear diary')),
    'a program of another name': around(plain(1000), list('ISFT', 'My own recorder')),
    'padding that is not empty': around(plain(1000), chunk('JUNK', Buffer.from('secret'))),
    'chunks of another kind': around(plain(1000), chunk('bext', Buffer.alloc(64))),
    'a size that is not so': (() => {
      const file = plain(1000);
      file.writeUInt32LE(5_000, 40);
      return file;
    })(),
    'a format chunk that is cut short': plain(1000).subarray(0, 30),
    'no WAV': Buffer.from('fLaC'.padEnd(100, '\0')),
    nothing: Buffer.alloc(0),
  };
  for (const [name, file] of Object.entries(refused)) {
    it(`keeps nothing of ${name}`, () => {
      expect(waveShapeOf(file)).to.equal(undefined);
    });
  }
});
