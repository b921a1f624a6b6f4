import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import type { Decoding, DecoderAnswer } from './decoder.js';
import { oggPages, type OggPage } from './ogg-pages.js';
import { checkFormat, undecodable, type AudioFormat } from './pcm.js';

/** Longest block of the codec, and more: where a recording begins is known to a block alone. */
const TOLERANCE_SAMPLES = 2 * 8_192;

/** Decodes Vorbis in Ogg. https://xiph.org/vorbis/doc/Vorbis_I_spec.html */
export function decodeVorbis(bytes: Buffer): Decoding {
  const pages = oggPages(bytes);
  const format = vorbisFormat(bytes);
  checkFormat(format);
  return { format, blocks: blocks(bytes, pages, format) };
}

/** Of the identification header, the first packet. */
function vorbisFormat(bytes: Buffer): AudioFormat {
  if (bytes.length < 28 + 30) throw undecodable('its Vorbis header is cut short');
  return { channelCount: bytes.readUInt8(28 + 11), sampleRateHz: bytes.readUInt32LE(28 + 12) };
}

async function* blocks(
  bytes: Buffer,
  pages: readonly OggPage[],
  { channelCount }: AudioFormat,
): AsyncGenerator<readonly Float32Array[]> {
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  const declared = (pages.at(-1)?.position ?? 0) - cutOff(pages);
  let decoded = 0;
  const taken = ({ channelData, samplesDecoded, errors }: DecoderAnswer): readonly Float32Array[] => {
    const [error] = errors;
    if (error !== undefined) throw undecodable(`its Vorbis data is damaged (${error.message})`);
    decoded += samplesDecoded;
    return samplesDecoded === 0 ? [] : channelData.slice(0, channelCount);
  };
  for (const { start, end } of pages) {
    const channels = taken(await decoder.decode(Uint8Array.from(bytes.subarray(start, end))));
    if (channels.length > 0) yield channels;
  }
  const channels = taken(await decoder.flush());
  if (channels.length > 0) yield channels;
  if (decoded === 0) throw undecodable('it is a Vorbis header without sound');
  if (Math.abs(decoded - declared) > TOLERANCE_SAMPLES)
    throw undecodable(`it is cut short or damaged: ${declared} samples announced, ${decoded} decoded`, {
      declared_samples: String(declared),
      decoded_samples: String(decoded),
    });
}

/** Position at which a recording begins that was cut out of a longer one: more than a page holds. */
function cutOff(pages: readonly OggPage[]): number {
  const first = pages.find(({ position }) => position !== undefined && position > 0);
  if (first?.position === undefined || first.isLast) return 0;
  const longest = first.lacing.filter((length) => length < 255).length * 8_192;
  return Math.max(0, first.position - longest);
}
