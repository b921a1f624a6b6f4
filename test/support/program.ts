import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const MAIN = new URL('../../src/cli/main.js', import.meta.url).pathname;

/** A line of a program's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string; readonly level: string };

/** How a program is run, where that is not plainly. */
export interface Wrapping {
  /** A command that runs the program and leaves its process to us, such as `strace -D`. */
  readonly under?: readonly string[];
  readonly nodeFlags?: readonly string[];
}

/** A program of ours as a process of its own. */
export class RunningProgram {
  readonly lines: LogLine[] = [];
  /** What it wrote on standard output. */
  stdout = '';
  /** Lines on standard error that are no log. */
  readonly complaints: string[] = [];
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  #onLine: (() => void)[] = [];

  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    { under = [], nodeFlags = [] }: Wrapping = {},
  ) {
    const [command = process.execPath, ...rest] = [...under, process.execPath, ...nodeFlags, MAIN, ...args];
    this.#child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.exited = once(this.#child, 'exit').then(([code]) => code as number | null);
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
      this.#told();
    });
    if (this.#child.stderr !== null)
      createInterface(this.#child.stderr).on('line', (line) => {
        this.#read(line);
      });
    void this.exited.then(() => {
      this.#told();
    });
  }

  /** Resolves with the first line that fits, also one that came before. Rejects when the program ends first. */
  async line(fits: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = this.lines.find(fits);
      if (found !== undefined) return found;
      await this.#change(() => `no such line among: ${this.lines.map(({ msg }) => msg).join(' | ')}`);
    }
  }

  /** Id of the process while it runs. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the program did not start');
    return pid;
  }

  async output(part: string): Promise<void> {
    while (!this.stdout.includes(part)) await this.#change(() => `no ${part} in: ${this.stdout}`);
  }

  kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.exited;
  }

  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.exited;
    return this.kill('SIGTERM');
  }

  #read(line: string): void {
    if (line.startsWith('{')) this.lines.push(JSON.parse(line) as LogLine);
    else this.complaints.push(line);
    this.#told();
  }

  #told(): void {
    const waiting = this.#onLine;
    this.#onLine = [];
    for (const wake of waiting) wake();
  }

  async #change(missing: () => string): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      throw new Error(`the program ended: ${missing()}; it said: ${this.complaints.join(' | ')}`);
    await new Promise<void>((resolve) => this.#onLine.push(resolve));
  }
}

/** Below those that systems hand out for port 0, so that no other socket of the tests takes one meanwhile. */
const PORTS = { from: 10_000, to: 32_000 } as const;
const given = new Set<number>();

/** Ports that nobody listens on now, for programs that must find each other again after a restart. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    await new Promise((resolve) => server.close(resolve));
    return true;
  } catch {
    return false;
  }
}
