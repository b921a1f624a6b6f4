/** Spearman's rank correlation, equal values sharing their mean rank; NaN where one side has no two values. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const above = sum(x.map((rank, index) => (rank - mean) * (y[index]! - mean)));
  const below = [x, y].map((side) => sum(side.map((rank) => (rank - mean) ** 2)));
  return above / Math.sqrt(below[0]! * below[1]!);
}

function ranks(values: readonly number[]): readonly number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2);
}

export function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
