import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { runInThread } from './case-thread.js';
import { CASES } from './cases.js';
import { rounded, type BenchCase, type Figures } from './figures.js';
import { machine } from './machine.js';

/** Exit codes: 0 every case has its figures, 1 one failed or broke a promise, 2 wrong usage. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { out: { type: 'string' } },
    allowPositionals: true,
  });
  const unknown = positionals.find((wanted) => !CASES.some(({ name }) => name === wanted));
  if (unknown !== undefined) {
    process.stderr.write(`no case ${unknown}; there are ${CASES.map(({ name }) => name).join(', ')}\n`);
    return 2;
  }
  const chosen = CASES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const found = machine();
  const cases: Record<string, Figures> = {};
  for (const one of chosen) cases[one.name] = await measure(one);
  const report = `${JSON.stringify({ ...found, cases }, null, 2)}\n`;
  process.stdout.write(report);
  if (values.out !== undefined) writeFileSync(values.out, report);
  return Object.values(cases).some((figures) => 'error' in figures) ? 1 : 0;
}

async function measure(one: BenchCase): Promise<Figures> {
  process.stderr.write(`${one.name} …\n`);
  const start = performance.now();
  // Of a busy machine the figures say little: what else ran in the last minute stands beside them.
  const load_average = rounded(loadavg()[0] ?? NaN, 2);
  const figures = await (one.shortPauses ? runInThread(one) : one.run()).catch((error: unknown) => ({
    error: String(error),
  }));
  return { ...figures, seconds: rounded((performance.now() - start) / 1000, 1), load_average };
}

process.exit(await main(process.argv.slice(2)));
