import type { ScorePart } from '../task.js';
import { part, seconds, unit, unmeasured } from './part.js';
import type { Policy } from './policy.js';

/** The size of the work that a time is measured against. */
export interface WorkSize {
  /** Length of audio to transcribe; 0 for text. */
  readonly audioMs: number;
  /** Unicode code points of the text to speak or to summarize; 0 for audio. */
  readonly characters: number;
}

/** When a reply came, from the question on and by the validator's clock. */
export interface ReplyTimes {
  /** To its last byte. */
  readonly totalMs: number;
  /** To its first byte; absent means with the last one. */
  readonly firstByteMs?: number;
  /** Least round trip to the miner of late; absent when it is not known well enough. */
  readonly networkMs?: number;
}

/** A speed in [0, 1] and what it is made of. */
export interface Speed {
  readonly value: number;
  readonly parts: readonly ScorePart[];
}

/**
 * Speed of a reply: exp(-t / scale) with scale = 10 s + 0.5 per second of audio + 0.01 per character, unless the
 * policy says otherwise. A short task answered in 1 s gets about 0.9, in 10 s about 0.37; ten minutes of audio
 * answered in 60 s get about 0.82.
 *
 * t is nine tenths of the time to the last byte and one of the time to the first, less the network's round trip.
 * Users get nothing before the last byte, and a first one is sent early at no cost, so it has a small share alone.
 * The round trip is the least of the miner's recent pings. A miner may answer pings slowly on purpose, so no more is
 * taken off than the policy's bound, which changes a short task's speed by 0.02 at most, and never more than the
 * first byte of the very reply took, which no round trip can be above. What the miner says of its own time is no
 * part of it.
 */
export function speedOf(times: ReplyTimes, size: WorkSize, { speed: policy }: Policy): Speed {
  const { totalMs, networkMs } = times;
  const firstMs = Math.min(times.firstByteMs ?? totalMs, totalMs);
  const roundTripMs = Math.max(0, Math.min(networkMs ?? 0, policy.maxNetworkMs, firstMs));
  const scale = scaleOf(size, policy);
  const valueOf = (ms: number) => unit(Math.exp(-Math.max(0, ms) / 1000 / scale));
  const countedMs = policy.firstByteShare * firstMs + (1 - policy.firstByteShare) * totalMs - roundTripMs;
  const value = valueOf(countedMs);
  return {
    value,
    parts: [
      part('first_byte', valueOf(firstMs), `Its first byte came after ${seconds(firstMs)}.`),
      networkMs === undefined
        ? unmeasured('network', 'The miner was not pinged often enough to know the share of the network.')
        : part('network', roundTripMs / totalMs, `${seconds(roundTripMs)} of its time are the network's.`),
      part(
        'speed',
        value,
        `The whole reply took ${seconds(totalMs)}, of which ${seconds(countedMs)} count; work of this size scales with ${scale.toFixed(1)} s.`,
      ),
    ],
  };
}

/** How long after the question a reply may become whole and still be faster than `speed`; Infinity for ever. */
export function latestFasterMs(speed: number, size: WorkSize, { speed: policy }: Policy): number {
  if (speed <= 0) return Infinity;
  if (speed >= 1) return 0;
  const countedMs = -Math.log(speed) * scaleOf(size, policy) * 1000;
  // The most that a miner can get of first byte and round trip is to have the one when the other is over.
  return countedMs / (1 - policy.firstByteShare) + policy.maxNetworkMs;
}

/** Seconds in which the speed falls to 1 / e. */
function scaleOf({ audioMs, characters }: WorkSize, policy: Policy['speed']): number {
  const { baseSeconds, secondsPerAudioSecond, secondsPerCharacter } = policy;
  return baseSeconds + secondsPerAudioSecond * (audioMs / 1000) + secondsPerCharacter * characters;
}
