import { undecodable } from './pcm.js';

/** https://www.rfc-editor.org/rfc/rfc3533#section-6 */
const HEAD_BYTES = 27;
const CONTINUED = 1;
const LAST = 4;
/** Position of a page on which no packet ends. */
const NO_POSITION = -1n;

export interface OggPage {
  /** In the file, half-open. */
  readonly start: number;
  readonly end: number;
  /** Where the body begins. */
  readonly body: number;
  /** Samples up to the end of the page, as its codec counts them; absent when no packet ends on it. */
  readonly position?: number;
  readonly serial: number;
  readonly sequence: number;
  readonly isContinued: boolean;
  readonly isLast: boolean;
  /** Lengths of its segments; one below 255 ends a packet. */
  readonly lacing: Buffer;
}

/** The page at a place; nothing when there is none or it is cut short. */
export function oggPage(data: Buffer, start: number): OggPage | undefined {
  if (start + HEAD_BYTES > data.length || data.toString('latin1', start, start + 4) !== 'OggS')
    return undefined;
  const flags = data.readUInt8(start + 5);
  const position = data.readBigInt64LE(start + 6);
  const body = start + HEAD_BYTES + data.readUInt8(start + 26);
  const lacing = data.subarray(start + HEAD_BYTES, body);
  const end = body + lacing.reduce((sum, length) => sum + length, 0);
  if (end > data.length) return undefined;
  return {
    start,
    end,
    body,
    ...(position === NO_POSITION ? {} : { position: Number(position) }),
    serial: data.readUInt32LE(start + 14),
    sequence: data.readUInt32LE(start + 18),
    isContinued: (flags & CONTINUED) !== 0,
    isLast: (flags & LAST) !== 0,
    lacing,
  };
}

/**
 * All pages of a file that holds one stream.
 *
 * @throws Refusal AUDIO_UNDECODABLE when pages are damaged or missing, the last ones too, or there are several streams
 */
export function oggPages(data: Buffer): readonly OggPage[] {
  const pages: OggPage[] = [];
  for (let at = 0; at < data.length;) {
    const page = oggPage(data, at);
    const before = pages.at(-1);
    if (page === undefined || before?.isLast === true) {
      if (before?.isLast === true) throw undecodable('something follows the end of its Ogg stream');
      throw undecodable(`its Ogg stream is cut short or damaged at byte ${at} of ${data.length}`);
    }
    if (before !== undefined && page.serial !== before.serial)
      throw undecodable('it holds more than one Ogg stream');
    if (before !== undefined && page.sequence !== before.sequence + 1)
      throw undecodable(`its Ogg page ${before.sequence + 1} is missing`);
    if (checksum(data, page) !== data.readUInt32LE(page.start + 22))
      throw undecodable(`its Ogg page ${page.sequence} is damaged`);
    pages.push(page);
    at = page.end;
  }
  if (pages.at(-1)?.isLast !== true)
    throw undecodable('it is cut short: the last page of its Ogg stream is missing');
  return pages;
}

/** The packets that end on each page. */
export function* oggPackets(
  data: Buffer,
  pages: readonly OggPage[],
): Generator<{ readonly page: OggPage; readonly packets: readonly Buffer[] }> {
  let begun: Buffer[] = [];
  for (const page of pages) {
    const packets: Buffer[] = [];
    if (!page.isContinued) begun = [];
    let start = page.body;
    let at = page.body;
    for (const length of page.lacing) {
      at += length;
      if (length === 255) continue;
      packets.push(Buffer.concat([...begun, data.subarray(start, at)]));
      begun = [];
      start = at;
    }
    if (at > start) begun.push(data.subarray(start, at));
    yield { page, packets };
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  return crc;
});

/** CRC-32 of polynomial 0x04c11db7 over the page with zeros in the checksum's place. */
function checksum(data: Buffer, { start, end }: OggPage): number {
  let crc = 0;
  for (let at = start; at < end; at++) {
    const byte = at >= start + 22 && at < start + 26 ? 0 : (data[at] ?? 0);
    crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ byte] ?? 0);
  }
  return crc >>> 0;
}
