import type { WeightedMiner } from '../ports/weight-ledger.js';

const HEAD = ['uid', 'hotkey', 'score', 'average', 'weight', 'difference'] as const;

/** A table for people: one row a miner that has or had a weight. @param last the weights before, by hotkey */
export function weightTable(miners: readonly WeightedMiner[], last: ReadonlyMap<string, number>): string {
  const rows = miners
    .filter(({ hotkey, value }) => value > 0 || last.has(hotkey))
    .map(({ uid, hotkey, score, average, value }) => [
      uid === undefined ? '-' : String(uid),
      hotkey,
      score.toFixed(4),
      average.toFixed(4),
      String(value),
      signed(value - (last.get(hotkey) ?? 0)),
    ]);
  const table = [[...HEAD], ...rows];
  const widths = HEAD.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, column) =>
          column === 1 ? cell.padEnd(widths[1] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}
