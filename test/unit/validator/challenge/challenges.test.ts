import { expect } from 'chai';
import { Challenges, type ChallengesDeps } from '../../../../src/validator/challenge/challenges.js';
import { challengesPerHour } from '../../../../src/validator/challenge/challenge-rate.js';
import { RecentTasks } from '../../../../src/validator/challenge/recent-tasks.js';
import type { Work, Worked } from '../../../../src/validator/round.js';
import { seeded } from '../../score/seeded.js';
import { ManualClock, settle } from '../manual-clock.js';
import { memoryLog } from '../memory-log.js';

const DONE: Worked = {
  outcome: { kind: 'released', reason: '' },
  responses: [],
  stragglers: Promise.resolve(),
};
const TASK = { kind: 'tts', language: 'en', maxRunMs: 1000 } as const;
const HOUR_MS = 3_600_000;
const MAKER: ChallengesDeps['maker'] = {
  prepare: () => Promise.resolve(),
  canMake: ({ kind }) => kind === 'tts',
  make: (shape) => Promise.resolve({ shape, input: Buffer.alloc(1) }),
};

describe('challengesPerHour()', () => {
  const cases: readonly (readonly [string, number, number, number])[] = [
    ['makes up for users who ask less', 6, 2, 4],
    ['asks all where users ask nothing', 6, 0, 6],
    ['has its share where users ask more', 6, 90, 10],
  ];
  for (const [name, perHour, users, expected] of cases) {
    it(name, () => {
      expect(challengesPerHour({ perHour, share: 0.1 }, users)).to.be.closeTo(expected, 1e-9);
    });
  }

  it('asks nothing where nothing is wanted', () => {
    expect(challengesPerHour({ perHour: 0, share: 0 }, 1000)).to.equal(0);
  });
});

describe('Challenges', () => {
  let clock: ManualClock;
  let recent: RecentTasks;
  let asked: { readonly work: Work; readonly atMs: number }[];
  let challenges: Challenges;

  beforeEach(() => {
    clock = new ManualClock();
    recent = new RecentTasks();
    asked = [];
  });
  afterEach(async () => {
    await challenges.stop();
    expect(clock.waiting).to.equal(0);
  });

  const start = (changed: Partial<ChallengesDeps> = {}) => {
    const random = seeded(1);
    challenges = new Challenges({
      settings: { perHour: 60, share: 0 },
      recent,
      maker: {
        prepare: () => Promise.resolve(),
        canMake: ({ kind }) => kind === 'tts',
        make: (shape) => Promise.resolve({ shape, input: Buffer.from(String(random())) }),
      },
      ask: (work) => {
        asked.push({ work, atMs: clock.now() });
        return Promise.resolve(DONE);
      },
      canBeAsked: () => true,
      room: () => 8,
      clock,
      secret: random,
      log: memoryLog().log,
      ...changed,
    });
    challenges.start();
  };
  const advance = async (hours: number) => {
    for (let minutes = 0; minutes < hours * 60; minutes += 5) await clock.advance(HOUR_MS / 12);
  };

  it('asks at random times: the waits are exponential, and nothing in the first minutes', async () => {
    recent.note(TASK, Buffer.alloc(100), -100 * HOUR_MS);
    start({ settings: { perHour: 6, share: 0 } });
    await clock.advance(119_000);
    expect(asked).to.have.length(0);
    await advance(100);
    expect(asked.length / 100).to.be.within(4.5, 7.5);
    const gaps = asked.slice(1).map(({ atMs }, place) => atMs - (asked[place]?.atMs ?? 0) - 120_000);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const spread = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    // Of an exponential time the deviation is the mean.
    expect(spread / mean).to.be.within(0.8, 1.2);
  });

  it('asks as often as is wanted, before any user was seen too', async () => {
    start({ settings: { perHour: 360, share: 0 }, maker: { ...MAKER, canMake: () => true } });
    await advance(2);
    expect(asked.length / 2).to.be.within(280, 440);
  });

  it('asks nothing while users ask enough, and nothing at all where nothing is wanted', async () => {
    for (let task = 0; task < 400; task += 1) recent.note(TASK, Buffer.alloc(100), 0);
    start();
    await advance(1);
    expect(asked).to.have.length(0);
    await challenges.stop();
    start({ settings: { perHour: 0, share: 0 } });
    await settle();
    expect(clock.waiting).to.equal(0);
  });

  it('asks in sessions like those of users, with their options and about their sizes and gaps', async () => {
    const users = [
      { atMs: -200 * HOUR_MS, task: { ...TASK, voice: 'slt' }, bytes: 100 },
      { atMs: -200 * HOUR_MS + 10_000, task: TASK, bytes: 1_000 },
    ];
    for (const { atMs, task, bytes } of users) recent.note(task, Buffer.alloc(bytes), atMs);
    start({ settings: { perHour: 4, share: 0 } });
    await advance(4);
    expect(asked.length).to.be.at.least(4);
    const [first, second] = asked;
    expect(first?.work.task).to.deep.include({ kind: 'tts', language: 'en', voice: 'slt', maxRunMs: 1000 });
    expect(second?.work.task.voice).to.equal(undefined);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).to.be.within(9_000, 11_000);
  });

  it('keeps nothing of what users say', () => {
    recent.note(TASK, Buffer.from('My password is swordfish'), 0);
    expect(JSON.stringify(recent)).to.not.include('swordfish');
  });

  it('makes nothing where all that users ask is beyond it', async () => {
    recent.note({ ...TASK, kind: 'transcription' }, Buffer.alloc(100), -100 * HOUR_MS);
    start();
    await advance(2);
    expect(asked).to.have.length(0);
  });

  it('asks nothing while there is no room for tasks of users', async () => {
    start({ room: () => 0 });
    await advance(2);
    expect(asked).to.have.length(0);
  });

  it('gives up what is being answered for the sake of users, and asks on later', async () => {
    const signals: AbortSignal[] = [];
    start({
      ask: ({ signal }) => {
        signals.push(signal);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      },
    });
    await advance(2);
    const open = signals.length;
    expect(open).to.equal(4);
    challenges.giveWay();
    await settle();
    expect(signals.every(({ aborted }) => aborted)).to.equal(true);
    await advance(2);
    expect(signals.length).to.be.above(open);
  });

  it('goes on when a question cannot be made, or fails', async () => {
    let calls = 0;
    start({
      maker: {
        prepare: () => Promise.resolve(),
        canMake: () => true,
        make: (shape) => {
          calls += 1;
          if (calls % 2 === 0) return Promise.reject(new Error('the voice is hoarse'));
          return Promise.resolve({ shape, input: Buffer.alloc(1) });
        },
      },
      ask: (work) => {
        asked.push({ work, atMs: clock.now() });
        return Promise.reject(new Error('no miner'));
      },
    });
    await advance(3);
    expect(asked.length).to.be.above(5);
  });
});
