import type { AudioFormat } from './pcm.js';

const ID3_HEAD_BYTES = 10;
const HEADER_BYTES = 4;
/** Looked at before the first frame; the bytes come from strangers. */
const MAX_TAGS = 8;
const MAX_PADDING_BYTES = 65_536;
/** Kilobits a second by index, of MPEG 1 and of MPEG 2 and 2.5; 0 is the free format, which is hardly used. */
const BITRATES = {
  first: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  later: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const RATES_HZ = [44_100, 48_000, 32_000] as const;
const MONO = 3;

/** One frame of MPEG audio layer III, as its header tells. */
export interface Mp3Frame extends AudioFormat {
  /** With its header. */
  readonly bytes: number;
  /** Samples per channel. */
  readonly samples: number;
  /** Where the tag of an encoder is, if it wrote one, from the start of the frame. */
  readonly tagOffset: number;
}

/** The header of a frame; nothing when there is none at this place. */
export function mp3Frame(data: Buffer, at: number): Mp3Frame | undefined {
  if (at + HEADER_BYTES > data.length) return undefined;
  const head = data.readUInt32BE(at);
  const version = (head >>> 19) & 3;
  const isLayer3 = ((head >>> 17) & 3) === 1;
  if (head >>> 21 !== 0x7ff || version === 1 || !isLayer3) return undefined;
  const isFirst = version === 3;
  const kilobits = BITRATES[isFirst ? 'first' : 'later'][(head >>> 12) & 15];
  const rateHz = RATES_HZ[(head >>> 10) & 3];
  if (kilobits === undefined || kilobits === 0 || rateHz === undefined) return undefined;
  const sampleRateHz = isFirst ? rateHz : version === 2 ? rateHz / 2 : rateHz / 4;
  const samples = isFirst ? 1_152 : 576;
  const channelCount = ((head >>> 6) & 3) === MONO ? 1 : 2;
  const sideBytes = isFirst ? (channelCount === 1 ? 17 : 32) : channelCount === 1 ? 9 : 17;
  const crcBytes = ((head >>> 16) & 1) === 0 ? 2 : 0;
  return {
    sampleRateHz,
    channelCount,
    samples,
    bytes: Math.floor((samples * kilobits * 125) / sampleRateHz) + ((head >>> 9) & 1),
    tagOffset: HEADER_BYTES + crcBytes + sideBytes,
  };
}

/** Whether it begins like MP3: with a frame, or with ID3 tags and a frame. */
export function isMp3(data: Buffer): boolean {
  return mp3Frame(data, mp3Start(data)) !== undefined;
}

/** Where the first frame should be: behind ID3v2 tags and the zeros that some writers put behind them. */
export function mp3Start(data: Buffer): number {
  let at = 0;
  for (let tags = 0; tags < MAX_TAGS && isId3(data, at); tags++) at += id3Bytes(data, at);
  const end = at === 0 ? 0 : at + MAX_PADDING_BYTES;
  while (at < end && data[at] === 0) at++;
  return at;
}

export function isId3(data: Buffer, at: number): boolean {
  return data.toString('latin1', at, at + 3) === 'ID3' && at + ID3_HEAD_BYTES <= data.length;
}

/** Length of an ID3v2 tag with its head: seven bits a byte. */
export function id3Bytes(data: Buffer, at: number): number {
  const footer = (data.readUInt8(at + 5) & 0x10) === 0 ? 0 : ID3_HEAD_BYTES;
  const size = [6, 7, 8, 9].reduce((sum, place) => sum * 128 + (data.readUInt8(at + place) & 0x7f), 0);
  return ID3_HEAD_BYTES + size + footer;
}

/** Frames of sound that an encoder's tag in the first frame announces; nothing without such a tag. */
export function announcedFrames(data: Buffer, at: number, frame: Mp3Frame): number | undefined {
  const read = (tag: string, offset: number, countAt: number): number | undefined =>
    data.toString('latin1', at + offset, at + offset + tag.length) === tag &&
    at + offset + countAt + 4 <= data.length
      ? data.readUInt32BE(at + offset + countAt)
      : undefined;
  const flags = read('Xing', frame.tagOffset, 4) ?? read('Info', frame.tagOffset, 4);
  if (flags !== undefined && (flags & 1) === 0) return undefined;
  const counted = read('Xing', frame.tagOffset, 8) ?? read('Info', frame.tagOffset, 8);
  if (counted !== undefined) return counted;
  return read('VBRI', HEADER_BYTES + 32, 14);
}

/** Whether the first frame is a tag of the encoder and holds no sound. */
export function isTagFrame(data: Buffer, at: number, frame: Mp3Frame): boolean {
  const tag = (offset: number): string => data.toString('latin1', at + offset, at + offset + 4);
  return ['Xing', 'Info'].includes(tag(frame.tagOffset)) || tag(HEADER_BYTES + 32) === 'VBRI';
}
