import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { nowMs } from '../chaos/history.js';

/** Calls at that rate for that time, evenly and whatever the calls take; the last one is under way when it resolves. */
export async function paced(perSecond: number, ms: number, call: () => void): Promise<void> {
  const startMs = nowMs();
  const count = Math.round((perSecond * ms) / 1000);
  for (let made = 0; made < count; made++) {
    const wait = startMs + (made * 1000) / perSecond - nowMs();
    // Where it is late the answers must be read all the same.
    await (wait > 0 ? pause(wait) : turn());
    call();
  }
}
