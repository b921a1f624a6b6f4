import { audioForm } from './audio-form.js';
import { announcedFrames, mp3Frame, mp3Start } from './mp3-frames.js';
import { mp4Audio } from './mp4-boxes.js';
import { oggPage } from './ogg-pages.js';
import { OPUS_RATE_HZ } from './opus-rate.js';
import { webmSeconds } from './webm-elements.js';

/** Frames by which the length of MP3 without a tag is estimated. */
const SAMPLED_FRAMES = 200;
/** Longest page of Ogg, and so at most so far from the end is the start of the last one. */
const MAX_PAGE_BYTES = 27 + 255 + 255 * 255;

/** Length of audio in seconds as its headers tell it, without decoding; absent where they do not. Never throws. */
export function toldSeconds(audio: Uint8Array): number | undefined {
  const data = Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength);
  switch (audioForm(data)) {
    case 'wav':
      return wavSeconds(data);
    case 'flac':
      return flacSeconds(data);
    case 'mp3':
      return mp3Seconds(data);
    case 'opus':
      return oggSeconds(data, OPUS_RATE_HZ);
    case 'vorbis':
      return data.length < 44 ? undefined : oggSeconds(data, data.readUInt32LE(40));
    case 'mp4':
      return mp4Audio(data).seconds;
    case 'webm':
      return webmSeconds(data);
    case 'other':
      return undefined;
  }
}

/** Data bytes over the byte rate of the format chunk. */
function wavSeconds(data: Buffer): number | undefined {
  const format = data.subarray(0, 4096).indexOf('fmt ', 12, 'latin1');
  if (data.length < 44 || format < 0 || format + 20 > data.length) return undefined;
  const byteRate = data.readUInt32LE(format + 16);
  return byteRate === 0 ? undefined : data.length / byteRate;
}

/** Samples over the sample rate of the STREAMINFO block. */
function flacSeconds(data: Buffer): number | undefined {
  if (data.length < 42) return undefined;
  const rate = data.readUIntBE(18, 3) >> 4;
  const samples = (data.readUInt8(21) & 0x0f) * 2 ** 32 + data.readUInt32BE(22);
  return rate === 0 || samples === 0 ? undefined : samples / rate;
}

/** By the encoder's tag, else by the mean length of the first frames. */
function mp3Seconds(data: Buffer): number | undefined {
  const start = mp3Start(data);
  const first = mp3Frame(data, start);
  if (first === undefined) return undefined;
  const secondsEach = first.samples / first.sampleRateHz;
  const announced = announcedFrames(data, start, first);
  if (announced !== undefined) return announced * secondsEach;
  let at = start;
  let frames = 0;
  for (let frame = mp3Frame(data, at); frame !== undefined && frames < SAMPLED_FRAMES; frames++) {
    at += frame.bytes;
    frame = mp3Frame(data, at);
  }
  return ((data.length - start) / ((at - start) / frames)) * secondsEach;
}

/** Position of the last page over the rate. */
function oggSeconds(data: Buffer, rateHz: number): number | undefined {
  if (rateHz === 0) return undefined;
  const earliest = Math.max(0, data.length - MAX_PAGE_BYTES);
  for (
    let at = data.lastIndexOf('OggS');
    at >= earliest;
    at = at === 0 ? -1 : data.lastIndexOf('OggS', at - 1)
  ) {
    const position = oggPage(data, at)?.position;
    if (position !== undefined && position > 0) return position / rateHz;
  }
  return undefined;
}
