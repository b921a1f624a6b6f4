/** https://www.rfc-editor.org/rfc/rfc8794 and https://www.rfc-editor.org/rfc/rfc9559 */
const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TIMESTAMP_SCALE = 0x2ad7b1;
const DURATION = 0x4489;
/** Elements looked at in one file: its bytes come from strangers. */
const MAX_ELEMENTS = 1_000;
const DEFAULT_SCALE_NS = 1_000_000;

interface Element {
  readonly id: number;
  readonly start: number;
  /** Absent where it is not told: up to the end of what holds it. */
  readonly end?: number;
}

/** Where a WebM ends as it tells, perhaps behind the end of the file; absent where it does not. */
export function webmEnd(data: Buffer): number | undefined {
  return segment(data)?.end;
}

/** Length of a WebM in seconds; absent where it is not told, as by browsers that record. */
export function webmSeconds(data: Buffer): number | undefined {
  const whole = segment(data);
  if (whole === undefined) return undefined;
  for (const info of elements(data, whole)) {
    if (info.id !== INFO) continue;
    let scaleNs = DEFAULT_SCALE_NS;
    let units: number | undefined;
    for (const { id, start, end } of elements(data, info)) {
      if (end === undefined || end > data.length) continue;
      if (id === TIMESTAMP_SCALE && end - start <= 6 && end > start)
        scaleNs = data.readUIntBE(start, end - start);
      if (id === DURATION && end - start === 4) units = data.readFloatBE(start);
      if (id === DURATION && end - start === 8) units = data.readDoubleBE(start);
    }
    return units === undefined ? undefined : (units * scaleNs) / 1e9;
  }
  return undefined;
}

function segment(data: Buffer): Element | undefined {
  for (const element of elements(data, { id: EBML, start: 0 })) if (element.id === SEGMENT) return element;
  return undefined;
}

function* elements(data: Buffer, { start, end = data.length }: Element): Generator<Element> {
  for (let at = start, left = MAX_ELEMENTS; at < Math.min(end, data.length) && left > 0; left--) {
    const id = variable(data, at, 4, false);
    if (id === undefined) return;
    const size = variable(data, at + id.bytes, 8, true);
    if (size === undefined) return;
    const inside = at + id.bytes + size.bytes;
    if (size.value === undefined) {
      yield { id: id.value ?? 0, start: inside };
      return;
    }
    at = inside + size.value;
    yield { id: id.value ?? 0, start: inside, end: at };
  }
}

/** A number whose first byte tells its length; a size of all ones is not known. */
function variable(
  data: Buffer,
  at: number,
  maxBytes: number,
  isSize: boolean,
): { readonly bytes: number; readonly value?: number } | undefined {
  const first = data[at];
  if (first === undefined || first === 0) return undefined;
  const bytes = Math.clz32(first) - 23;
  if (bytes > maxBytes || at + bytes > data.length) return undefined;
  const mask = isSize ? 0xff >> bytes : 0xff;
  let value = first & mask;
  let isUnknown = isSize && value === mask;
  for (let i = 1; i < bytes; i++) {
    const byte = data.readUInt8(at + i);
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return isUnknown ? { bytes } : { bytes, value };
}
