/** Bytes of a content that are answered: half-open, from `start` up to `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export type AskedRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  /** No byte of the content is in it. */
  | { readonly kind: 'unsatisfiable' };

const ONE_RANGE = /^bytes=(\d*)-(\d*)$/;

/**
 * What a `Range` header asks of a content (RFC 9110, section 14). What cannot be read as one range of bytes
 * asks for the whole, several ranges too; so does one whose `If-Range` names other bytes.
 *
 * @param etag strong, with its quotes
 * @param sizeBytes at least 1
 */
export function askedRange(
  headers: { readonly range?: string | undefined; readonly 'if-range'?: string | undefined },
  { etag, sizeBytes }: { readonly etag: string; readonly sizeBytes: number },
): AskedRange {
  const ifRange = headers['if-range'];
  const [, first = '', last = ''] = ONE_RANGE.exec(headers.range?.trim() ?? '') ?? [];
  if ((first === '' && last === '') || (ifRange !== undefined && ifRange.trim() !== etag))
    return { kind: 'whole' };
  if (first === '') return lastBytes(Number(last), sizeBytes);
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== '' && Number(last) < start) return { kind: 'whole' };
  return start < sizeBytes ? { kind: 'part', range: { start, end } } : { kind: 'unsatisfiable' };
}

function lastBytes(count: number, sizeBytes: number): AskedRange {
  if (count === 0) return { kind: 'unsatisfiable' };
  return { kind: 'part', range: { start: Math.max(0, sizeBytes - count), end: sizeBytes } };
}
