import type { Policy } from '../domain/score/policy.js';
import { afterSample, type MinerRating, type RatingSample } from '../domain/score/rating.js';
import { scoreVector } from '../domain/score/score-vector.js';
import { TASK_KINDS, type TaskKind } from '../domain/task.js';
import type { RatedMiner } from './ports/reputation-store.js';

/** Ratings kept of one miner; the one that was sampled longest ago goes first. Kinds times languages are fewer. */
const MAX_RATINGS = 64;
/** Miners kept, those that left among them; the one that was seen longest ago goes first. */
const MAX_MINERS = 4096;
/** How long a miner that left the network is remembered: it may come back, or its announcement may lapse. */
const ABSENT_MS = 7 * 24 * 3_600_000;

interface Known {
  readonly ratings: Map<string, MinerRating>;
  /** When it last was on the network or answered, in Unix milliseconds. */
  seenMs: number;
}

/** What was measured of the miners, by hotkey, kind and language. */
export class Reputation {
  /** In the order in which they were last seen. */
  private readonly miners = new Map<string, Known>();

  constructor(private readonly policy: Policy) {}

  record(hotkey: string, sample: RatingSample): void {
    const { ratings } = this.see(hotkey, sample.atMs);
    const key = keyOf(sample.kind, sample.language);
    const rating = afterSample(ratings.get(key), sample, this.policy);
    // Deleted first, so that the map stays in the order of the newest samples.
    ratings.delete(key);
    ratings.set(key, rating);
    dropOldest(ratings, MAX_RATINGS);
  }

  get(hotkey: string, kind: TaskKind, language: string): MinerRating | undefined {
    return this.miners.get(hotkey)?.ratings.get(keyOf(kind, language));
  }

  /** By kind, then language. */
  all(hotkey: string): readonly MinerRating[] {
    const order = (rating: MinerRating) => TASK_KINDS.indexOf(rating.kind);
    return [...(this.miners.get(hotkey)?.ratings.values() ?? [])].sort(
      (a, b) => order(a) - order(b) || (a.language < b.language ? -1 : 1),
    );
  }

  /** One score a miner that was ever asked, over everything it was asked for. */
  scores(): ReadonlyMap<string, number> {
    const ratings = new Map([...this.miners].map(([hotkey, known]) => [hotkey, [...known.ratings.values()]]));
    return scoreVector(ratings, this.policy);
  }

  /** These are on the network; those that have not been for a week are forgotten. */
  present(hotkeys: Iterable<string>, nowMs: number): void {
    for (const hotkey of hotkeys) if (this.miners.has(hotkey)) this.see(hotkey, nowMs);
    for (const [hotkey, { seenMs }] of this.miners)
      if (nowMs - seenMs > ABSENT_MS) this.miners.delete(hotkey);
  }

  /** All of it, as it is at the moment of the call. */
  saved(): readonly RatedMiner[] {
    return [...this.miners].map(([hotkey, { seenMs, ratings }]) => ({
      hotkey,
      seenMs,
      ratings: [...ratings.values()],
    }));
  }

  /** Takes what was saved, before anything is recorded. */
  restore(miners: readonly RatedMiner[]): void {
    for (const { hotkey, seenMs, ratings } of miners.toSorted((a, b) => a.seenMs - b.seenMs)) {
      const known = this.see(hotkey, seenMs);
      for (const rating of ratings) known.ratings.set(keyOf(rating.kind, rating.language), rating);
      dropOldest(known.ratings, MAX_RATINGS);
    }
  }

  private see(hotkey: string, nowMs: number): Known {
    const known = this.miners.get(hotkey) ?? { ratings: new Map<string, MinerRating>(), seenMs: nowMs };
    known.seenMs = nowMs;
    this.miners.delete(hotkey);
    this.miners.set(hotkey, known);
    dropOldest(this.miners, MAX_MINERS);
    return known;
  }
}

function keyOf(kind: TaskKind, language: string): string {
  return `${kind}/${language}`;
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
