import type { Metagraph } from './network-view.js';

/** What a validator's share of the work goes by. */
export const BALANCES = ['equal', 'capacity', 'stake'] as const;
export type Balance = (typeof BALANCES)[number];

/** A session as its share is reckoned. */
export interface Weighed {
  /** Hotkey or name of the validator. */
  readonly holder: string;
  /** At least 1. */
  readonly maxInFlight: number;
}

/** The weight of a session, above 0: with twice the weight it holds twice as much. */
export type Weigh = (session: Weighed) => number;

/** @param current the last good picture of the subnet, of which `stake` reads the stakes */
export function weighBy(balance: Balance, current: () => Metagraph | undefined): Weigh {
  switch (balance) {
    case 'equal':
      return () => 1;
    case 'capacity':
      return ({ maxInFlight }) => maxInFlight;
    case 'stake':
      return weighByStake(current);
  }
}

/** Every claim compares all streams, so each picture is read once. */
function weighByStake(current: () => Metagraph | undefined): Weigh {
  let read: Metagraph | undefined;
  let stakes = stakesOf(undefined);
  return ({ holder }) => {
    const metagraph = current();
    if (metagraph !== read) {
      read = metagraph;
      stakes = stakesOf(metagraph);
    }
    return stakes.known.get(holder) ?? stakes.smallest;
  };
}

/** Nobody is left without work: a holder without stake weighs as much as the smallest one that has any. */
function stakesOf(metagraph: Metagraph | undefined) {
  const known = new Map<string, number>();
  for (const { hotkey, stake } of metagraph?.neurons ?? []) if (stake > 0) known.set(hotkey, stake);
  const smallest = Math.min(...known.values());
  return { known, smallest: Number.isFinite(smallest) ? smallest : 1 };
}

/** What can be served, and how much of it is in use. */
export interface Loaded {
  /** Share of its capacity in use, at least 0. */
  load(): number;
}

/** The least loaded one, any of several that are equal; undefined of none. @param random in [0, 1) */
export function leastLoaded<Candidate extends Loaded>(
  candidates: readonly Candidate[],
  random: () => number,
): Candidate | undefined {
  let least = Infinity;
  let best: Candidate[] = [];
  for (const candidate of candidates) {
    const load = candidate.load();
    if (load > least) continue;
    if (load < least) best = [];
    least = load;
    best.push(candidate);
  }
  return best[Math.floor(random() * best.length)];
}
