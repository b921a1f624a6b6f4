import type { AnswerPolicy } from '../../../src/domain/answer-policy.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import { createJudges, type Judges } from '../../../src/validator/judges.js';
import { InFlight } from '../../../src/validator/in-flight.js';
import { MinerProbe } from '../../../src/validator/miner-probe.js';
import { createHearingBudgets } from '../../../src/validator/hearing-budget.js';
import { Reputation } from '../../../src/validator/reputation.js';
import type { Logger } from '../../../src/runtime/logger.js';
import type { Work, Worked } from '../../../src/validator/round.js';
import { workTask } from '../../../src/validator/work-task.js';
import type { MinerClient } from '../../../src/validator/ports/miner-client.js';
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
  readonly ask: (work: Work) => Promise<Worked>;
  readonly log: Logger;
}

export interface WorkingOptions {
  readonly judges?: Partial<Judges>;
  readonly answers?: AnswerPolicy;
  readonly random?: () => number;
  readonly clock?: ManualClock;
  /** 3 by default. */
  readonly minersPerTask?: number;
  /** In place of the fake miners' own way of being asked. */
  readonly query?: MinerClient['query'];
}

/** Ready to work, its miners pinged once. */
export async function working(list: FakeMiner[], options: WorkingOptions = {}): Promise<Working> {
  const {
    answers = { kind: 'best', graceMs: 2000 },
    random = () => 0.5,
    clock = new ManualClock(),
    minersPerTask = 3,
  } = options;
  const miners = new FakeMiners(list, clock);
  if (options.query !== undefined) miners.query = options.query;
  const { log, lines } = memoryLog();
  const reputation = new Reputation(POLICY);
  const onChange = () => undefined;
  const inFlight = new InFlight();
  const network = miners.network();
  const probe = new MinerProbe({ client: miners, network, inFlight, clock, random, log, self: '', onChange });
  await probe.refresh();
  const findEngines = () => Promise.resolve({ engines: [], missing: [] });
  const judges = { ...createJudges({ policy: POLICY, findEngines }), ...options.judges };
  const budgets = createHearingBudgets(POLICY);
  const deps = {
    client: miners,
    probe,
    reputation,
    inFlight,
    onWaiting: () => undefined,
    onRecorded: () => undefined,
    onScored: () => undefined,
    judge: { judges, critic: undefined, policy: POLICY, budgets, clock, random },
    policy: POLICY,
    answers,
    clock,
    random,
    minersPerTask,
  };
  const { signal } = new AbortController();
  return {
    clock,
    probe,
    reputation,
    lines,
    log,
    ask: (work) => workTask(deps, work),
    run: (task) => {
      if (task.payload.kind !== 'inline') throw new Error('only inline inputs here');
      return workTask(deps, { task, input: task.payload.bytes, signal, log, onProgress: () => undefined });
    },
  };
}
