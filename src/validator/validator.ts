import type { EngineCatalog } from '../engines/engine.js';
import type { NetworkView } from '../domain/network-view.js';
import type { Policy } from '../domain/score/policy.js';
import type { WeightSetter } from '../domain/weight-setter.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { Challenges } from './challenge/challenges.js';
import { QuestionMaker } from './challenge/question-maker.js';
import { RecentTasks } from './challenge/recent-tasks.js';
import { createHearingBudgets } from './hearing-budget.js';
import { Heartbeat } from './heartbeat.js';
import { InFlight } from './in-flight.js';
import type { Judges } from './judges.js';
import { MinerProbe } from './miner-probe.js';
import { MinerReporter } from './miner-reporter.js';
import type { MinerClient } from './ports/miner-client.js';
import type { ReputationStore } from './ports/reputation-store.js';
import type { WeightLedger } from './ports/weight-ledger.js';
import type { SummaryCritic } from './ports/summary-critic.js';
import type { PolledFeed, TaskFeed } from './ports/task-feed.js';
import { canDo } from './probed-miner.js';
import { ProxyLink } from './proxy-link.js';
import { Reputation } from './reputation.js';
import { ReputationKeeper } from './reputation-keeper.js';
import type { RoundDeps } from './round.js';
import type { ValidatorSettings } from './settings.js';
import { StreamSession } from './stream-session.js';
import { WeightAccount } from './weights/weight-account.js';
import { WeightLoop } from './weights/weight-loop.js';
import { Workbench } from './workbench.js';
import { workTask } from './work-task.js';

export interface ValidatorDeps {
  readonly feed: TaskFeed;
  readonly polled: PolledFeed;
  readonly miners: MinerClient;
  readonly network: NetworkView;
  readonly judges: Judges;
  readonly policy: Policy;
  readonly reputationStore: ReputationStore;
  /** Absent where weights cannot be set. */
  readonly weights?: WeightDeps;
  readonly critic?: SummaryCritic;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** The same, that nobody can foresee: of what miners must not guess. */
  readonly secret: () => number;
  /** Called once at most, for the voices of own questions. */
  readonly findEngines: () => Promise<EngineCatalog>;
  readonly log: Logger;
  readonly settings: ValidatorSettings;
}

export interface WeightDeps {
  readonly setter: WeightSetter;
  readonly ledger: WeightLedger;
  /** Whether the first weights wait for neither a tempo nor enough scored tasks. */
  readonly now: boolean;
  /** Makes it a dry run: vectors go here, and nothing is set. */
  readonly print?: (text: string) => void;
}

/** Takes tasks from a proxy, has miners do them, and settles each with the best reply. */
export interface Validator {
  /** Resolves when every miner was asked once; tasks are taken from then on, also while the proxy is away. */
  start(): Promise<void>;
  /** Takes nothing more, gives back what is being worked on, settles what is ready. Idempotent. */
  stop(graceMs: number): Promise<void>;
}

export function createValidator(deps: ValidatorDeps): Validator {
  const { clock, random, log, network, settings, policy, judges } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const reputation = new Reputation(policy);
  const keeper = new ReputationKeeper({ reputation, store: deps.reputationStore, clock, log });
  const inFlight = new InFlight();
  const weights = weightLoop(deps, reputation);
  const probe = new MinerProbe({
    client: deps.miners,
    network,
    inFlight,
    clock,
    random,
    log,
    self: settings.holder,
    onChange: () => {
      if (settings.enableProxyIntegration) reporter.report();
    },
  });
  const { maxInFlight, holder } = settings;
  const onRecorded = (): void => {
    reputation.present(
      probe.miners().map(({ hotkey }) => hotkey),
      clock.wall(),
    );
    keeper.changed();
  };
  const recent = new RecentTasks();
  const giveWay = (): void => challenges.giveWay();
  const round = roundDeps(deps, {
    probe,
    reputation,
    inFlight,
    onRecorded,
    onScored: () => weights?.scored(),
    onWaiting: giveWay,
  });
  const workbench = new Workbench({
    work: (work) => {
      recent.note(work.task, work.input, clock.now());
      return workTask(round, work);
    },
    maxInFlight,
    onFull: giveWay,
    clock,
    random,
    log,
  });
  const challenges = new Challenges({
    settings: settings.challenges,
    recent,
    maker: new QuestionMaker(deps),
    ask: (work) => workTask(round, work),
    canBeAsked: (shape) => probe.miners().some((miner) => canDo(miner, shape)),
    room: () => workbench.room,
    clock,
    secret: deps.secret,
    log,
  });
  const { feed } = deps;
  const reporter = new MinerReporter({ ...deps, probe, reputation, holder, signal });
  const link = new ProxyLink({
    polled: deps.polled,
    workbench,
    clock,
    random,
    log,
    address: settings.proxyServerUrl,
    checkIntervalMs: settings.proxyCheckIntervalMs,
  });
  const heartbeat = new Heartbeat({ feed, workbench, clock, log, signal });
  const onStarted = (): void => {
    link.started();
    reporter.report();
  };
  const stream = new StreamSession({
    feed,
    workbench,
    heartbeat,
    clock,
    log,
    holder,
    maxInFlight,
    onStarted,
  });
  let running: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;

  const stop = async (graceMs: number): Promise<void> => {
    // The heartbeat ends last: leases must live until their tasks are settled or given back.
    taking.abort();
    await challenges.stop();
    await weights?.stop();
    await workbench.stop(graceMs);
    stopping.abort();
    await running;
    await probe.stop();
    await keeper.stop();
    await judges.close();
    feed.close();
    deps.miners.close();
  };
  const taking = new AbortController();

  return {
    async start() {
      await keeper.load();
      await probe.start();
      if (!taking.signal.aborted) await weights?.start();
      if (taking.signal.aborted) return;
      challenges.start();
      if (settings.enableProxyIntegration) running = link.run(stream, taking.signal);
      else log.info('proxy integration is off: no tasks are taken');
    },
    stop(graceMs) {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };
}

function weightLoop({ weights, ...deps }: ValidatorDeps, reputation: Reputation): WeightLoop | undefined {
  if (weights === undefined) return undefined;
  const { ledger, ...rest } = weights;
  return new WeightLoop({ ...deps, ...rest, reputation, account: new WeightAccount({ ...deps, ledger }) });
}

function roundDeps(
  { miners: client, judges, critic, policy, clock, random, settings }: ValidatorDeps,
  parts: Pick<RoundDeps, 'probe' | 'reputation' | 'inFlight' | 'onRecorded' | 'onScored' | 'onWaiting'>,
): RoundDeps {
  const { answers, minersPerTask } = settings;
  const judge = { judges, critic, policy, budgets: createHearingBudgets(policy), clock, random };
  return { ...parts, client, judge, policy, answers, clock, random, minersPerTask };
}
