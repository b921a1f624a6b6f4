import { mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sizeOf, syncFolder } from '../durable-file.js';

export interface JournalOptions {
  readonly file: string;
  /** Above it a new file is begun. */
  readonly maxFileBytes: number;
  /** Files kept, the one that is written among them. */
  readonly maxFiles: number;
}

/**
 * Lines of JSON, only ever appended. When the file is full it becomes `<file>.1`, what was that `<file>.2` and so on;
 * the last is overwritten. A line that a crash cut short stays, alone on its line.
 */
export class Journal {
  constructor(private readonly options: JournalOptions) {}

  /** Durable when it resolves. One at a time. @throws Error of the system, such as ENOSPC */
  async append(record: unknown): Promise<void> {
    const { file, maxFileBytes } = this.options;
    const line = `${JSON.stringify(record)}\n`;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const size = (await sizeOf(file)) ?? 0;
    if (size > 0 && size + Buffer.byteLength(line) > maxFileBytes) await this.rotate();
    const handle = await open(file, 'a+', 0o600);
    try {
      await handle.appendFile((await endsALine(handle)) ? line : `\n${line}`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncFolder(dirname(file));
  }

  private async rotate(): Promise<void> {
    const { file, maxFiles } = this.options;
    const name = (age: number): string => (age === 0 ? file : `${file}.${age}`);
    for (let age = maxFiles - 2; age >= 0; age -= 1)
      if ((await sizeOf(name(age))) !== undefined) await rename(name(age), name(age + 1));
  }
}

async function endsALine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return true;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === '\n';
}
