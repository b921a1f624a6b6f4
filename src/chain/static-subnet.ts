import { readFile, stat } from 'node:fs/promises';
import { Refusal } from '../domain/errors.js';
import type { Metagraph, NetworkReading, NetworkView } from '../domain/network-view.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { parseStaticSubnet } from './static-subnet-file.js';

/** How often the file is looked at. */
const POLL_MS = 2_000;

export interface StaticSubnetOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * A subnet that stands in a file. The file is read again when it changed; while it cannot be read the last good
 * reading stays, growing older.
 */
export class StaticSubnet implements NetworkView {
  private good: { readonly metagraph: Metagraph; readonly version: string } | undefined;
  private checkedAt = 0;
  private problem: string | undefined;
  private stopPolling: (() => void) | undefined;
  private stopped = false;

  constructor(private readonly options: StaticSubnetOptions) {}

  /** Reads the file and keeps looking at it. @throws Refusal INVALID_FIELD when the first reading fails */
  async start(): Promise<void> {
    await this.read();
    this.pollLater();
  }

  stop(): void {
    this.stopped = true;
    this.stopPolling?.();
  }

  current(): NetworkReading | undefined {
    if (this.good === undefined) return undefined;
    return {
      metagraph: this.good.metagraph,
      ageMs: Math.max(0, this.options.clock.now() - this.checkedAt),
      connected: this.problem === undefined,
    };
  }

  /** Looks at the file now. Never throws: a problem is logged once and shown as not connected. */
  async refresh(): Promise<void> {
    const { file, log } = this.options;
    try {
      await this.read();
      if (this.problem !== undefined) log.info({ file }, 'static subnet can be read again');
      this.problem = undefined;
    } catch (error) {
      const problem = (error as Error).message;
      if (problem !== this.problem) log.warn(`${problem}; the last good reading stays`);
      this.problem = problem;
    }
  }

  private pollLater(): void {
    if (this.stopped) return;
    this.stopPolling = this.options.clock.after(POLL_MS, () => {
      void this.refresh().finally(() => {
        this.pollLater();
      });
    });
  }

  private async read(): Promise<void> {
    const { file, clock } = this.options;
    try {
      const { mtimeMs, size, ino } = await stat(file);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version !== this.good?.version)
        this.good = { metagraph: parseStaticSubnet(file, await readFile(file, 'utf8')), version };
      this.checkedAt = clock.now();
    } catch (cause) {
      if (cause instanceof Refusal) throw cause;
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
      throw new Refusal('INVALID_FIELD', `static subnet ${file}: cannot be read (${code})`, { cause });
    }
  }
}
