/** Boxes looked at in one file: its bytes come from strangers. */
const MAX_BOXES = 10_000;

interface Box {
  readonly type: string;
  /** Of what it holds, half-open. */
  readonly start: number;
  readonly end: number;
}

/** What an MP4 tells of its sound. */
export interface Mp4Audio {
  /** Where its last box ends, perhaps behind the end of the file. */
  readonly endBytes: number;
  /** Length of its first audio track in seconds; absent where it is not told. */
  readonly seconds?: number;
}

/** https://www.iso.org/standard/83102.html (ISO/IEC 14496-12), sections 4.2, 8.4.2 and 8.4.3 */
export function mp4Audio(data: Buffer): Mp4Audio {
  const budget = { left: MAX_BOXES };
  let endBytes = 0;
  let seconds: number | undefined;
  for (const box of boxes(data, { start: 0, end: data.length }, budget)) {
    endBytes = box.end;
    if (box.type === 'moov') seconds = soundSeconds(data, box, budget);
  }
  return { endBytes, ...(seconds === undefined ? {} : { seconds }) };
}

function soundSeconds(data: Buffer, moov: Box, budget: { left: number }): number | undefined {
  for (const track of boxes(data, moov, budget)) {
    if (track.type !== 'trak') continue;
    for (const media of boxes(data, track, budget)) {
      if (media.type !== 'mdia') continue;
      const parts = [...boxes(data, media, budget)];
      const handler = parts.find(({ type }) => type === 'hdlr');
      const header = parts.find(({ type }) => type === 'mdhd');
      if (handler === undefined || header === undefined) continue;
      if (data.toString('latin1', handler.start + 8, handler.start + 12) === 'soun')
        return lengthOf(data, header);
    }
  }
  return undefined;
}

function lengthOf(data: Buffer, { start, end }: Box): number | undefined {
  if (end > data.length || end - start < 24) return undefined;
  const isLong = data.readUInt8(start) === 1;
  if (isLong && end - start < 36) return undefined;
  const scale = data.readUInt32BE(start + (isLong ? 20 : 12));
  const units = isLong ? Number(data.readBigUInt64BE(start + 24)) : data.readUInt32BE(start + 16);
  // All ones: not known. 0: the sound is in fragments.
  if (scale === 0 || units === 0 || units >= 0xffff_ffff) return undefined;
  return units / scale;
}

function* boxes(
  data: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  budget: { left: number },
): Generator<Box> {
  for (let at = start; at + 8 <= Math.min(end, data.length) && budget.left > 0; budget.left--) {
    const size = data.readUInt32BE(at);
    const type = data.toString('latin1', at + 4, at + 8);
    const isLong = size === 1 && at + 16 <= data.length;
    const head = isLong ? 16 : 8;
    // 0: up to the end.
    const bytes = size === 0 ? end - at : isLong ? Number(data.readBigUInt64BE(at + 8)) : size;
    if (bytes < head) return;
    yield { type, start: at + head, end: at + bytes };
    at += bytes;
  }
}
