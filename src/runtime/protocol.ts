/** How every HTTP/2 connection begins; no method of HTTP/1.1 does. */
const PREFACE = Buffer.from('PRI');

/** Which protocol a connection speaks by its first bytes; undefined while they do not tell. */
export function protocolOf(first: Uint8Array): 'http1' | 'http2' | undefined {
  const known = Math.min(first.length, PREFACE.length);
  if (!PREFACE.subarray(0, known).equals(first.subarray(0, known))) return 'http1';
  return known === PREFACE.length ? 'http2' : undefined;
}
