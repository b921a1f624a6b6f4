import { TASK_KINDS, type Score, type TaskKind } from '../domain/task.js';
import type { MinerRating } from './ports/observation.js';

/** Weight of the newest sample in a moving mean, once there are enough samples. */
const ALPHA = 0.1;

/** Ratings shown for one miner at most. */
const MAX_RATINGS = 64;

/** What a new sample tells. */
export interface Sample {
  readonly kind: TaskKind;
  readonly language: string;
  /** Absent when there was no usable reply. */
  readonly score?: Score;
}

/** What was measured of the miners, by hotkey, kind and language, since this process started. */
export class Ratings {
  private readonly miners = new Map<string, Map<string, MinerRating>>();

  record(hotkey: string, { kind, language, score }: Sample): void {
    const ratings = this.miners.get(hotkey) ?? new Map<string, MinerRating>();
    this.miners.set(hotkey, ratings);
    const key = `${kind}/${language}`;
    const old = ratings.get(key);
    if (old === undefined && ratings.size >= MAX_RATINGS) return;
    const count = old?.sampleCount ?? 0;
    const accuracy = mean(old?.accuracy, score?.accuracy, count);
    const speed = mean(old?.speed, score?.speed, count);
    ratings.set(key, {
      kind,
      language,
      ...(accuracy === undefined ? {} : { accuracy }),
      ...(speed === undefined ? {} : { speed }),
      reliability: mean(old?.reliability, score === undefined ? 0 : 1, count) ?? 0,
      sampleCount: count + 1,
    });
  }

  get(hotkey: string, kind: TaskKind, language: string): MinerRating | undefined {
    return this.miners.get(hotkey)?.get(`${kind}/${language}`);
  }

  /** By kind, then language. */
  all(hotkey: string): readonly MinerRating[] {
    const order = (rating: MinerRating) => TASK_KINDS.indexOf(rating.kind);
    return [...(this.miners.get(hotkey)?.values() ?? [])].sort(
      (a, b) => order(a) - order(b) || (a.language < b.language ? -1 : 1),
    );
  }

  /** Forgets miners that left the network. */
  keepOnly(hotkeys: ReadonlySet<string>): void {
    for (const hotkey of this.miners.keys()) if (!hotkeys.has(hotkey)) this.miners.delete(hotkey);
  }
}

/** The plain mean of the first samples, moving afterwards; a sample that is absent changes nothing. */
function mean(old: number | undefined, sample: number | undefined, count: number): number | undefined {
  if (old === undefined || sample === undefined) return sample ?? old;
  return old + (sample - old) * Math.max(ALPHA, 1 / (count + 1));
}
