import type { Asked } from '../../src/validator/round.js';

/** One task of a user, with the time at which it comes. */
export interface UserTask {
  readonly atMs: number;
  readonly task: Asked;
  readonly input: () => Uint8Array;
}

/** Users of one habit. */
export interface Population {
  /** Sessions an hour. */
  readonly sessions: number;
  readonly length: (random: () => number) => number;
  readonly gapMs: (random: () => number) => number;
  readonly task: (random: () => number) => Omit<UserTask, 'atMs'>;
}

const MAX_RUN_MS = 600_000;
const within = (random: () => number, least: number, most: number) => least + random() * (most - least);
const whole = (random: () => number, least: number, most: number) =>
  Math.floor(within(random, least, most + 1));
const among = <Item>(random: () => number, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)]!;

/** Words of one to eleven letters, which is no grammar's doing. */
function words(bytes: number, random: () => number): Uint8Array {
  const text = Buffer.alloc(bytes, ' ');
  for (let at = 0; at < bytes; at += 1 + whole(random, 1, 11))
    text.fill(97 + whole(random, 0, 25), at, Math.min(bytes, at + whole(random, 1, 11)));
  return text;
}

interface Wave {
  readonly rate: number;
  readonly channels: number;
  readonly bits: number;
  /** Bytes of the format chunk: 16, or 40 with a GUID. */
  readonly formatBytes: number;
  /** Chunks between format and sound. */
  readonly between: Uint8Array;
}

function wave({ rate, channels, bits, formatBytes, between }: Wave, frames: number): Uint8Array {
  const frameBytes = (channels * bits) / 8;
  const start = 28 + formatBytes + between.length;
  const file = Buffer.alloc(start + frames * frameBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(formatBytes, 16);
  file.writeUInt16LE(formatBytes === 40 ? 0xfffe : 1, 20);
  file.writeUInt16LE(channels, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * frameBytes, 28);
  file.writeUInt16LE(frameBytes, 32);
  file.writeUInt16LE(bits, 34);
  if (formatBytes === 40) file.writeUInt16LE(1, 44);
  file.set(between, 20 + formatBytes);
  file.write('data', start - 8, 'latin1');
  file.writeUInt32LE(frames * frameBytes, start - 4);
  return file;
}

const NOTHING = new Uint8Array(0);
/** What ffmpeg writes: the name of its library. */
const FFMPEG = Buffer.concat([
  Buffer.from('LIST\x1a\0\0\0INFOISFT\x0e\0\0\0', 'latin1'),
  Buffer.from('Lavf58.76.100\0', 'latin1'),
]);

let serial = 0;
const recorded = (form: Wave, seconds: number, step: number) => {
  const frames = Math.max(1, Math.round((seconds * form.rate) / step)) * step;
  serial += 1;
  const sound = serial;
  return {
    task: { kind: 'transcription', language: 'en', maxRunMs: MAX_RUN_MS } as const,
    input: () => {
      const file = wave(form, frames);
      // No two recordings are the same.
      Buffer.from(file.buffer, file.byteOffset, file.byteLength).writeUInt32LE(sound, file.length - 4);
      return file;
    },
  };
};

/** Short utterances that a voice detector cuts at tenths of a second, several in a row. */
export const DICTATION: Population = {
  sessions: 6,
  length: (random) => whole(random, 2, 9),
  gapMs: (random) => within(random, 5_000, 40_000),
  task: (random) =>
    recorded(
      { rate: 16_000, channels: 1, bits: 16, formatBytes: 16, between: NOTHING },
      2 + 18 * random() ** 2,
      1_600,
    ),
};

/** Spoken commands, from two kinds of microphone. */
export const COMMANDS: Population = {
  sessions: 7,
  length: (random) => whole(random, 1, 5),
  gapMs: (random) => within(random, 3_000, 15_000),
  task: (random) =>
    recorded(
      {
        rate: among(random, [8_000, 16_000]),
        channels: 1,
        bits: 16,
        formatBytes: 16,
        between: NOTHING,
      },
      within(random, 1.2, 3.5),
      1,
    ),
};

/** Telephone calls, each by itself. */
export const CALLS: Population = {
  sessions: 14,
  length: () => 1,
  gapMs: () => 0,
  task: (random) =>
    recorded(
      { rate: 8_000, channels: 1, bits: 16, formatBytes: 16, between: FFMPEG },
      within(random, 20, 70),
      1,
    ),
};

/** Blocks of 1,024 samples in the form of recording programs. */
export const STUDIO: Population = {
  sessions: 4,
  length: (random) => whole(random, 1, 4),
  gapMs: (random) => within(random, 20_000, 90_000),
  task: (random) =>
    recorded(
      {
        rate: among(random, [44_100, 48_000]),
        channels: 2,
        bits: 24,
        formatBytes: 40,
        between: NOTHING,
      },
      within(random, 2, 5),
      1_024,
    ),
};

/** Has sentences read aloud, one after the other. */
export const READER: Population = {
  sessions: 5,
  length: (random) => whole(random, 2, 7),
  gapMs: (random) => within(random, 800, 8_000),
  task: (random) => {
    const bytes = whole(random, 45, 420);
    const voice = among(random, ['slt', 'f2', undefined]);
    return {
      task: {
        kind: 'tts',
        language: among(random, ['en', 'en', 'de']),
        maxRunMs: MAX_RUN_MS,
        ...(voice === undefined ? {} : { voice }),
      },
      input: () => words(bytes, random),
    };
  },
};

/** Articles in several languages. */
export const NEWS: Population = {
  sessions: 12,
  length: (random) => (random() < 0.8 ? 1 : 2),
  gapMs: (random) => within(random, 2_000, 60_000),
  task: (random) => {
    const bytes = Math.round(900 * Math.exp(2 * random()));
    const maxSentences = among(random, [3, 5, undefined]);
    return {
      task: {
        kind: 'summarization',
        language: among(random, ['en', 'en', 'es', 'fr']),
        maxRunMs: MAX_RUN_MS,
        ...(maxSentences === undefined ? {} : { maxSentences }),
      },
      input: () => words(bytes, random),
    };
  },
};

/** The tasks of several populations over a time, in their order. */
export function tasksOf(
  populations: readonly Population[],
  hours: number,
  random: () => number,
): readonly UserTask[] {
  const tasks = populations.flatMap((population) => {
    const all: UserTask[] = [];
    const { sessions } = population;
    for (let start = 0; ;) {
      start += (-Math.log(1 - random()) * 3_600_000) / sessions;
      if (start > hours * 3_600_000) return all;
      let atMs = start;
      for (let left = population.length(random); left > 0; left -= 1) {
        all.push({ atMs, ...population.task(random) });
        atMs += population.gapMs(random);
      }
    }
  });
  return tasks.sort((a, b) => a.atMs - b.atMs);
}
