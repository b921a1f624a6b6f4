import type { TaskKind } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';

const REPORT_MS = 10 * 60_000;
/** As many as a subnet has validator slots. */
const MAX_VALIDATORS = 64;

/** How well a miner does one kind of work in one language. Numbers in [0, 1] but for the count. */
export interface MinerRating {
  /** Absent when the validator named none. */
  readonly kind?: TaskKind;
  readonly language: string;
  readonly accuracy?: number;
  readonly speed?: number;
  readonly reliability: number;
  readonly sampleCount: number;
}

/** What one validator measured of one miner. */
export interface MinerObservation {
  readonly hotkey: string;
  readonly uid: number;
  readonly reachable: boolean;
  readonly latencyMs?: number;
  readonly ratings: readonly MinerRating[];
  /** `host:port`; empty when not known. */
  readonly address: string;
  /** TAO. */
  readonly stake: number;
}

/** What one validator measured of the network. */
export interface MinerReport {
  readonly validator: string;
  readonly netuid: number;
  readonly network: string;
  readonly miners: readonly MinerObservation[];
}

export interface AgedReport extends MinerReport {
  readonly ageMs: number;
}

/** The newest report of each validator, for ten minutes. */
export interface MinerReports {
  store(report: MinerReport): void;
  /** Newest first. */
  current(): readonly AgedReport[];
}

export function createMinerReports(clock: Clock): MinerReports {
  /** In order of arrival. */
  const reports = new Map<string, { readonly report: MinerReport; readonly storedMs: number }>();
  const forget = () => {
    for (const [validator, { storedMs }] of reports) {
      if (clock.now() - storedMs < REPORT_MS && reports.size <= MAX_VALIDATORS) break;
      reports.delete(validator);
    }
  };
  return {
    store(report) {
      reports.delete(report.validator);
      reports.set(report.validator, { report, storedMs: clock.now() });
      forget();
    },
    current() {
      forget();
      return [...reports.values()]
        .map(({ report, storedMs }) => ({ ...report, ageMs: clock.now() - storedMs }))
        .reverse();
    },
  };
}
