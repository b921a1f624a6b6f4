import { expect } from 'chai';
import { decide, type AnswerPolicy, type Decision, type Race } from '../../../src/domain/answer-policy.js';
import { beatableUntilMs, combine, ranking } from '../../../src/domain/score/combine.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import { speedOf } from '../../../src/domain/score/speed.js';
import { seeded } from '../score/seeded.js';

const BEST = { kind: 'best', graceMs: 2000 } as const satisfies AnswerPolicy;
const FIRST_GOOD = {
  kind: 'first_good',
  goodEnough: 0.8,
  deadlineMs: 30_000,
} as const satisfies AnswerPolicy;
const BEST_OF_2: AnswerPolicy = { kind: 'best_of_k', count: 2, deadlineMs: 30_000 };
const DEADLINE: AnswerPolicy = { kind: 'deadline', deadlineMs: 30_000 };
const ALL = [BEST, FIRST_GOOD, BEST_OF_2, DEADLINE];

describe('decide()', () => {
  const race = (changed: Partial<Race>): Race => ({
    combined: [0.5],
    elapsedMs: 1000,
    firstReplyMs: 1000,
    outstanding: 1,
    beatableForMs: 60_000,
    ...changed,
  });
  const settle = (because: string) => ({ kind: 'settle', because });
  const cases: readonly (readonly [string, AnswerPolicy, Partial<Race>, unknown])[] = [
    ['best waits for the grace time', BEST, {}, { kind: 'wait', forMs: 2000 }],
    ['best waits for what is left of it', BEST, { elapsedMs: 2500 }, { kind: 'wait', forMs: 500 }],
    ['best settles at its end', BEST, { elapsedMs: 3000 }, settle('time')],
    [
      'best gives half of the time that the first reply took',
      BEST,
      { firstReplyMs: 10_000, elapsedMs: 10_000 },
      { kind: 'wait', forMs: 5000 },
    ],
    ['best settles with what cannot be beaten', BEST, { beatableForMs: 0 }, settle('value')],
    ['best looks again when nothing can beat it', BEST, { beatableForMs: 300 }, { kind: 'wait', forMs: 300 }],
    ['first_good waits for a good one', FIRST_GOOD, { combined: [0.79] }, { kind: 'wait', forMs: 29_000 }],
    ['first_good settles with it', FIRST_GOOD, { combined: [0.2, 0.8] }, settle('value')],
    ['first_good settles at the deadline', FIRST_GOOD, { elapsedMs: 30_000 }, settle('time')],
    [
      'first_good settles with what cannot be beaten',
      FIRST_GOOD,
      { combined: [0.7], beatableForMs: -1 },
      settle('value'),
    ],
    ['best_of_k waits for the k-th', BEST_OF_2, {}, { kind: 'wait', forMs: 29_000 }],
    ['best_of_k settles with it', BEST_OF_2, { combined: [0.1, 0.2] }, settle('complete')],
    ['best_of_k settles at the deadline', BEST_OF_2, { elapsedMs: 30_001 }, settle('time')],
    ['deadline waits', DEADLINE, { combined: [0.9, 0.9] }, { kind: 'wait', forMs: 29_000 }],
    ['deadline settles then', DEADLINE, { elapsedMs: 30_000 }, settle('time')],
    [
      'deadline takes the first to come after it',
      DEADLINE,
      { elapsedMs: 40_000, firstReplyMs: 40_000 },
      settle('time'),
    ],
  ];
  for (const [name, policy, changed, expected] of cases) {
    it(name, () => {
      expect(decide(policy, race(changed))).to.deep.equal(expected);
    });
  }

  for (const policy of ALL) {
    it(`${policy.kind} settles when nobody is left, and not before there is a reply`, () => {
      expect(decide(policy, race({ outstanding: 0, combined: [] }))).to.deep.equal(settle('complete'));
      const { firstReplyMs: _, ...none } = race({ combined: [], elapsedMs: 1e6 });
      expect(decide(policy, none)).to.deep.equal({ kind: 'wait' });
    });
  }
});

/** A reply as it will come. */
interface Coming {
  readonly accuracy: number;
  readonly atMs: number;
}

const SIZE = { audioMs: 0, characters: 0 };

