import type { Score, TaskKind } from '../task.js';
import { unit } from './part.js';
import type { Policy } from './policy.js';

/** A mean in [0, 1] that the newest samples weigh most in, and how many samples there were. */
export interface MovingMean {
  readonly mean: number;
  readonly sampleCount: number;
}

/** How well a miner does one kind of work in one language. */
export interface MinerRating {
  readonly kind: TaskKind;
  readonly language: string;
  /** Absent when never measured. */
  readonly accuracy?: MovingMean;
  /** Absent when never measured. */
  readonly speed?: MovingMean;
  /** Share of questions that got a usable reply. */
  readonly reliability: MovingMean;
  /** Of the scores' parts, by name. */
  readonly parts: Readonly<Record<string, MovingMean>>;
  /** When the newest sample came, in Unix milliseconds. */
  readonly lastSampleMs: number;
}

/** What became of one question to a miner. */
export interface RatingSample {
  readonly kind: TaskKind;
  readonly language: string;
  /** Absent when there was no usable reply. */
  readonly score?: Score;
  /** Unix milliseconds. */
  readonly atMs: number;
}

/** Parts kept at most; above it those that the newest score does not have any more go. */
const MAX_PARTS = 32;

/** The rating after one more sample; what a sample does not tell stays as it was. */
export function afterSample(
  old: MinerRating | undefined,
  { kind, language, score, atMs }: RatingSample,
  policy: Policy,
): MinerRating {
  const accuracy = moved(old?.accuracy, score?.accuracy, policy);
  const speed = moved(old?.speed, score?.speed, policy);
  return {
    kind,
    language,
    ...(accuracy === undefined ? {} : { accuracy }),
    ...(speed === undefined ? {} : { speed }),
    reliability: next(old?.reliability, score === undefined ? 0 : 1, policy),
    parts: movedParts(old?.parts ?? {}, score, policy),
    lastSampleMs: atMs,
  };
}

/** Combined quality of the replies times the share of questions that got one; unmeasured accuracy counts as 0. */
export function qualityOf({ accuracy, speed, reliability }: MinerRating, { weights }: Policy): number {
  return unit(
    reliability.mean * (weights.accuracy * (accuracy?.mean ?? 0) + weights.speed * (speed?.mean ?? 0)),
  );
}

/** What to expect of a miner's next reply; without samples the policy's opinion of a stranger. */
export function expectedQuality(rating: MinerRating | undefined, policy: Policy): number {
  const { unknownPerformance, priorSamples } = policy.reputation;
  if (rating?.accuracy === undefined) return unknownPerformance * (rating?.reliability.mean ?? 1);
  return shrunk(qualityOf(rating, policy), rating.reliability.sampleCount, {
    opinion: unknownPerformance,
    worth: priorSamples,
  });
}

/** How far a miner's word counts where replies are judged by their agreement, in [0, 1]. */
export function trustIn(rating: MinerRating | undefined, policy: Policy): number {
  const { unknownTrust: opinion, priorSamples: worth } = policy.reputation;
  if (rating?.accuracy === undefined) return opinion;
  const { accuracy, reliability } = rating;
  return shrunk(accuracy.mean * reliability.mean, accuracy.sampleCount, { opinion, worth });
}

/** A mean drawn towards an opinion that is worth so many samples. */
function shrunk(
  mean: number,
  sampleCount: number,
  { opinion, worth }: { readonly opinion: number; readonly worth: number },
): number {
  const samples = sampleCount + worth;
  return samples === 0 ? opinion : unit((mean * sampleCount + opinion * worth) / samples);
}

function movedParts(
  old: Readonly<Record<string, MovingMean>>,
  score: Score | undefined,
  policy: Policy,
): Readonly<Record<string, MovingMean>> {
  if (score === undefined) return old;
  const fresh = score.parts.flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, next(old[name], value, policy)] as const],
  );
  const names = new Set(fresh.map(([name]) => name));
  const rest = Object.entries(old).filter(([name]) => !names.has(name));
  return Object.fromEntries([...fresh, ...rest].slice(0, MAX_PARTS));
}

function moved(
  old: MovingMean | undefined,
  sample: number | undefined,
  policy: Policy,
): MovingMean | undefined {
  return sample === undefined ? old : next(old, sample, policy);
}

/** The plain mean of the first samples, moving afterwards. */
function next(old: MovingMean | undefined, sample: number, { reputation }: Policy): MovingMean {
  const { mean, sampleCount } = old ?? { mean: 0, sampleCount: 0 };
  const share = Math.max(reputation.newestShare, 1 / (sampleCount + 1));
  return { mean: unit(mean + (unit(sample) - mean) * share), sampleCount: sampleCount + 1 };
}
