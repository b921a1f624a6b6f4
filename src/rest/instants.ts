import type { Duration } from '../../gen/ts/google/protobuf/duration.js';
import type { Timestamp } from '../../gen/ts/google/protobuf/timestamp.js';

/** RFC 3339 in UTC with microseconds, such as `2025-08-20T09:30:00.000123Z`; null when unset. */
export function instant(time: Timestamp | undefined): string | null {
  if (time === undefined) return null;
  const seconds = new Date(Number(time.seconds) * 1000).toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length);
  const micros = Math.floor(time.nanos / 1000);
  return `${seconds}.${String(micros).padStart(6, '0')}Z`;
}

/** Seconds with a fraction; null when unset. */
export function seconds(span: Duration | undefined): number | null {
  return span === undefined ? null : Number(span.seconds) + span.nanos / 1e9;
}

/** @param value seconds, finite; kept to the microsecond */
export function duration(value: number): Duration {
  const micros = Math.round(value * 1e6);
  return { seconds: BigInt(Math.trunc(micros / 1e6)), nanos: (micros % 1e6) * 1000 };
}
