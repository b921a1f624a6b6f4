import { statfs } from 'node:fs/promises';
import type { Clock } from './clock.js';
import type { Logger } from './logger.js';

/** How often the volumes are looked at. */
export const LOOK_MS = 1_000;
const GIBIBYTE = 1024 ** 3;
/** Part of a small volume that is kept free. */
const FLOOR_PART = 0.05;

/** A directory's volume as it was last seen. */
export interface Volume {
  /** What the directory holds, such as `database`. */
  readonly holds: string;
  readonly directory: string;
  /** What this process may still use. */
  readonly freeBytes: number;
  readonly floorBytes: number;
}

export interface FreeSpaceOptions {
  /** Directories by what they hold. */
  readonly directories: Readonly<Record<string, string>>;
  /** Free space below which a volume is low; absent leaves it to the volume's size. */
  readonly minFreeBytes?: number;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** Looks at the free space of volumes once a second, so that asking for it costs no system call. */
export class FreeSpace {
  readonly #options: FreeSpaceOptions;
  #volumes: readonly Volume[] = [];
  #low: Volume | undefined;
  #blind = false;
  #stopped = false;
  #cancel: () => void = () => undefined;

  constructor(options: FreeSpaceOptions) {
    this.#options = options;
  }

  /** Looks for the first time, and again until it is stopped. @throws Error of the system when it cannot */
  async start(): Promise<void> {
    this.#tell(await this.#read());
    this.#lookLater();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  get volumes(): readonly Volume[] {
    return this.#volumes;
  }

  /** The first volume below its floor. */
  get low(): Volume | undefined {
    return this.#low;
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(LOOK_MS, () => {
      void this.#look().finally(() => {
        this.#lookLater();
      });
    });
  }

  /** A volume that cannot be looked at counts as it was before: a wrong guess would refuse or lose work. */
  async #look(): Promise<void> {
    try {
      this.#tell(await this.#read());
      this.#blind = false;
    } catch (error) {
      if (!this.#blind)
        this.#options.logger.warn({ err: error }, 'the free space of the disk cannot be read');
      this.#blind = true;
    }
  }

  #read(): Promise<Volume[]> {
    const { directories, minFreeBytes } = this.#options;
    return Promise.all(
      Object.entries(directories).map(async ([holds, directory]) => {
        const { bavail, bsize, blocks } = await statfs(directory);
        const floorBytes = minFreeBytes ?? defaultFloor(blocks * bsize);
        return { holds, directory, freeBytes: bavail * bsize, floorBytes };
      }),
    );
  }

  #tell(volumes: readonly Volume[]): void {
    const { logger } = this.#options;
    const before = this.#low;
    this.#volumes = volumes;
    this.#low = volumes.find(({ freeBytes, floorBytes }) => freeBytes < floorBytes);
    if (before === undefined && this.#low !== undefined)
      logger.warn({ ...this.#low }, 'the disk is nearly full: new tasks and uploads are refused');
    if (before !== undefined && this.#low === undefined)
      logger.info(
        { ...volumes.find(({ holds }) => holds === before.holds) },
        'the disk has room again: new tasks and uploads are accepted',
      );
  }
}

/** 1 GiB, or 5 % of a volume for which that is less. */
export function defaultFloor(totalBytes: number): number {
  return Math.min(GIBIBYTE, Math.floor(totalBytes * FLOOR_PART));
}
