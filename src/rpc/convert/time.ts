import type { Duration } from '../../../gen/ts/google/protobuf/duration.js';
import type { Timestamp } from '../../../gen/ts/google/protobuf/timestamp.js';

const US_PER_SECOND = 1_000_000;
const MS_PER_SECOND = 1_000;
const NANOS_PER_SECOND = 1_000_000_000;

/** @param us Unix microseconds */
export function timestampFromUs(us: number): Timestamp {
  const seconds = Math.floor(us / US_PER_SECOND);
  return { seconds: BigInt(seconds), nanos: Math.floor(us - seconds * US_PER_SECOND) * 1_000 };
}

/** @returns Unix microseconds; parts of one are cut off */
export function usFromTimestamp(timestamp: Timestamp): number {
  return Number(timestamp.seconds) * US_PER_SECOND + Math.floor(timestamp.nanos / 1_000);
}

/** @param ms milliseconds; nanoseconds are kept where a double holds them */
export function durationFromMs(ms: number): Duration {
  const seconds = Math.trunc(ms / MS_PER_SECOND);
  const nanos = Math.round((ms - seconds * MS_PER_SECOND) * 1_000_000);
  const carried = Math.trunc(nanos / NANOS_PER_SECOND);
  return { seconds: BigInt(seconds + carried), nanos: nanos - carried * NANOS_PER_SECOND };
}

/** @returns milliseconds, with a fraction where the duration has one */
export function msFromDuration(duration: Duration): number {
  return Number(duration.seconds) * MS_PER_SECOND + duration.nanos / 1_000_000;
}
