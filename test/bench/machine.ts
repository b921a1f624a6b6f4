import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { benchDisk } from './disk.js';
import { megabytes, type Figures } from './figures.js';

/** What the figures were found on; without it they say nothing. */
export function machine(): Figures {
  return {
    commit: commit(),
    date: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cpu_count: cpus().length,
      memory_mb: megabytes(totalmem()),
      file_system: benchDisk().fileSystem,
    },
    node: process.version,
  };
}

/** The checked-out commit, marked when files differ from it; null outside a checkout. */
function commit(): string | null {
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, {
      cwd: new URL('.', import.meta.url).pathname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const id = git('rev-parse', 'HEAD');
    return git('status', '--porcelain', '--untracked-files=no') === '' ? id : `${id}-changed`;
  } catch {
    return null;
  }
}
