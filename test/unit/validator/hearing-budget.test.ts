import { expect } from 'chai';
import { HearingBudget } from '../../../src/validator/hearing-budget.js';
import { OwnTranscript } from '../../../src/validator/own-transcript.js';
import type { Judges } from '../../../src/validator/judges.js';
import { ManualClock } from './manual-clock.js';

const POLICY = { sampledShare: 0.1, minReplies: 3, maxCostShare: 0.05, creditSeconds: 60 };
const { signal } = new AbortController();

describe('HearingBudget', () => {
  it('allows five minutes on a credit of one, and no recording that costs hours of credit', () => {
    const budget = new HearingBudget(POLICY);
    expect(budget.allows(300_000)).to.equal(true);
    expect(budget.allows(300_001)).to.equal(false);
  });

  it('allows nothing before what was overdrawn is earned again', () => {
    const budget = new HearingBudget(POLICY);
    budget.spend(70_000);
    expect(budget.allows(1_000)).to.equal(false);
    budget.earn(200_000);
    expect(budget.allows(1_000)).to.equal(false);
    budget.earn(1_000);
    expect(budget.allows(1_000)).to.equal(true);
  });
});

describe('OwnTranscript', () => {
  async function heard(audioMs: number): Promise<string | undefined> {
    const judges = { transcribe: () => Promise.resolve('what was said') } as unknown as Judges;
    const deps = { judges, budget: new HearingBudget(POLICY), clock: new ManualClock() };
    return new OwnTranscript(deps, { audio: new Uint8Array(1), audioMs, language: 'en' }).text(1_000, signal);
  }

  it('is of short recordings alone', async () => {
    expect(await heard(60_000)).to.equal('what was said');
    expect(await heard(25 * 60_000)).to.equal(undefined);
  });
});
