import type { Hotkey } from '../ids.js';
import type { WeightTerms, WeightVector } from '../weight-setter.js';
import { capped } from './cap.js';

/** The largest weight on the wire. */
const MAX_VALUE = 65_535;
/** Of a share, what comparing it in floating point may be off by. */
const ROUNDING = 1e-9;

export interface Weighed {
  readonly terms: WeightTerms;
  /** In [0, 1], by hotkey; those of hotkeys that are not on the subnet are left alone. */
  readonly averages: ReadonlyMap<string, number>;
  /** Miners that announced where they serve. */
  readonly serving: ReadonlySet<string>;
}

export type Weighing =
  | ({ readonly kind: 'vector' } & Pick<WeightVector, 'uids' | 'values'>)
  /** Nobody on the subnet has earned anything. */
  | { readonly kind: 'nothing' }
  /** No vector of what was earned fits the subnet's terms; the message says which. */
  | { readonly kind: 'unfit'; readonly message: string };

interface Miner {
  readonly uid: number;
  readonly hotkey: Hotkey;
  readonly average: number;
}

/**
 * The vector for what the miners of a subnet have earned, without the validator itself: cut to the largest share,
 * divided by the maximum, times 65,535, rounded half to even, zeros left out, by uid.
 *
 * Where the subnet wants more weights than miners have earned, others get the smallest one that there is: those that
 * earned too little for it first, then serving miners by uid, until there are just enough. Bittensor's own client
 * spreads more over everyone, validators and dead keys too, and pays all alike on a small subnet; that would be paid
 * to nobody's work, so there nothing is set.
 */
export function weigh({ terms, averages, serving }: Weighed): Weighing {
  const miners = terms.hotkeys
    .map((hotkey, uid): Miner => ({ uid, hotkey, average: averages.get(hotkey) ?? 0 }))
    .filter(({ uid }) => uid !== terms.self?.uid);
  const earning = miners.filter(({ average }) => average > 0);
  if (earning.length === 0) return { kind: 'nothing' };
  const values = new Map(encoded(earning, terms.maxShare));
  pad(values, fillers(miners, serving), terms.minAllowed);
  return fit(
    [...values].sort(([a], [b]) => a - b),
    terms,
  );
}

/** Uids and values above 0. */
function encoded(miners: readonly Miner[], maxShare: number): readonly (readonly [number, number])[] {
  const weights = capped(
    miners.map(({ average }) => average),
    maxShare,
  );
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const exact = weights.map((weight) => (weight / largest) * MAX_VALUE);
  const rounded = exact.map(halfToEven);
  // Rounding down may lift the largest above its share; rounding up cannot.
  const values = MAX_VALUE > maxShare * sum(rounded) ? exact.map(Math.ceil) : rounded;
  return miners.flatMap(({ uid }, place) => {
    const value = values[place] ?? 0;
    return value === 0 ? [] : [[uid, value] as const];
  });
}

/** Who gets the smallest weight where more are wanted, the first first. */
function fillers(miners: readonly Miner[], serving: ReadonlySet<string>): readonly number[] {
  return miners
    .filter(({ hotkey, average }) => average > 0 || serving.has(hotkey))
    .sort((a, b) => b.average - a.average || a.uid - b.uid)
    .map(({ uid }) => uid);
}

function pad(values: Map<number, number>, uids: readonly number[], minAllowed: number): void {
  for (const uid of uids) {
    if (values.size >= minAllowed) return;
    if (!values.has(uid)) values.set(uid, 1);
  }
}

function fit(pairs: readonly (readonly [number, number])[], { minAllowed, maxShare }: WeightTerms): Weighing {
  const uids = pairs.map(([uid]) => uid);
  const values = pairs.map(([, value]) => value);
  if (uids.length < minAllowed) {
    const message = `the subnet wants ${minAllowed} weights or more, and there are ${uids.length} miners to give one`;
    return { kind: 'unfit', message };
  }
  if (MAX_VALUE > maxShare * sum(values) * (1 + ROUNDING)) {
    const message = `the subnet allows no weight above ${maxShare} of all, which takes more than ${uids.length} miners that earned one`;
    return { kind: 'unfit', message };
  }
  return { kind: 'vector', uids, values };
}

/** As Python rounds: 0.5 to 0, 1.5 to 2, 2.5 to 2. */
function halfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
