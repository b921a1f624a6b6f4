import type { Call } from './wire.js';

/**
 * Moves the payloads of calls into one buffer of their own, to be handed over without another copy. As
 * they are, each is a view of a larger buffer, and the whole of that would be copied with each.
 */
export function pack(calls: readonly Call[]): {
  readonly calls: readonly Call[];
  readonly transfer: ArrayBuffer[];
} {
  const size = calls.reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0);
  if (size === 0) return { calls, transfer: [] };
  const buffer = new ArrayBuffer(size);
  const all = new Uint8Array(buffer);
  let end = 0;
  const packed = calls.map((call) => {
    if (call.bytes === undefined) return call;
    const start = end;
    all.set(call.bytes, start);
    end += call.bytes.byteLength;
    return { ...call, bytes: all.subarray(start, end) };
  });
  return { calls: packed, transfer: [buffer] };
}
