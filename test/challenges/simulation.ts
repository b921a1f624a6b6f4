import { createHash } from 'node:crypto';
import { POLICY } from '../../src/domain/score/policy.js';
import { encodeWav } from '../../src/engines/audio/wav.js';
import { writeWave } from '../../src/engines/audio/wave-form.js';
import type { EngineCatalog } from '../../src/engines/engine.js';
import type { makeRecording } from '../../src/engines/recording/make-recording.js';
import type { ChallengeSettings } from '../../src/validator/challenge/challenge-rate.js';
import { Challenges } from '../../src/validator/challenge/challenges.js';
import { QuestionMaker } from '../../src/validator/challenge/question-maker.js';
import { RecentTasks } from '../../src/validator/challenge/recent-tasks.js';
import type { Work } from '../../src/validator/round.js';
import { seeded } from '../unit/score/seeded.js';
import { fakeMiner, replies } from '../unit/validator/fake-miners.js';
import { ManualClock, until } from '../unit/validator/manual-clock.js';
import { working } from '../unit/validator/working.js';
import type { Example } from './classifier.js';
import { tasksOf, type Population } from './populations.js';
import { WireTap, withTimes, type Seen } from './wire-tap.js';

export interface Simulation {
  readonly populations: readonly Population[];
  readonly hours: number;
  readonly seed: number;
  /** Gives own questions away, in a way that the classifiers have to find. */
  readonly tell?: (work: Work) => Work;
  /** The share of own questions; as many as of users by default. */
  readonly settings?: ChallengeSettings;
  /** Real voices and recordings in place of silence of the same lengths. */
  readonly engines?: EngineCatalog;
}

/** What one miner sees of users and of as many own questions of the validator, over a real connection. */
export async function simulate(options: Simulation): Promise<readonly Example[]> {
  const { populations, hours, seed, tell = (work: Work): Work => work, engines } = options;
  const random = seeded(seed);
  const clock = new ManualClock();
  const tap = new WireTap(clock);
  await tap.open();
  const sent = new Map<string, { readonly atMs: number; readonly label: boolean }>();
  const own = new Set<Uint8Array>();
  const miner = fakeMiner('tapped', replies('unused'));
  miner.can = (['transcription', 'tts', 'summarization'] as const).map((kind) => ({
    kind,
    languages: ['en', 'de', 'es', 'fr'],
    engine: 'tap',
    model: '',
  }));
  let pending = 0;
  const harness = await working([miner], {
    clock,
    random,
    minersPerTask: 1,
    judges: { judge: ({ replies: all }) => Promise.resolve(all.map(() => NO_SCORE)) },
    query: async (_address, task, query) => {
      sent.set(hash(task.input), { atMs: clock.now(), label: own.has(task.input) });
      pending += 1;
      try {
        return await tap.query(task, query);
      } finally {
        pending -= 1;
      }
    },
  });
  const recent = new RecentTasks();
  const found = engines ?? { engines: [silentVoice(random)], missing: [] };
  const record = engines === undefined ? { record: silentRecording(random) } : {};
  let made = 0;
  const maker = new QuestionMaker({
    findEngines: () => Promise.resolve(found),
    policy: POLICY,
    secret: random,
    ...record,
  });
  const challenges = new Challenges({
    settings: options.settings ?? { perHour: 0, share: 0.5 },
    recent,
    maker: {
      prepare: () => maker.prepare(),
      canMake: (shape) => maker.canMake(shape),
      make: async (shape, signal) => {
        made += 1;
        return maker.make(shape, signal).finally(() => (made -= 1));
      },
    },
    ask: (work) => {
      const told = tell(work);
      own.add(told.input);
      return harness.ask(told);
    },
    canBeAsked: () => true,
    room: () => 8,
    clock,
    secret: random,
    log: harness.log,
  });
  challenges.start();
  const { signal } = new AbortController();
  for (const { atMs, task, input } of tasksOf(populations, hours, random)) {
    while (clock.now() < atMs) {
      // Real engines take real time, in which the clock of the simulation stands still.
      await clock.advance(Math.min(60_000, atMs - clock.now()));
      if (engines !== undefined) await idle(() => made === 0);
    }
    const bytes = input();
    recent.note(task, bytes, clock.now());
    const worked = await harness.ask({
      task,
      input: bytes,
      signal,
      log: harness.log,
      onProgress: () => undefined,
    });
    await worked.stragglers;
  }
  await idle(() => pending === 0);
  await challenges.stop();
  await tap.close();
  return labelled(tap.seen, sent);
}

function labelled(
  seen: readonly Seen[],
  sent: ReadonlyMap<string, { readonly atMs: number; readonly label: boolean }>,
): readonly Example[] {
  const known = seen
    .flatMap((one) => {
      const question = sent.get(one.inputHash);
      return question === undefined ? [] : [{ ...one, ...question }];
    })
    .sort((a, b) => a.atMs - b.atMs);
  return withTimes(known).map((features, place) => ({ features, label: known[place]!.label }));
}

async function idle(holds: () => boolean): Promise<void> {
  while (!holds()) await until(holds).catch(() => undefined);
}

export function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const NO_SCORE = {
  accuracy: 0.5,
  speed: 0.5,
  combined: 0.5,
  parts: [],
  policyVersion: '',
  policyHash: '',
};

/** A voice that says nothing for as long as one would speak. */
function silentVoice(random: () => number): EngineCatalog['engines'][number] {
  return {
    kind: 'tts',
    name: 'silent',
    model: '',
    languages: ['en', 'de', 'es', 'fr'],
    run: ({ input }) => {
      const seconds = (input.byteLength / 16.5) * (0.8 + 0.4 * random());
      const channels = [new Float32Array(Math.round(8_000 * seconds))];
      const output = encodeWav({ sampleRateHz: 8_000, channels });
      return Promise.resolve({ output, mediaType: 'audio/wav', model: 'silent', segments: [] });
    },
  };
}

function silentRecording(random: () => number): typeof makeRecording {
  return (speech, { form, frames }, { maxFill }) => {
    const fill = (speech.byteLength - 44) / 16_000 / (frames / form.sampleRateHz);
    if (fill > maxFill) return Promise.resolve({ fill });
    const channels = Array.from({ length: form.channelCount }, () => new Float32Array(frames).fill(random()));
    return Promise.resolve({ fill, audio: writeWave(form, channels) });
  };
}
