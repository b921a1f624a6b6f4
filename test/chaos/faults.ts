import type { Failpoint } from '../../src/runtime/failpoint.js';
import { seeded } from '../unit/score/seeded.js';

/** How often a round passes them even on a busy machine, where groups grow. */
const PASSES: Readonly<Record<Failpoint, number>> = {
  before_commit: 12,
  after_commit: 12,
  before_sync: 4,
  before_reply: 16,
  after_reply: 16,
  between_claim_and_write: 4,
};
const FAILPOINTS = Object.keys(PASSES) as Failpoint[];
/** Where the wall clock may stand, against that of the machine. */
const WALLS_MS = [0, 0, 3_600_000, -3_600_000, 45_000, -45_000];
/** Of the 20 s of a lease. */
const BEYOND_LEASE_MS = 25_000;

/** How the proxy of a round ends. */
export type ProxyEnd =
  | { readonly kind: 'killed'; readonly atMs: number }
  | { readonly kind: 'failpoint'; readonly name: Failpoint; readonly pass: number }
  | { readonly kind: 'stopped'; readonly atMs: number };

export type Fault =
  | { readonly kind: 'kill_validator' | 'stop_validator'; readonly place: number; readonly atMs: number }
  /** SIGSTOP for a while, during which its leases run out by the proxy's clock. */
  | {
      readonly kind: 'suspend_validator';
      readonly place: number;
      readonly atMs: number;
      readonly passMs: number;
    }
  | {
      readonly kind: 'cut' | 'freeze' | 'delay';
      readonly relay: 'users' | 'validators';
      readonly atMs: number;
    }
  | { readonly kind: 'set_wall_clock'; readonly wallMs: number; readonly atMs: number };

/** What goes wrong in one round; the same for the same seed. Times count from the start of the round. */
export interface Round {
  readonly seed: number;
  /** Submissions are spread over it. */
  readonly loadMs: number;
  readonly proxyEnd: ProxyEnd;
  readonly faults: readonly Fault[];
}

export const VALIDATORS = 3;

export function planRound(seed: number): Round {
  const random = seeded(seed);
  const loadMs = 600;
  const at = () => Math.round(random() * loadMs);
  const place = () => Math.floor(random() * VALIDATORS);
  const relay = () => (random() < 0.5 ? 'users' : 'validators');
  const faults: Fault[] = [];
  if (random() < 0.25) faults.push({ kind: 'kill_validator', place: place(), atMs: at() });
  if (random() < 0.05) faults.push({ kind: 'stop_validator', place: place(), atMs: at() });
  if (random() < 0.25)
    faults.push({ kind: 'suspend_validator', place: place(), atMs: at(), passMs: BEYOND_LEASE_MS });
  for (const kind of ['cut', 'freeze', 'delay'] as const)
    if (random() < 0.3) faults.push({ kind, relay: relay(), atMs: at() });
  if (random() < 0.2) faults.push({ kind: 'set_wall_clock', wallMs: pick(WALLS_MS, random()), atMs: at() });
  return { seed, loadMs, proxyEnd: planEnd(random, at), faults };
}

function planEnd(random: () => number, at: () => number): ProxyEnd {
  const lot = random();
  if (lot < 0.35) return { kind: 'killed', atMs: at() };
  if (lot < 0.43) return { kind: 'stopped', atMs: at() };
  const name = pick(FAILPOINTS, random());
  return { kind: 'failpoint', name, pass: 1 + Math.floor(random() * PASSES[name]) };
}

/** @param lot in [0, 1) */
function pick<Item>(items: readonly Item[], lot: number): Item {
  const item = items[Math.floor(lot * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}
