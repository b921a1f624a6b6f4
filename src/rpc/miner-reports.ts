import type { TaskKind } from '../domain/task.js';
import type { Clock } from '../runtime/clock.js';

const REPORT_MS = 10 * 60_000;
/** As many as a subnet has validator slots. */
const MAX_VALIDATORS = 64;
/** Ratings and means of parts in all reports together, about 100 bytes each. */
const MAX_NUMBERS = 500_000;

/** How well a miner does one kind of work in one language. Numbers in [0, 1] but for the count. */
export interface MinerRating {
  /** Absent when the validator named none. */
  readonly kind?: TaskKind;
  readonly language: string;
  readonly accuracy?: number;
  readonly speed?: number;
  readonly reliability: number;
  readonly sampleCount: number;
  /** Since the newest sample when the report came; absent when the validator did not say. */
  readonly sampleAgeMs?: number;
  readonly parts: readonly PartMean[];
}

/** Moving mean in [0, 1] of one part of the scores. */
export interface PartMean {
  readonly name: string;
  readonly mean: number;
  readonly sampleCount: number;
}

/** What one validator measured of one miner. */
export interface MinerObservation {
  readonly hotkey: string;
  readonly uid: number;
  readonly reachable: boolean;
  readonly latencyMs?: number;
  readonly ratings: readonly MinerRating[];
  /** In [0, 1] over all ratings; absent when the validator never asked the miner. */
  readonly score?: number;
  /** `host:port`; empty when not known. */
  readonly address: string;
  /** TAO. */
  readonly stake: number;
}

/** What one validator measured of the network. */
export interface MinerReport {
  readonly validator: string;
  /** Empty when the validator did not say. */
  readonly policyVersion: string;
  /** Empty when the validator did not say. */
  readonly policyHash: string;
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

interface Stored {
  readonly report: MinerReport;
  readonly storedMs: number;
  /** Ratings and means of parts in it. */
  readonly numbers: number;
}

export function createMinerReports(clock: Clock): MinerReports {
  /** In order of arrival. */
  const reports = new Map<string, Stored>();
  const forget = () => {
    let numbers = [...reports.values()].reduce((sum, stored) => sum + stored.numbers, 0);
    for (const [validator, stored] of reports) {
      const isFresh = clock.now() - stored.storedMs < REPORT_MS;
      // The newest stays, however large: it is within the limit of one message.
      const fits = reports.size <= MAX_VALIDATORS && (numbers <= MAX_NUMBERS || reports.size === 1);
      if (isFresh && fits) break;
      reports.delete(validator);
      numbers -= stored.numbers;
    }
  };
  return {
    store(report) {
      reports.delete(report.validator);
      reports.set(report.validator, { report, storedMs: clock.now(), numbers: numbersIn(report) });
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

function numbersIn({ miners }: MinerReport): number {
  const ratings = miners.flatMap((miner) => miner.ratings);
  return ratings.reduce((sum, { parts }) => sum + 1 + parts.length, 0);
}
