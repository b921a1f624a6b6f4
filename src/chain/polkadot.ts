import type * as Library from '@polkadot/api';
import type { Logger } from '../runtime/logger.js';

export type Polkadot = typeof Library;

let loading: Promise<Polkadot> | undefined;
let listener: Pick<Logger, 'debug'> | undefined;

/**
 * Loads @polkadot/api, once, when a chain is configured: it takes 0.8 s and 61 MB. What it writes on the console
 * from then on becomes debug lines of the log given last.
 */
export function loadPolkadot(log: Pick<Logger, 'debug'>): Promise<Polkadot> {
  listener = log;
  loading ??= load();
  return loading;
}

function load(): Promise<Polkadot> {
  quieten();
  return import('@polkadot/api');
}

/** The library's loggers cannot be set; they write `<time> <NAME:> …` on the console. Everything else passes. */
function quieten(): void {
  for (const level of ['log', 'warn', 'error'] as const) {
    // eslint-disable-next-line no-console -- the only way to the library's lines
    const write = console[level].bind(console);
    // eslint-disable-next-line no-console -- see above
    console[level] = (...parts: readonly unknown[]) => {
      const [, name] = parts;
      const isTheirs = typeof name === 'string' && /^ *[A-Z0-9/-]+:$/.test(name);
      if (!isTheirs) write(...parts);
      else listener?.debug({ library: name.trim() }, parts.slice(2).map(textOf).join(' '));
    };
  }
}

function textOf(part: unknown): string {
  if (part instanceof Error) return part.message;
  return typeof part === 'string' ? part : JSON.stringify(part);
}
