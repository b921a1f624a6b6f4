import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
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

/** Ports that nobody listens on now, for programs that must find each other again after a restart. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
