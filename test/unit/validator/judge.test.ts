import { expect } from 'chai';
import { POLICY } from '../../../src/domain/score/policy.js';
import type { Critique } from '../../../src/domain/score/summary/critique.js';
import type { Reply } from '../../../src/validator/asking.js';
import { createHearingBudgets } from '../../../src/validator/hearing-budget.js';
import { Judge } from '../../../src/validator/judge.js';
import { createJudges } from '../../../src/validator/judges.js';
import type { MinerReply } from '../../../src/validator/ports/miner-client.js';
import type { CriticWork, SummaryCritic } from '../../../src/validator/ports/summary-critic.js';
import { ManualClock } from './manual-clock.js';
import { memoryLog } from './memory-log.js';

const NO_ENGINES = { engines: [], missing: [] };
const SOURCE =
  'The committee met on Monday. It discussed the new bridge over the river at length. ' +
  'The bridge will cost four million and open in 2031. Several members doubted the price. ' +
  'In the end the committee approved the bridge by nine votes to two. Lunch was served at noon.';

/** A critic in memory that says the same of everything. */
class FakeCritic implements SummaryCritic {
  readonly asked: CriticWork[] = [];

  constructor(private readonly critique: Critique) {}

  criticise(work: CriticWork): Promise<Critique> {
    this.asked.push(work);
    return Promise.resolve(this.critique);
  }
}

describe('Judge of summaries', () => {
  const reply = (text: string, uid: number): Reply => ({
    kind: 'reply',
    arrivedMs: 500,
    miner: {
      uid,
      hotkey: `m${uid}`,
      stake: 1,
      freeSlots: 1,
      address: { hotkey: `m${uid}`, host: '127.0.0.1', port: 1 },
    },
    reply: answered(text),
  });
  const answered = (text: string): MinerReply => ({
    output: Buffer.from(text),
    mediaType: 'text/plain',
    model: 'm',
    segments: [],
    minerProcessingMs: 1,
    firstByteMs: 500,
    totalMs: 500,
  });
  const replies = [
    reply('The committee approved the bridge by nine votes to two.', 1),
    reply('The bridge will cost four million and open in 2031. Several members doubted the price.', 2),
  ];
  const { signal } = new AbortController();
  const judge = (critic?: SummaryCritic, maxSentences?: number, clock = new ManualClock()) =>
    new Judge(
      {
        judges: createJudges({ policy: POLICY, findEngines: () => Promise.resolve(NO_ENGINES) }),
        policy: POLICY,
        budgets: createHearingBudgets(POLICY),
        clock,
        random: () => 0.5,
        critic,
      },
      {
        kind: 'summarization',
        language: 'en',
        input: Buffer.from(SOURCE),
        audioMs: 0,
        ...(maxSentences === undefined ? {} : { maxSentences }),
      },
      memoryLog().log,
    );

  it('has the critic read each reply once, however often it is asked', async () => {
    const critic = new FakeCritic({ kind: 'given', faithful: 0.5, complete: 0.5 });
    const asked = judge(critic);
    await asked.scores(replies.slice(0, 1), signal);
    const [first, second] = await asked.scores(replies, signal);
    expect(critic.asked.map(({ source, summary }) => [source === SOURCE, summary])).to.deep.equal(
      replies.map(({ reply: { output } }) => [true, Buffer.from(output).toString()]),
    );
    for (const score of [first, second])
      expect(score?.parts.find(({ name }) => name === 'critic')?.value).to.equal(0.25);
  });

  it('waits for the critic no longer than its time for the whole task', async () => {
    const clock = new ManualClock();
    const asked: number[] = [];
    const slow: SummaryCritic = {
      async criticise({ maxMs }) {
        asked.push(maxMs);
        await new Promise<void>((resolve) => clock.after(Math.min(maxMs, 11_000), resolve));
        return { kind: 'failed', reason: 'it took longer' };
      },
    };
    const task = judge(slow, undefined, clock);
    for (const count of [1, 2]) {
      const scores = task.scores(replies.slice(0, count), signal);
      await clock.advance(11_000);
      await scores;
    }
    expect(asked).to.deep.equal([15_000, 4_000]);
  });

  it('gives nothing for a summary that is too long for the critic to read', async () => {
    const [score] = await judge(new FakeCritic({ kind: 'padded' })).scores(replies, signal);
    expect(score?.parts.find(({ name }) => name === 'critic')?.value).to.equal(0);
  });

  it('judges without a critic that fails, and says so', async () => {
    const alone = await judge().scores(replies, signal);
    const failing = judge(new FakeCritic({ kind: 'failed', reason: 'it cannot be reached' }));
    const scores = await failing.scores(replies, signal);
    expect(scores.map(({ accuracy }) => accuracy)).to.deep.equal(alone.map(({ accuracy }) => accuracy));
    expect(scores[0]?.parts.find(({ name }) => name === 'critic')?.explanation).to.equal(
      'The critic failed: it cannot be reached.',
    );
  });

  it('holds summaries to the sentences that were asked for', async () => {
    const [, free] = await judge().scores(replies, signal);
    const [, bound] = await judge(undefined, 1).scores(replies, signal);
    expect(bound?.accuracy).to.be.below((free?.accuracy ?? NaN) * 0.8);
  });
});
