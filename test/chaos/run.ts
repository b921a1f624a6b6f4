import { parseArgs } from 'node:util';
import { playChaos } from './chaos.js';

/** Plays chaos and prints what it came to as one line of JSON; exit code 1 on any violation. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

const report = await playChaos({
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  onProgress: (progress) => {
    process.stderr.write(`${JSON.stringify(progress, withoutBytes)}\n`);
  },
});
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exitCode = report.violations.length === 0 ? 0 : 1;

/** Payloads would fill the line. */
function withoutBytes(key: string, value: unknown): unknown {
  return key === 'bytes' ? undefined : value;
}
