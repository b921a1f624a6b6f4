import { Refusal } from '../../../src/domain/errors.js';
import { encodeWav } from '../../../src/engines/audio/wav.js';
import type { Reputation } from '../../../src/validator/reputation.js';
import { seeded } from '../score/seeded.js';
import { fedTask } from './fake-feed.js';
import { fakeMiner, reply, type FakeMiner } from './fake-miners.js';
import { working } from './working.js';

/** How good a miner is. */
export interface Grade {
  readonly hotkey: string;
  /** Share of words that it gets wrong. */
  readonly errorRate: number;
  /** Typical time of a reply. */
  readonly ms: number;
  /** Share of questions that it fails on. */
  readonly failureRate: number;
}

/** Ten miners from good to bad; speed and failures go another way than accuracy for some of them. */
export const GRADES: readonly Grade[] = Array.from({ length: 10 }, (_, grade) => ({
  hotkey: `grade-${grade}`,
  errorRate: 0.02 + 0.07 * grade,
  ms: 500 + 700 * ((grade * 7) % 10),
  failureRate: grade % 4 === 3 ? 0.15 : 0.01,
}));

const WORDS = (
  'harbour fleet market winter engine signal river garden copper letter silver bridge station morning ' +
  'paper doctor island kitchen window forest number camera village weather ticket shadow music office ' +
  'ladder pocket valley teacher butter candle driver planet orange mirror border singer'
).split(' ');

const SECONDS_PER_WORD = 0.4;

/**
 * A validator of its own works through tasks with the graded miners.
 *
 * @param seed of choice, sentences and what the miners get wrong
 * @returns what it knows of the miners in the end
 */
export async function validate(seed: number, tasks: number): Promise<Reputation> {
  const random = seeded(seed);
  let sentence: readonly string[] = [];
  const miners = GRADES.map((grade) => gradedMiner(grade, random, () => sentence));
  const { run, reputation } = await working(miners, { random });
  for (let task = 0; task < tasks; task += 1) {
    sentence = Array.from({ length: 8 + Math.floor(random() * 30) }, () => pick(random));
    const payload = { kind: 'inline', bytes: silence(sentence.length * SECONDS_PER_WORD) } as const;
    const { stragglers } = await run(fedTask('transcription', { payload }));
    await stragglers;
  }
  return reputation;
}

/** As long as the sentence takes to say; nobody listens to it. */
function silence(seconds: number): Uint8Array {
  const sampleRateHz = 8_000;
  return encodeWav({ sampleRateHz, channels: [new Float32Array(Math.round(seconds * sampleRateHz))] });
}

function gradedMiner(grade: Grade, random: () => number, sentence: () => readonly string[]): FakeMiner {
  return fakeMiner(grade.hotkey, () => {
    if (random() < grade.failureRate) return Promise.reject(new Refusal('ENGINE_FAILED', 'it broke'));
    const text = degraded(sentence(), grade.errorRate, random).join(' ');
    return Promise.resolve(reply(text, grade.ms * (0.7 + 0.6 * random())));
  });
}

/** Words replaced, left out and put in at a rate. */
export function degraded(words: readonly string[], rate: number, random: () => number): readonly string[] {
  return words.flatMap((word) => {
    if (random() >= rate) return [word];
    const kind = random();
    return kind < 0.6 ? [pick(random)] : kind < 0.8 ? [] : [word, pick(random)];
  });
}

function pick(random: () => number): string {
  return WORDS[Math.floor(random() * WORDS.length)] ?? '';
}
