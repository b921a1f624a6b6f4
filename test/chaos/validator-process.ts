import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readLines } from './history-lines.js';
import type { HistoryEvent } from './history.js';
import type { ValidatorScript } from './validator.js';

const PROGRAM = new URL('./validator.js', import.meta.url).pathname;

/** A scripted validator as a process of its own, so that it can be killed and stopped. */
export class ValidatorProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(readonly script: ValidatorScript) {
    this.#child = spawn(process.execPath, [PROGRAM, JSON.stringify(script)], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    this.#exited = once(this.#child, 'exit');
  }

  /** All it wrote down so far. */
  get events(): readonly HistoryEvent[] {
    return existsSync(this.script.history) ? readLines(this.script.history) : [];
  }

  /** Has ended by itself, which it never should. */
  get broken(): boolean {
    return this.#child.exitCode !== null && this.#child.exitCode !== 0;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }
}
