import { mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** `f_type` of statfs(2), in hexadecimal digits. */
const FILE_SYSTEMS: Readonly<Record<string, string>> = {
  ef53: 'ext4',
  '1021994': 'tmpfs',
  '858458f6': 'ramfs',
  '58465342': 'xfs',
  '9123683e': 'btrfs',
  '2fc12fc1': 'zfs',
  '794c7630': 'overlayfs',
};
const IN_MEMORY = ['tmpfs', 'ramfs'];

/** A directory for databases whose fsync reaches a disk, and what file system it is on. */
export interface BenchDisk {
  readonly directory: string;
  readonly fileSystem: string;
}

/** The directory for temporary files; where that is memory, one beside the compiled tests. */
export function benchDisk(): BenchDisk {
  const fileSystem = fileSystemOf(tmpdir());
  if (!IN_MEMORY.includes(fileSystem)) return { directory: tmpdir(), fileSystem };
  const directory = fileURLToPath(new URL('../../../.bench/', import.meta.url));
  mkdirSync(directory, { recursive: true });
  return { directory, fileSystem: fileSystemOf(directory) };
}

function fileSystemOf(directory: string): string {
  const type = (statfsSync(directory).type >>> 0).toString(16);
  return FILE_SYSTEMS[type] ?? type;
}
