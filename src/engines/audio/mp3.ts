import { MPEGDecoder } from 'mpg123-decoder';
import type { Decoding } from './decoder.js';
import {
  announcedFrames,
  id3Bytes,
  isId3,
  isTagFrame,
  mp3Frame,
  mp3Start,
  type Mp3Frame,
} from './mp3-frames.js';
import { checkFormat, undecodable } from './pcm.js';

/** Frames decoded at a time: 590 KiB of samples. */
const BATCH_FRAMES = 64;
/** Encoders count their own tag or not, and some leave the last frame out. */
const MISCOUNT = 2;
/** Most samples that an encoder's tag has cut off at both ends: 12 bits for each, and what decoders add. */
const MAX_CUT_SAMPLES = 2 * 4_095 + 3 * 1_152;

interface Walk {
  /** Half-open ranges of whole batches of frames. */
  readonly batches: readonly { readonly start: number; readonly end: number }[];
  readonly frames: number;
}

/** Decodes MP3. A file whose encoder did not write down its length is taken as long as it is. */
export function decodeMp3(bytes: Buffer): Decoding {
  const start = mp3Start(bytes);
  const first = mp3Frame(bytes, start);
  if (first === undefined) throw undecodable('it has no MP3 frame');
  checkFormat(first);
  const { batches, frames } = walk(bytes, start, first);
  const sounding = frames - (isTagFrame(bytes, start, first) ? 1 : 0);
  const announced = announcedFrames(bytes, start, first);
  if (announced !== undefined && sounding < announced - MISCOUNT)
    throw undecodable(`it is cut short: ${announced} frames announced, ${sounding} are there`, {
      declared_samples: String(announced * first.samples),
      decoded_samples: String(sounding * first.samples),
    });
  return { format: first, blocks: blocks(bytes, batches, { first, sounding }) };
}

/**
 * Frame after frame, since a decoder that looks for frames by itself finds some in anything.
 *
 * @throws Refusal AUDIO_UNDECODABLE where something that is no frame comes between frames
 */
function walk(bytes: Buffer, start: number, first: Mp3Frame): Walk {
  const batches: { start: number; end: number }[] = [];
  let frames = 0;
  let batch = start;
  let at = start;
  const close = (): void => {
    if (at > batch) batches.push({ start: batch, end: at });
  };
  for (;;) {
    const frame = mp3Frame(bytes, at);
    if (frame?.sampleRateHz === first.sampleRateHz && frame.samples === first.samples) {
      if (at + frame.bytes > bytes.length) break;
      at += frame.bytes;
      frames++;
      if (frames % BATCH_FRAMES !== 0) continue;
      close();
      batch = at;
    } else if (isId3(bytes, at)) {
      close();
      at += id3Bytes(bytes, at);
      batch = at;
    } else break;
  }
  close();
  checkEnd(bytes, at, frames);
  return { batches, frames };
}

/** Behind the last whole frame may be tags, zeros and a part of a frame. */
function checkEnd(bytes: Buffer, at: number, frames: number): void {
  const tag = bytes.toString('latin1', at, at + 8);
  const isTag = tag.startsWith('TAG') || tag === 'APETAGEX' || tag.startsWith('LYRICS');
  const frame = mp3Frame(bytes, at);
  if (frame !== undefined && at + frame.bytes <= bytes.length)
    throw undecodable(`its MP3 data changes its sample rate at byte ${at}`, { byte: String(at) });
  if (frames > 0 && (isTag || frame !== undefined || isZero(bytes, at))) return;
  throw undecodable(`its MP3 data is damaged at byte ${at} of ${bytes.length}`, { byte: String(at) });
}

function isZero(bytes: Buffer, from: number): boolean {
  return bytes.subarray(from).every((byte) => byte === 0);
}

async function* blocks(
  bytes: Buffer,
  batches: Walk['batches'],
  { first, sounding }: { readonly first: Mp3Frame; readonly sounding: number },
): AsyncGenerator<readonly Float32Array[]> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  let decoded = 0;
  for (const { start, end } of batches) {
    const { channelData, samplesDecoded, errors } = decoder.decode(bytes.subarray(start, end));
    const [error] = errors;
    if (error !== undefined) throw undecodable(`its MP3 data is damaged (${error.message})`);
    decoded += samplesDecoded;
    // The decoder gives two channels whatever there are.
    if (samplesDecoded > 0) yield channelData.slice(0, first.channelCount);
  }
  const expected = sounding * first.samples;
  if (decoded === 0 || decoded < expected - MAX_CUT_SAMPLES)
    throw undecodable(`its MP3 data is damaged: ${expected} samples expected, ${decoded} decoded`, {
      declared_samples: String(expected),
      decoded_samples: String(decoded),
    });
}
