import type { SessionId } from '../domain/ids.js';
import type { TaskKind } from '../domain/task.js';
import type { Delivery } from './session.js';

/** Deliveries of one session, oldest first. */
export interface Heap {
  readonly session: SessionId;
  readonly deliveries: readonly Delivery[];
}

/** A stream that found nothing pending. */
export interface Idler {
  /** Tasks it has room for, at least 1. */
  readonly room: number;
  /** Empty means every kind. */
  readonly kinds: readonly TaskKind[];
}

/**
 * What is taken back so that idle streams have work: half of what each session sits on, the largest heap
 * first, the latest deliveries of it, and no more than the idle ones have room for.
 */
export function reclaims(heaps: readonly Heap[], idlers: readonly Idler[]): readonly Heap[] {
  let room = idlers.reduce((sum, idler) => sum + idler.room, 0);
  const taken: Heap[] = [];
  for (const { session, deliveries } of [...heaps].sort(byHeight)) {
    const wanted = deliveries.filter(({ kind }) => idlers.some((idler) => takes(idler, kind)));
    const count = Math.min(Math.ceil(deliveries.length / 2), wanted.length, room);
    if (count === 0) continue;
    room -= count;
    taken.push({ session, deliveries: wanted.slice(-count) });
  }
  return taken;
}

function byHeight(a: Heap, b: Heap): number {
  return b.deliveries.length - a.deliveries.length;
}

function takes({ kinds }: Idler, kind: TaskKind): boolean {
  return kinds.length === 0 || kinds.includes(kind);
}
