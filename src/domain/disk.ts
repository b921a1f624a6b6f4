import { Refusal } from './errors.js';

/** Free space of a volume. */
export interface DiskSpace {
  readonly freeBytes: number;
  /** Free space below which new work is refused: what is left belongs to the work that was accepted. */
  readonly floorBytes: number;
}

/** Asks for the volume that is below its floor; undefined while none is. */
export type LowDisk = () => DiskSpace | undefined;

/** How a new task or upload is refused while the disk is nearly full. */
export function diskLow({ freeBytes, floorBytes }: DiskSpace): Refusal {
  return new Refusal(
    'DISK_LOW',
    `the disk has ${freeBytes} bytes left, new work needs ${floorBytes}; try again later`,
    {
      metadata: { free_bytes: String(freeBytes), floor_bytes: String(floorBytes) },
      retryAfterMs: 30_000,
    },
  );
}