/** Plays a question through, from event to event, and tells who won, when, and why. */
function play(policy: AnswerPolicy, coming: readonly Coming[]) {
  const ordered = coming.toSorted((a, b) => a.atMs - b.atMs);
  for (let elapsedMs = 0; ;) {
    const here = ordered.filter(({ atMs }) => atMs <= elapsedMs);
    const scores = here.map(({ accuracy, atMs }) =>
      combine(accuracy, speedOf({ totalMs: atMs }, SIZE, POLICY), [], POLICY),
    );
    const [first] = here;
    const all = scores.map(({ combined }) => combined ?? 0);
    const best = Math.max(0, ...all);
    const decision: Decision = decide(policy, {
      combined: all,
      elapsedMs,
      ...(first === undefined ? {} : { firstReplyMs: first.atMs }),
      outstanding: ordered.length - here.length,
      beatableForMs: beatableUntilMs(best, SIZE, POLICY) - elapsedMs,
    });
    if (decision.kind === 'settle')
      return {
        winner: here[ranking(scores)[0] ?? -1],
        elapsedMs,
        because: decision.because,
        count: here.length,
      };
    const next = ordered[here.length]?.atMs ?? Infinity;
    elapsedMs = Math.min(next, elapsedMs + (decision.forMs ?? Infinity));
  }
}

describe('a question under the policy', () => {
  const random = seeded(8);
  const between = (low: number, high: number) => low + random() * (high - low);

  it('best is never won by a miner that is fast and bad against one that is good within the grace time', () => {
    for (let round = 0; round < 5000; round += 1) {
      const bad: Coming = { accuracy: between(0, 0.9), atMs: random() ** 3 * 60_000 };
      const graceMs = Math.max(BEST.graceMs, bad.atMs / 2);
      const good: Coming = {
        // A tenth better is more than the speed of the grace time is worth: 0.7 * 0.1 > 0.3 * (1 - exp(-0.2)).
        accuracy: between(bad.accuracy + 0.1, 1),
        atMs: bad.atMs + between(0, graceMs - 1),
      };
      const others = Array.from({ length: round % 4 }, () => ({
        accuracy: between(0, bad.accuracy),
        atMs: between(bad.atMs, bad.atMs + 2 * graceMs),
      }));
      const { winner } = play(BEST, [bad, ...others, good]);
      expect(winner, JSON.stringify({ bad, good, others })).to.equal(good);
    }
  });

  it('best is not held up by one that would come after the grace time', () => {
    const early = { accuracy: 0.5, atMs: 1000 };
    const { winner, elapsedMs } = play(BEST, [early, { accuracy: 1, atMs: 20_000 }]);
    expect([winner, elapsedMs]).to.deep.equal([early, 3000]);
  });

  it('ends early only with the reply that would have won anyhow', () => {
    let early = 0;
    for (let round = 0; round < 5000; round += 1) {
      const coming = Array.from({ length: 2 + (round % 4) }, () => ({
        accuracy: random() < 0.5 ? 1 : random(),
        atMs: random() ** 4 * 30_000,
      }));
      for (const policy of [BEST, DEADLINE]) {
        const { winner, because } = play(policy, coming);
        if (because !== 'value') continue;
        early += 1;
        const scores = coming.map(({ accuracy, atMs }) =>
          combine(accuracy, speedOf({ totalMs: atMs }, SIZE, POLICY), [], POLICY),
        );
        expect(winner).to.equal(coming[ranking(scores)[0]!]);
      }
    }
    expect(early).to.be.above(100);
  });

  it('first_good takes the first that is good enough, best_of_k the best of the first k', () => {
    for (let round = 0; round < 2000; round += 1) {
      const coming = Array.from({ length: 4 }, () => ({ accuracy: random(), atMs: random() * 10_000 }));
      const ordered = coming.toSorted((a, b) => a.atMs - b.atMs);
      const combined = (reply: Coming) =>
        combine(reply.accuracy, speedOf({ totalMs: reply.atMs }, SIZE, POLICY), [], POLICY).combined ?? 0;
      const good = ordered.find((reply) => combined(reply) >= FIRST_GOOD.goodEnough);
      if (good !== undefined) expect(play(FIRST_GOOD, coming).winner).to.equal(good);
      const ofTwo = ordered.slice(0, 2).toSorted((a, b) => combined(b) - combined(a))[0];
      expect(play(BEST_OF_2, coming).winner).to.equal(ofTwo);
    }
  });
});
