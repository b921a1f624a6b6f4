import { expect } from 'chai';
import { POLICY } from '../../../../src/domain/score/policy.js';
import type { SummaryReply } from '../../../../src/domain/score/summary.js';
import type { Score } from '../../../../src/domain/task.js';
import { judgeSummaries, SOURCE } from './judged.js';

describe('a critic', () => {
  const given = (faithful: number, complete: number) => ({ kind: 'given', faithful, complete }) as const;
  const failed = { kind: 'failed', reason: 'it did not answer in time' } as const;
  const summary =
    'Harbour master Ingrid Solberg said that the pilots were trained on a simulator in Rotterdam.';
  const scores = (critiques: readonly SummaryReply['critique'][]) =>
    judgeSummaries(
      { text: SOURCE, language: 'en' },
      critiques.map((critique) => ({
        text: summary,
        totalMs: 1000,
        ...(critique === undefined ? {} : { critique }),
      })),
    );
  const criticOf = (score: Score | undefined) => score?.parts.find(({ name }) => name === 'critic');

  it('takes its share of the accuracy', () => {
    const [without] = scores([undefined]);
    const [half] = scores([given(0.5, 1)]);
    expect(criticOf(without)).to.equal(undefined);
    expect(criticOf(half)?.value).to.equal(0.5);
    expect(half?.accuracy).to.be.closeTo((without?.accuracy ?? NaN) * (1 - 0.7 * 0.5), 1e-9);
  });

  it('that failed says why and changes nothing', () => {
    const [without] = scores([undefined]);
    const [score] = scores([failed]);
    expect(criticOf(score)).to.deep.equal({
      name: 'critic',
      explanation: 'The critic failed: it did not answer in time.',
    });
    expect(score?.accuracy).to.equal(without?.accuracy);
  });

  it('that failed on a reply leaves it the middle of the others', () => {
    const [unjudged, low, middle] = scores([failed, given(0.2, 0.5), given(0.6, 0.5), given(1, 1)]);
    expect(criticOf(unjudged)).to.deep.equal({
      name: 'critic',
      explanation:
        'The critic failed: it did not answer in time; 30 %, the middle of the others, counts instead.',
    });
    expect(unjudged?.accuracy)
      .to.equal(middle?.accuracy)
      .and.to.be.above(low?.accuracy ?? NaN);
  });

  it('counts for the others when it failed on one', () => {
    const [alone] = scores([given(0.2, 0.2)]);
    const [beside] = scores([given(0.2, 0.2), failed]);
    expect(beside).to.deep.equal(alone);
  });

  it('stays in [0, 1] whatever it says', () => {
    for (const [faithful, complete] of [
      [NaN, 1],
      [-1, 5],
      [Infinity, 1],
    ] as const)
      expect(criticOf(scores([given(faithful, complete)])[0])?.value).to.be.within(0, 1);
  });
});

const SPEED_PARTS = ['first_byte', 'network', 'speed'];

describe('every part of a summary’s score', () => {
  it('has its cost in the policy', () => {
    const critique = { kind: 'given', faithful: 1, complete: 1 } as const;
    const [score] = judgeSummaries({ text: SOURCE, language: 'en' }, [
      { text: 'Larger ships can enter.', totalMs: 1000, critique },
    ]);
    const names = score?.parts.map(({ name }) => name).filter((name) => !SPEED_PARTS.includes(name));
    expect(names).to.have.members(Object.keys(POLICY.summary.costs));
  });
});
