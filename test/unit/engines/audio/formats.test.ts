import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeAudio, decodeSpeech } from '../../../../src/engines/audio/decode.js';
import { audioLengthMs } from '../../../../src/validator/audio-length.js';
import type { Decoder } from '../../../../src/engines/audio/decoder.js';
import { decodeFlac } from '../../../../src/engines/audio/flac.js';
import { decodeMp3 } from '../../../../src/engines/audio/mp3.js';
import { decodeOpus } from '../../../../src/engines/audio/opus.js';
import { decodeVorbis } from '../../../../src/engines/audio/vorbis.js';
import { CLIP, CLIP_SECONDS, lacking, largestDifference, needing, never, refused } from '../fixtures.js';

interface Form {
  readonly name: string;
  readonly program: string;
  /** With the input and the output to be filled in. */
  readonly args: readonly string[];
  readonly rateHz: number;
  readonly channels: number;
  /** What decodes it, for what need not cross a process; absent for ffmpeg. */
  readonly decoder?: Decoder;
}

type Made = Omit<Form, 'name' | 'program' | 'args'>;

const ffmpeg = (name: string, made: Made, more: readonly string[] = []): Form => ({
  name,
  program: 'ffmpeg',
  args: [
    '-y',
    '-loglevel',
    'error',
    '-i',
    'IN',
    '-ar',
    String(made.rateHz),
    '-ac',
    String(made.channels),
  ].concat([...more, 'OUT']),
  ...made,
});
const by = (program: string, name: string, args: readonly string[], made: Made): Form => ({
  name,
  program,
  args,
  ...made,
});

const LAME = by('lame', 'lame.mp3', ['--quiet', '--resample', '44.1', 'IN', 'OUT'], {
  rateHz: 44_100,
  channels: 1,
  decoder: decodeMp3,
});
const OPUSENC = by('opusenc', 'enc.opus', ['--quiet', 'IN', 'OUT'], {
  rateHz: 48_000,
  channels: 1,
  decoder: decodeOpus,
});
const FORMS: readonly Form[] = [
  LAME,
  by('lame', 'vbr.mp3', ['--quiet', '-V2', '--resample', '48', 'IN', 'OUT'], {
    rateHz: 48_000,
    channels: 1,
    decoder: decodeMp3,
  }),
  ffmpeg('stereo.mp3', { rateHz: 44_100, channels: 2, decoder: decodeMp3 }),
  ffmpeg('telephone.mp3', { rateHz: 8_000, channels: 1, decoder: decodeMp3 }),
  OPUSENC,
  ffmpeg('stereo.opus', { rateHz: 48_000, channels: 2, decoder: decodeOpus }),
  by('oggenc', 'enc.ogg', ['-Q', 'IN', '-o', 'OUT'], { rateHz: 16_000, channels: 1, decoder: decodeVorbis }),
  ffmpeg('stereo.ogg', { rateHz: 44_100, channels: 2, decoder: decodeVorbis }),
  ffmpeg('stereo.flac', { rateHz: 44_100, channels: 2, decoder: decodeFlac }),
  ffmpeg('end-index.m4a', { rateHz: 44_100, channels: 1 }),
  ffmpeg('front-index.m4a', { rateHz: 44_100, channels: 2 }, ['-movflags', '+faststart']),
  ffmpeg('browser.webm', { rateHz: 48_000, channels: 1 }),
];

async function decoded(bytes: Buffer, { decoder }: Form): Promise<void> {
  if (decoder === undefined) {
    await decodeAudio(bytes, never());
    return;
  }
  // As in the process of its own, decoding begins when it is waited for.
  await Promise.resolve().then(async () => {
    for await (const channels of decoder(bytes).blocks) expect(channels).to.have.length.within(1, 2);
  });
}

