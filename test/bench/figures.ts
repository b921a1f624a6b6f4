/** What a case found: numbers with their unit in the name, and what explains them. */
export type Figures = Readonly<Record<string, unknown>>;

/** A case, as every file beside this one that measures something exports it. */
export interface BenchCase {
  readonly name: string;
  /** Whether the client's own pauses must be short, at some cost of throughput. */
  readonly shortPauses?: boolean;
  run(): Promise<Figures>;
}

/** Times in milliseconds at two places of their order. */
export interface Percentiles {
  readonly p50_ms: number;
  readonly p99_ms: number;
}

export function percentiles(timesMs: readonly number[]): Percentiles {
  const sorted = [...timesMs].sort((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.floor(sorted.length * share)] ?? NaN, 3);
  return { p50_ms: at(0.5), p99_ms: at(0.99) };
}

export function rounded(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

export function megabytes(bytes: number): number {
  return rounded(bytes / 1024 / 1024, 1);
}

/** The middle of several runs: one that the machine disturbed does not count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
