import { toldSeconds } from '../engines/audio/length.js';

/** Bytes a second of what is not understood: speech at 32 kbit/s, so that lengths are rather over- than underrated. */
const UNKNOWN_BYTES_PER_SECOND = 4_000;
/** Bytes a second of the densest speech: Opus at 6 kbit/s takes half as much again. */
const LEAST_BYTES_PER_SECOND = 500;

/**
 * Length of encoded audio in milliseconds, from its headers alone: exact but for MP3 that does not tell it, and rather
 * too long where nothing is told. It sets deadlines and the scale of speed; nothing is decoded, and a header that lies
 * gains nothing beyond the time that the same bytes could hold.
 */
export function audioLengthMs(audio: Uint8Array): number {
  const told = toldSeconds(audio);
  const seconds =
    told === undefined || !(told > 0)
      ? audio.byteLength / UNKNOWN_BYTES_PER_SECOND
      : Math.min(told, audio.byteLength / LEAST_BYTES_PER_SECOND);
  return seconds * 1_000;
}