function encoded({ name, program, args }: Form): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'forms-'));
  try {
    const out = join(folder, name);
    const filled = args.map((arg) => (arg === 'IN' ? CLIP : arg === 'OUT' ? out : arg));
    const made = spawnSync(program, filled);
    expect(made.status, made.stderr.toString()).to.equal(0);
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function loudness(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

for (const form of FORMS)
  describe(`decodeAudio() of ${form.name}`, () => {
    needing(lacking(CLIP, form.program));
    let bytes: Buffer;

    before(() => {
      bytes = encoded(form);
    });

    it('gives rate, channels, length and loudness of the voice', async () => {
      const { sampleRateHz, channels } = await decodeAudio(bytes, never());
      expect([sampleRateHz, channels.length]).to.deep.equal([form.rateHz, form.channels]);
      expect(channels[0]!.length / sampleRateHz).to.be.closeTo(CLIP_SECONDS, 0.12);
      expect(loudness(channels[0]!)).to.be.within(0.035, 0.065);
    });

    it('gives speech of 16 kHz', async () => {
      const { sampleRateHz, channels } = await decodeSpeech(bytes, never());
      expect([sampleRateHz, channels.length]).to.deep.equal([16_000, 1]);
      expect(channels[0]!.length / 16_000).to.be.closeTo(CLIP_SECONDS, 0.12);
    });

    it('has the length that its header tells', () => {
      expect(audioLengthMs(bytes)).to.be.closeTo(1_000 * CLIP_SECONDS, 200);
    });

    it('has some length whatever the bytes', () => {
      for (let length = 0; length < 400; length++)
        expect(audioLengthMs(bytes.subarray(0, length))).to.be.within(0, 2 * length);
      for (let at = 0; at < 400; at++)
        for (const value of [0, 0x7f, 0xff]) {
          const broken = Buffer.from(bytes);
          broken[at] = value;
          broken[bytes.length - 1 - at] = value;
          expect(audioLengthMs(broken)).to.be.within(0, 2 * bytes.length);
        }
    });

    it('is refused when its end is missing', async () => {
      for (const share of [0.5, 0.9])
        await refused(decoded(bytes.subarray(0, bytes.length * share), form), 'AUDIO_UNDECODABLE');
    });

    it('is refused when only its start is there', async () => {
      for (const length of [12, 40, 100])
        await refused(decoded(bytes.subarray(0, length), form), 'AUDIO_UNDECODABLE');
    });
  });

describe('decodeAudio() of MP3', () => {
  needing(lacking(CLIP, 'lame'));
  let bytes: Buffer;

  before(() => {
    bytes = encoded(LAME);
  });

  it('refuses random bytes after a frame', async () => {
    const noise = Buffer.from(bytes);
    for (let at = 200; at < noise.length; at++) noise[at] = (at * 7_919) % 251;
    await refused(decodeAudio(noise, never()), 'AUDIO_UNDECODABLE');
    await refused(decodeAudio(Buffer.concat([bytes.subarray(0, 4), noise]), never()), 'AUDIO_UNDECODABLE');
  });

  it('refuses a hole', async () => {
    const holed = Buffer.from(bytes);
    holed.fill(0, 20_000, 20_900);
    await refused(decodeAudio(holed, never()), 'AUDIO_UNDECODABLE');
  });

  it('passes over tags at both ends', async () => {
    const picture = Buffer.alloc(5_000, 0xff);
    const id3 = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, picture.length >> 7, picture.length & 0x7f]);
    const tagged = Buffer.concat([id3, picture, bytes, Buffer.from('TAG'.padEnd(128, ' '))]);
    const [plain, found] = await Promise.all([decodeAudio(bytes, never()), decodeAudio(tagged, never())]);
    expect(largestDifference(found.channels[0]!, plain.channels[0]!)).to.equal(0);
    expect(audioLengthMs(tagged)).to.be.closeTo(1_000 * CLIP_SECONDS, 150);
  });

  it('takes one whose encoder did not tell its length for as long as it is', async () => {
    const bare = encoded({ ...LAME, args: ['--quiet', '-t', 'IN', 'OUT'] });
    const { channels } = await decodeAudio(bare.subarray(0, bare.length / 2), never());
    expect(channels[0]!.length / 16_000).to.be.closeTo(CLIP_SECONDS / 2, 0.1);
    expect(audioLengthMs(bare)).to.be.closeTo(1_000 * CLIP_SECONDS, 150);
  });

  it('takes two recordings one after the other, and refuses another rate behind the first', async () => {
    const twice = await decodeAudio(Buffer.concat([bytes, bytes]), never());
    expect(twice.channels[0]!.length / 44_100).to.be.closeTo(2 * CLIP_SECONDS, 0.25);
    const other = encoded(FORMS[1]!);
    await refused(decodeAudio(Buffer.concat([bytes, other]), never()), 'AUDIO_UNDECODABLE');
  });
});

