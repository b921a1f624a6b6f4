import type { NetworkView } from '../domain/network-view.js';
import type { Policy } from '../domain/score/policy.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { MinerProbe } from './miner-probe.js';
import { observedRatings } from './observed-ratings.js';
import type { MinerObservation } from './ports/observation.js';
import type { TaskFeed } from './ports/task-feed.js';
import type { Reputation } from './reputation.js';
import { REPORT_INTERVAL_MS } from './settings.js';
import { timedSignal } from '../runtime/wait.js';

/** Most miners of one report. */
const MAX_MINERS = 1024;
const REPORT_TIMEOUT_MS = 5_000;

export interface MinerReporterDeps {
  readonly feed: TaskFeed;
  readonly probe: MinerProbe;
  readonly reputation: Reputation;
  readonly policy: Policy;
  readonly network: NetworkView;
  readonly clock: Clock;
  readonly log: Logger;
  readonly holder: string;
  readonly signal: AbortSignal;
}

/** Tells the proxy what was measured of the miners: at each change, and every half minute. */
export class MinerReporter {
  private reporting: Promise<void> | undefined;
  private again = false;
  private cancelTimer: () => void = () => undefined;

  constructor(private readonly deps: MinerReporterDeps) {
    deps.signal.addEventListener('abort', () => {
      this.cancelTimer();
    });
  }

  /** Reports now; while a report is on its way, once more after it. */
  report(): void {
    if (this.deps.signal.aborted) return;
    this.cancelTimer();
    if (this.reporting !== undefined) {
      this.again = true;
      return;
    }
    this.again = false;
    this.reporting = this.send().finally(() => {
      this.reporting = undefined;
      if (this.again) this.report();
      else this.later();
    });
  }

  private later(): void {
    if (this.deps.signal.aborted) return;
    this.cancelTimer = this.deps.clock.after(REPORT_INTERVAL_MS, () => {
      this.report();
    });
  }

  /** Never rejects: the next report replaces one that got lost. */
  private async send(): Promise<void> {
    const { feed, network, clock, log, holder, policy, signal } = this.deps;
    const reading = network.current();
    if (reading === undefined) return;
    const timed = timedSignal(clock, REPORT_TIMEOUT_MS, signal, () => new Error('no answer'));
    try {
      const { netuid, network: name } = reading.metagraph;
      const { version: policyVersion, hash: policyHash } = policy;
      const report = { holder, policyVersion, policyHash, netuid, network: name, miners: this.observe() };
      await feed.report(report, timed.signal);
    } catch (error) {
      log.debug({ err: error }, 'the miners could not be reported');
    } finally {
      timed.release();
    }
  }

  private observe(): readonly MinerObservation[] {
    const { probe, reputation, clock } = this.deps;
    const scores = reputation.scores();
    const miners = probe.miners().slice(0, MAX_MINERS);
    return miners.map(({ hotkey, uid, stake, address, state }) => {
      const score = scores.get(hotkey);
      return {
        hotkey,
        uid,
        stake,
        reachable: state.kind === 'reachable',
        ...(state.kind === 'reachable' ? { latencyMs: state.latencyMs } : {}),
        ratings: observedRatings(reputation.all(hotkey), { nowMs: clock.wall(), miners: miners.length }),
        ...(score === undefined ? {} : { score }),
        address: `${address.host}:${address.port}`,
      };
    });
  }
}
