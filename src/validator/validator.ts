import type { NetworkView } from '../domain/network-view.js';
import type { Policy } from '../domain/score/policy.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { createHearingBudgets } from './hearing-budget.js';
import { Heartbeat } from './heartbeat.js';
import type { Judges } from './judges.js';
import { MinerProbe } from './miner-probe.js';
import { MinerReporter } from './miner-reporter.js';
import type { MinerClient } from './ports/miner-client.js';
import type { ReputationStore } from './ports/reputation-store.js';
import type { SummaryCritic } from './ports/summary-critic.js';
import type { PolledFeed, TaskFeed } from './ports/task-feed.js';
import { ProxyLink } from './proxy-link.js';
import { Reputation } from './reputation.js';
import { ReputationKeeper } from './reputation-keeper.js';
import type { RoundDeps } from './round.js';
import type { ValidatorSettings } from './settings.js';
import { StreamSession } from './stream-session.js';
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
  readonly critic?: SummaryCritic;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly settings: ValidatorSettings;
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
  const probe = new MinerProbe({
    client: deps.miners,
    network,
    clock,
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
  const round = roundDeps(deps, { probe, reputation, onRecorded });
  const workbench = new Workbench({
    work: (task) => workTask(round, task),
    maxInFlight,
    clock,
    random,
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
      if (taking.signal.aborted) return;
      if (settings.enableProxyIntegration) running = link.run(stream, taking.signal);
      else log.info('proxy integration is off: no tasks are taken');
    },
    stop(graceMs) {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };
}

function roundDeps(
  { miners: client, judges, critic, policy, clock, random, settings }: ValidatorDeps,
  parts: Pick<RoundDeps, 'probe' | 'reputation' | 'onRecorded'>,
): RoundDeps {
  const { answers, minersPerTask } = settings;
  const judge = { judges, critic, policy, budgets: createHearingBudgets(policy), clock, random };
  return { ...parts, client, judge, policy, answers, clock, random, minersPerTask };
}
