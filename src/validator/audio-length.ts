/** Bytes a second of what is not understood: speech at 32 kbit/s, so that lengths are rather over- than underrated. */
const UNKNOWN_BYTES_PER_SECOND = 4_000;

/**
 * Length of encoded audio in milliseconds, from its header alone: exact for FLAC and for WAV, else rather too long.
 * It sets deadlines and the scale of speed; nothing is decoded, and a header that lies gains nothing beyond the
 * time that the same bytes could hold.
 */
export function audioLengthMs(audio: Uint8Array): number {
  const bytes = Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength);
  const longest = (bytes.length / UNKNOWN_BYTES_PER_SECOND) * 1000;
  const told = wavMs(bytes) ?? flacMs(bytes);
  return told === undefined || !(told > 0) ? longest : Math.min(told, Math.max(longest, bytes.length));
}

/** Data bytes over the byte rate of the format chunk. */
function wavMs(bytes: Buffer): number | undefined {
  if (bytes.length < 44 || bytes.toString('latin1', 0, 4) !== 'RIFF') return undefined;
  const format = bytes.subarray(0, 4096).indexOf('fmt ', 12, 'latin1');
  if (format < 0 || format + 20 > bytes.length) return undefined;
  const byteRate = bytes.readUInt32LE(format + 16);
  return byteRate === 0 ? undefined : (bytes.length / byteRate) * 1000;
}

/** Samples over the sample rate of the STREAMINFO block. */
function flacMs(bytes: Buffer): number | undefined {
  if (bytes.length < 42 || bytes.toString('latin1', 0, 4) !== 'fLaC') return undefined;
  const rate = bytes.readUIntBE(18, 3) >> 4;
  const samples = (bytes.readUInt8(21) & 0x0f) * 2 ** 32 + bytes.readUInt32BE(22);
  return rate === 0 || samples === 0 ? undefined : (samples / rate) * 1000;
}
