import { readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks a second in /proc, the same on every Linux. */
const TICKS = 100;

/** What the kernel says that a process uses; Linux alone. */
export class ProcessUsage {
  readonly #folder: string;

  constructor(pid: number) {
    this.#folder = `/proc/${pid}`;
  }

  /** Processor time of all its threads so far; unlike rates it says much on a busy machine too. */
  cpuMs(): number {
    // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
    const fields = this.#read('stat').split(') ')[1]?.split(' ') ?? [];
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
  }

  rssBytes(): number {
    return this.#memory('VmRSS');
  }

  /** Most resident memory since `forgetPeak`. */
  peakRssBytes(): number {
    return this.#memory('VmHWM');
  }

  forgetPeak(): void {
    writeFileSync(`${this.#folder}/clear_refs`, '5');
  }

  #memory(field: string): number {
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(this.#read('status'))?.[1]) * 1024;
  }

  #read(file: string): string {
    return readFileSync(`${this.#folder}/${file}`, 'utf8');
  }
}
