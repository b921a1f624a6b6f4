import type { AnswerPolicy } from '../../../src/domain/answer-policy.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import { createJudges, type Judges } from '../../../src/validator/judges.js';
import { MinerProbe } from '../../../src/validator/miner-probe.js';
import { createHearingBudgets } from '../../../src/validator/hearing-budget.js';
import { Reputation } from '../../../src/validator/reputation.js';
import type { Worked } from '../../../src/validator/round.js';
import { workTask } from '../../../src/validator/work-task.js';
import type { FedTask } from '../../../src/validator/ports/task-feed.js';
import { FakeMiners, type FakeMiner } from './fake-miners.js';
import { ManualClock } from './manual-clock.js';
import { memoryLog, type LogLine } from './memory-log.js';

/** All that a validator does for a task but the proxy: choice, questions, judging, reputation. */
export interface Working {
  readonly clock: ManualClock;
  readonly probe: MinerProbe;
  readonly reputation: Reputation;
  readonly lines: LogLine[];
  readonly run: (task: FedTask) => Promise<Worked>;
}

export interface WorkingOptions {
  readonly judges?: Partial<Judges>;
  readonly answers?: AnswerPolicy;
  readonly random?: () => number;
  readonly clock?: ManualClock;
}

/** Ready to work, its miners pinged once. */
export async function working(list: FakeMiner[], options: WorkingOptions = {}): Promise<Working> {
  const {
    answers = { kind: 'best', graceMs: 2000 },
    random = () => 0.5,
    clock = new ManualClock(),
  } = options;
  const miners = new FakeMiners(list, clock);
  const { log, lines } = memoryLog();
  const reputation = new Reputation(POLICY);
  const onChange = () => undefined;
  const probe = new MinerProbe({ client: miners, network: miners.network(), clock, log, self: '', onChange });
  await probe.refresh();
  const findEngines = () => Promise.resolve({ engines: [], missing: [] });
  const judges = { ...createJudges({ policy: POLICY, findEngines }), ...options.judges };
  const budgets = createHearingBudgets(POLICY);
  const deps = {
    client: miners,
    probe,
    reputation,
    onRecorded: () => undefined,
    judge: { judges, critic: undefined, policy: POLICY, budgets, clock, random },
    policy: POLICY,
    answers,
    clock,
    random,
    minersPerTask: 3,
  };
  const { signal } = new AbortController();
  return {
    clock,
    probe,
    reputation,
    lines,
    run: (task) => {
      if (task.payload.kind !== 'inline') throw new Error('only inline inputs here');
      return workTask(deps, { task, input: task.payload.bytes, signal, log, onProgress: () => undefined });
    },
  };
}