describe('decodeAudio() of Ogg', () => {
  needing(lacking(CLIP, 'opusenc'));

  it('ends Opus where its last page says, within the last packet', async () => {
    const { channels } = await decodeAudio(encoded(OPUSENC), never());
    expect(channels[0]).to.have.length(CLIP_SECONDS * 48_000);
  });

  it('refuses a damaged page, a missing page and a second stream', async () => {
    const bytes = encoded(OPUSENC);
    const damaged = Buffer.from(bytes);
    damaged[bytes.length / 2] = 255 - damaged[bytes.length / 2]!;
    await refused(decodeAudio(damaged, never()), 'AUDIO_UNDECODABLE');
    const second = bytes.indexOf('OggS', bytes.indexOf('OggS', 4) + 4);
    const third = bytes.indexOf('OggS', second + 4);
    const gap = Buffer.concat([bytes.subarray(0, second), bytes.subarray(third)]);
    const refusal = await refused(decodeAudio(gap, never()), 'AUDIO_UNDECODABLE');
    expect(refusal.message).to.match(/page 2 is missing/);
    await refused(decodeAudio(Buffer.concat([bytes, bytes]), never()), 'AUDIO_UNDECODABLE');
  });
});

describe('decoders of broken audio', () => {
  needing(lacking(CLIP, 'lame', 'opusenc', 'ffmpeg', 'oggenc'));

  for (const form of FORMS.filter(({ name }) => /lame|enc|flac/.test(name)))
    it(`give ${form.name} as it is or refuse it`, async () => {
      const bytes = encoded(form);
      for (let turn = 1; turn <= 30; turn++) {
        const broken = Buffer.from(bytes);
        for (let hit = 1; hit <= 1 + (turn % 4); hit++) {
          // Half of the hits in the headers.
          const range = turn % 2 === 0 ? 300 : broken.length;
          broken[(turn * 7_919 + hit * 104_729) % range] = (turn * 31 + hit * 17) & 0xff;
        }
        await decoded(broken, form).catch((error: unknown) => {
          expect(error).to.have.property('reason', 'AUDIO_UNDECODABLE');
        });
      }
    });
});

describe('decodeAudio() without ffmpeg', () => {
  const path = process.env['PATH'];

  before(() => {
    process.env['PATH'] = '/nowhere';
  });

  after(() => {
    process.env['PATH'] = path;
  });

  it('names it and how to get it', async () => {
    const m4a = Buffer.from('\0\0\0\x20ftypM4A \0\0\0\0', 'latin1');
    const webm = Buffer.from('\x1a\x45\xdf\xa3....', 'latin1');
    for (const [bytes, what] of [
      [m4a, /M4A or MP4/],
      [webm, /WebM/],
      [Buffer.from('some text'), /neither WAV, FLAC, MP3/],
    ] as const) {
      const { message, metadata } = await refused(decodeAudio(bytes, never()), 'AUDIO_UNDECODABLE');
      expect(message).to.match(what);
      expect(metadata['cure']).to.match(/ffmpeg/);
    }
  });
});

describe('decodeAudio() by ffmpeg', () => {
  needing(lacking('ffmpeg'));

  it('reads no other file that the audio names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'secret-'));
    try {
      const secret = join(folder, 'secret.ts');
      const tone = ['-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'aac', secret];
      expect(spawnSync('ffmpeg', ['-loglevel', 'error', ...tone]).status).to.equal(0);
      const lists = [
        `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:1,\n${secret}\n#EXT-X-ENDLIST\n`,
        `ffconcat version 1.0\nfile '${secret}'\n`,
      ];
      for (const list of lists) await refused(decodeAudio(Buffer.from(list), never()), 'AUDIO_UNDECODABLE');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses text and noise', async () => {
    const noise = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i * 31) % 253));
    await refused(decodeAudio(Buffer.from('no audio at all'.repeat(100)), never()), 'AUDIO_UNDECODABLE');
    await refused(decodeAudio(noise, never()), 'AUDIO_UNDECODABLE');
  });
});
