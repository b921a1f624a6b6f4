import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Installation } from '../support/installation.js';
import { RunningProgram } from '../support/program.js';
import type { ClockShift } from './arm-failpoints.js';

const ARM = new URL('./arm-failpoints.js', import.meta.url).href;

/** The clocks of all proxies of a run, one after the other. */
export class ProxyClock {
  readonly file: string;
  #shift: ClockShift = { passedMs: 0, wallMs: 0 };

  constructor(directory: string) {
    this.file = join(directory, 'clock.json');
    this.#set(this.#shift);
  }

  pass(byMs: number): void {
    this.#set({ ...this.#shift, passedMs: this.#shift.passedMs + byMs });
  }

  setWall(wallMs: number): void {
    this.#set({ ...this.#shift, wallMs });
  }

  #set(shift: ClockShift): void {
    this.#shift = shift;
    // A proxy that reads it meanwhile finds the one or the other.
    writeFileSync(`${this.file}.new`, JSON.stringify(shift));
    renameSync(`${this.file}.new`, this.file);
  }
}

/** A proxy as a process of its own, which waits before its database until it is let go. */
export class ProxyProcess {
  readonly #program: RunningProgram;
  readonly #go: string;

  /** @param killAt `<failpoint>:<pass>` */
  constructor(
    installation: Installation,
    clock: ProxyClock,
    { name, killAt }: { name: string; killAt?: string },
  ) {
    this.#go = join(installation.dataDir, `${name}.go`);
    const env = {
      CHAOS_GO: this.#go,
      CHAOS_CLOCK: clock.file,
      ...(killAt !== undefined && { CHAOS_KILL_AT: killAt }),
    };
    const args = [
      'proxy',
      ...installation.listeners,
      '--data_dir',
      installation.dataDir,
      '--shutdown.grace',
      '2',
      '--webhooks.allow_private',
    ];
    this.#program = new RunningProgram(args, env, { nodeFlags: ['--import', ARM] });
  }

  get exited(): Promise<number | null> {
    return this.#program.exited;
  }

  /** Opens the database and resolves when the proxy is ready; false when it was killed before. */
  async letGo(): Promise<boolean> {
    writeFileSync(this.#go, '');
    const ready = this.#program.line(({ msg }) => msg === 'proxy is ready').then(() => true);
    const killed = this.exited.then((code) => {
      if (code === null) return false;
      throw new Error(`a proxy ended with ${code}: ${this.#program.complaints.join(' | ')}`);
    });
    const isReady = await Promise.race([ready.catch(() => killed), killed]);
    rmSync(this.#go);
    return isReady;
  }

  /** Reads the clock's file again. */
  tick(): void {
    void this.#program.kill('SIGUSR2');
  }

  kill(): Promise<number | null> {
    return this.#program.kill('SIGKILL');
  }

  /** Asks it to stop; resolves with its exit code. */
  stop(): Promise<number | null> {
    return this.#program.stop();
  }
}
