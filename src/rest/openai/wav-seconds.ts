/** The format chunk of the usual encoders stands within so many bytes. */
const MAX_HEADER_BYTES = 4_096;

/**
 * Length in seconds of a WAV file by its header; undefined for anything else.
 *
 * @param head first bytes of the file
 * @param totalBytes length of the whole file
 */
export function wavSeconds(head: Uint8Array, totalBytes: number): number | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, MAX_HEADER_BYTES));
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE')
    return undefined;
  const format = bytes.indexOf('fmt ', 12, 'latin1');
  const data = bytes.indexOf('data', 12, 'latin1');
  if (format < 0 || data < format + 24 || data + 8 > bytes.length) return undefined;
  const bytesPerSecond = bytes.readUInt32LE(format + 16);
  if (bytesPerSecond === 0) return undefined;
  const present = Math.max(0, totalBytes - data - 8);
  const declared = bytes.readUInt32LE(data + 4);
  // Writers that do not know the length yet put 0 or the largest number there.
  return (declared === 0 ? present : Math.min(declared, present)) / bytesPerSecond;
}
