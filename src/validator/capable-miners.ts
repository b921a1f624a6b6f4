import type { Clock } from '../runtime/clock.js';
import type { AskedMiner } from './asking.js';
import { canDo, type MinerProbe } from './miner-probe.js';
import type { FedTask } from './ports/task-feed.js';
import type { Reputation } from './reputation.js';
import { CAPABLE_WAIT_MS } from './settings.js';
import { atMost, wait } from './wait.js';

/** Between two looks for a miner that can do a task, or has a free slot. */
export const LOOK_AGAIN_MS = 1_000;

export interface CapableMinersDeps {
  readonly probe: MinerProbe;
  readonly reputation: Reputation;
  readonly clock: Clock;
}

/** The miners that can do a task; waits a few seconds for one while some are not reached. */
export async function capableMiners(
  deps: CapableMinersDeps,
  {
    task,
    input,
    signal,
  }: { readonly task: FedTask; readonly input: Uint8Array; readonly signal: AbortSignal },
): Promise<readonly AskedMiner[]> {
  const { probe, clock } = deps;
  const end = clock.now() + CAPABLE_WAIT_MS;
  const inputBytes = input.byteLength;
  let found = find(deps, task, inputBytes);
  while (found.length === 0) {
    await atMost(clock, end - clock.now(), probe.refresh(), signal);
    signal.throwIfAborted();
    found = find(deps, task, inputBytes);
    const allReached = probe.miners().every(({ state }) => state.kind === 'reachable');
    if (found.length > 0 || allReached || clock.now() + LOOK_AGAIN_MS > end) return found;
    await wait(clock, LOOK_AGAIN_MS, signal);
    signal.throwIfAborted();
  }
  return found;
}

function find(
  { probe, reputation }: CapableMinersDeps,
  { kind, language }: FedTask,
  inputBytes: number,
): readonly AskedMiner[] {
  return probe.miners().flatMap((miner) => {
    const { state, uid, hotkey, stake, address } = miner;
    if (state.kind !== 'reachable' || !canDo(miner, { kind, language, inputBytes })) return [];
    const { capabilities, roundTripMs } = state;
    const rating = reputation.get(hotkey, kind, language);
    return [
      {
        uid,
        hotkey,
        stake,
        address,
        freeSlots: capabilities.freeSlots,
        ...(roundTripMs === undefined ? {} : { roundTripMs }),
        ...(rating === undefined ? {} : { rating }),
      },
    ];
  });
}
