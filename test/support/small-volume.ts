import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Context } from 'mocha';
import { firstLine, skipSuite } from './skip-suite.js';

const run = promisify(execFile);

/** A file system of a few megabytes that a test can fill. */
export class SmallVolume {
  private constructor(readonly directory: string) {}

  /** Skips the tests where none can be made: it takes Linux and the right to mount. */
  static async mount(sizeBytes: number, context: Context): Promise<SmallVolume> {
    const directory = await mkdtemp(join(tmpdir(), 'audio-subnet-volume-'));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', directory]);
      return new SmallVolume(directory);
    } catch (error) {
      await rm(directory, { recursive: true });
      return skipSuite(context, `no tmpfs can be mounted here, ${firstLine(error)}`);
    }
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.directory);
    return bavail * bsize;
  }

  /** Fills it until so many bytes are free. */
  async fill(leaveBytes = 0): Promise<void> {
    await writeFile(join(this.directory, 'filler'), Buffer.alloc(0));
    const bytes = (await this.freeBytes()) - leaveBytes;
    if (bytes > 0) await writeFile(join(this.directory, 'filler'), Buffer.alloc(bytes, 1));
  }

  /** Makes the room again that `fill` took. */
  async makeRoom(): Promise<void> {
    await rm(join(this.directory, 'filler'), { force: true });
  }

  async dispose(): Promise<void> {
    await run('umount', ['--lazy', this.directory]);
    await rm(this.directory, { recursive: true });
  }
}
