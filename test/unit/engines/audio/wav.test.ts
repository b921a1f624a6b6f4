import { expect } from 'chai';
import { decodeAudio, decodeSpeech } from '../../../../src/engines/audio/decode.js';
import { encodeWav } from '../../../../src/engines/audio/wav.js';
import { largestDifference, never, refused, tone } from '../fixtures.js';

const LEFT = tone(440, { rate: 22_050, seconds: 0.1 });
const RIGHT = tone(880, { rate: 22_050, seconds: 0.1 });
const STEREO = encodeWav({ sampleRateHz: 22_050, channels: [LEFT, RIGHT] });

/** A WAV file with any header. */
function wav(
  header: { code?: number; channels?: number; rate?: number; bits?: number; frameBytes?: number },
  sound: Uint8Array,
  declaredBytes = sound.length,
): Buffer {
  const { code = 1, channels = 1, rate = 16_000, bits = 16 } = header;
  const frameBytes = header.frameBytes ?? Math.ceil(bits / 8) * channels;
  const bytes = Buffer.alloc(44);
  bytes.write('RIFF\0\0\0\0WAVEfmt ', 0, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(code, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt16LE(frameBytes, 32);
  bytes.writeUInt16LE(bits, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(declaredBytes, 40);
  return Buffer.concat([bytes, sound]);
}

const samplesOf = async (bytes: Uint8Array): Promise<number[]> =>
  Array.from((await decodeAudio(bytes, never())).channels[0]!);

describe('decodeWav()', () => {
  it('gives back what encodeWav() wrote, to a step of 16 bits', async () => {
    const pcm = await decodeAudio(STEREO, never());
    expect(pcm.sampleRateHz).to.equal(22_050);
    expect(pcm.channels.map(({ length }) => length)).to.deep.equal([2205, 2205]);
    for (const [channel, samples] of [LEFT, RIGHT].entries())
      expect(largestDifference(pcm.channels[channel]!, samples)).to.be.below(1 / 0x8000);
  });

  it('reads 8, 16, 24 and 32 bits', async () => {
    expect(await samplesOf(wav({ bits: 8 }, Buffer.from([0, 128, 192])))).to.deep.equal([-1, 0, 0.5]);
    expect(await samplesOf(wav({ bits: 16 }, Buffer.from([0, 0x80, 0, 0x40])))).to.deep.equal([-1, 0.5]);
    expect(await samplesOf(wav({ bits: 24 }, Buffer.from([0, 0, 0x80, 0, 0, 0x40])))).to.deep.equal([
      -1, 0.5,
    ]);
    expect(await samplesOf(wav({ bits: 32 }, Buffer.from([0, 0, 0, 0x80, 0, 0, 0, 0x40])))).to.deep.equal([
      -1, 0.5,
    ]);
  });

  it('reads floats and takes what is no number for silence', async () => {
    const floats = new Uint8Array(Float32Array.of(0.25, NaN, Infinity, 2).buffer);
    expect(await samplesOf(wav({ code: 3, bits: 32 }, floats))).to.deep.equal([0.25, 0, 0, 1]);
    const doubles = new Uint8Array(Float64Array.of(-0.25).buffer);
    expect(await samplesOf(wav({ code: 3, bits: 64 }, doubles))).to.deep.equal([-0.25]);
  });

  it('takes all there is when the writer did not know the length', async () => {
    for (const declared of [0, 0xffff_ffff, 0x7fff_f000])
      expect(await samplesOf(wav({}, Buffer.alloc(200), declared))).to.have.length(100);
  });

  it('passes over other chunks, of odd length too', async () => {
    const list = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1');
    expect(
      await samplesOf(Buffer.concat([STEREO.subarray(0, 36), list, STEREO.subarray(36)])),
    ).to.have.length(2205);
  });

  const broken: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['nothing', new Uint8Array(0), /empty/],
    ['text', Buffer.from('hello, I am no audio at all'), /neither WAV, FLAC/],
    ['RIFF alone', Buffer.from('RIFF'), /neither/],
    ['a bare RIFF header', STEREO.subarray(0, 12), /without sound/],
    ['a header without data', STEREO.subarray(0, 44), /cut short/],
    ['a header with an empty data chunk', wav({}, Buffer.alloc(0)), /without sound/],
    ['half of the sound', STEREO.subarray(0, 1000), /cut short/],
    ['half of the format', STEREO.subarray(0, 30), /cut short/],
    ['a rate of zero', wav({ rate: 0 }, Buffer.alloc(100)), /0 Hz/],
    ['a rate of 4 GHz', wav({ rate: 0xffff_ffff }, Buffer.alloc(100)), /4294967295 Hz/],
    ['no channel', wav({ channels: 0 }, Buffer.alloc(100)), /0 channels/],
    ['65,535 channels', wav({ channels: 65_535, frameBytes: 2 }, Buffer.alloc(100)), /65535 channels/],
    ['zero bits', wav({ bits: 0 }, Buffer.alloc(100)), /not supported/],
    ['an unknown encoding', wav({ code: 0x55 }, Buffer.alloc(100)), /encoding 85/],
    ['a frame size that contradicts', wav({ frameBytes: 7 }, Buffer.alloc(100)), /contradicts/],
    [
      'sound before the format',
      Buffer.from('RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd', 'latin1'),
      /before the sound/,
    ],
    ['a chunk of 4 GiB', Buffer.from('RIFF\0\0\0\0WAVEjunk\xff\xff\xff\xff', 'latin1'), /without sound/],
    ['three hours', wav({ rate: 1_000, bits: 8 }, Buffer.alloc(3 * 3_600_000)), /longer than 7200 s/],
  ];
  for (const [name, bytes, message] of broken)
    it(`refuses ${name}`, async () => {
      expect((await refused(decodeAudio(bytes, never()), 'AUDIO_UNDECODABLE')).message).to.match(message);
      await refused(decodeSpeech(bytes, never()), 'AUDIO_UNDECODABLE');
    });

  it('never ends with anything but a refusal, whatever the header says', async () => {
    for (let at = 12; at < 44; at++)
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const bytes = Buffer.from(STEREO);
        bytes[at] = value;
        await decodeSpeech(bytes, never()).catch((error: unknown) =>
          expect(error).to.have.property('reason', 'AUDIO_UNDECODABLE'),
        );
      }
  });

  it('stops when aborted', async () => {
    const error = new Error('enough');
    expect(await decodeAudio(STEREO, AbortSignal.abort(error)).catch((thrown: unknown) => thrown)).to.equal(
      error,
    );
  });
});

describe('encodeWav()', () => {
  it('clips what is above full scale', async () => {
    const bytes = encodeWav({ sampleRateHz: 8_000, channels: [Float32Array.of(2, -2)] });
    expect(await samplesOf(bytes)).to.deep.equal([0x7fff / 0x8000, -1]);
  });
});
