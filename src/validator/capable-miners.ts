import type { Clock } from '../runtime/clock.js';
import type { AskedMiner } from './asking.js';
import type { InFlight } from './in-flight.js';
import type { MinerProbe } from './miner-probe.js';
import { canDo } from './probed-miner.js';
import type { Reputation } from './reputation.js';
import type { Asked } from './round.js';
import { CAPABLE_WAIT_MS } from './settings.js';
import { atMost, wait } from '../runtime/wait.js';

/** Between two looks for a miner that can do a task, or has a free slot. */
export const LOOK_AGAIN_MS = 1_000;

export interface CapableMinersDeps {
  readonly probe: MinerProbe;
  readonly reputation: Reputation;
  readonly inFlight: InFlight;
  readonly clock: Clock;
}

/** The miners that can do a task; waits a few seconds for one while some are not reached. */
export async function capableMiners(
  deps: CapableMinersDeps,
  { task, input, signal }: { readonly task: Asked; readonly input: Uint8Array; readonly signal: AbortSignal },
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
  { probe, reputation, inFlight }: CapableMinersDeps,
  { kind, language }: Asked,
  inputBytes: number,
): readonly AskedMiner[] {
  return probe.miners().flatMap((miner) => {
    const { state, uid, hotkey, stake, address } = miner;
    if (state.kind !== 'reachable' || !canDo(miner, { kind, language, inputBytes })) return [];
    const { capabilities, openQuestions, roundTripMs } = state;
    const rating = reputation.get(hotkey, kind, language);
    return [
      {
        uid,
        hotkey,
        stake,
        address,
        // What it said counts the questions that it had then.
        freeSlots: Math.min(
          capabilities.freeSlots + openQuestions - inFlight.open(hotkey),
          inFlight.room(hotkey),
        ),
        ...(roundTripMs === undefined ? {} : { roundTripMs }),
        ...(rating === undefined ? {} : { rating }),
      },
    ];
  });
}
