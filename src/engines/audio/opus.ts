import { createOpusDecoder, type OpusOptions } from '@audio/decode-opus/core';
import type { Decoding } from './decoder.js';
import { oggPackets, oggPages, type OggPage } from './ogg-pages.js';
import { OPUS_RATE_HZ } from './opus-rate.js';
import { checkFormat, undecodable } from './pcm.js';

/** Recorders leave out what nobody says, or begin a position within a packet. */
const TOLERANCE_SAMPLES = OPUS_RATE_HZ / 2;
/** Packets at the start that hold no sound: head and comments. */
const HEAD_PACKETS = 2;

type OpusHead = Required<Pick<OpusOptions, 'channels' | 'preSkip' | 'outputGain'>> & OpusOptions;

/**
 * Decodes Opus in Ogg packet by packet: the decoders that read the file themselves go on beyond its end.
 * https://www.rfc-editor.org/rfc/rfc7845#section-4
 */
export function decodeOpus(bytes: Buffer): Decoding {
  const pages = oggPages(bytes);
  const head = opusHead(bytes, pages[0]);
  const format = { sampleRateHz: OPUS_RATE_HZ, channelCount: head.channels };
  checkFormat(format);
  return { format, blocks: blocks(bytes, pages, head) };
}

/** https://www.rfc-editor.org/rfc/rfc7845#section-5.1 */
function opusHead(bytes: Buffer, page: OggPage | undefined): OpusHead {
  const head = page === undefined ? Buffer.alloc(0) : bytes.subarray(page.body, page.end);
  if (head.length < 19) throw undecodable('its Opus header is cut short');
  const channels = head.readUInt8(9);
  const common = { channels, preSkip: head.readUInt16LE(10), outputGain: head.readInt16LE(16) };
  if (head.readUInt8(18) === 0) return common;
  if (head.length < 21 + channels) throw undecodable('its Opus header is cut short');
  return {
    ...common,
    streamCount: head.readUInt8(19),
    coupledStreamCount: head.readUInt8(20),
    channelMappingTable: head.subarray(21, 21 + channels),
  };
}

async function* blocks(
  bytes: Buffer,
  pages: readonly OggPage[],
  head: OpusHead,
): AsyncGenerator<readonly Float32Array[]> {
  const decoder = await createOpusDecoder();
  try {
    decoder.configure({ ...head, sampleRate: OPUS_RATE_HZ });
  } catch (cause) {
    throw undecodable(`its Opus header contradicts itself (${String(cause)})`);
  }
  const declared = declaredSamples(bytes, pages, head);
  let heads = 0;
  let decoded = 0;
  let given = 0;
  for (const { packets } of oggPackets(bytes, pages)) {
    const sound = packets.slice(Math.max(0, HEAD_PACKETS - heads));
    heads += packets.length;
    const { channelData, samplesDecoded, errors } = decoder.decodeFrames([...sound]);
    const [error] = errors;
    if (error !== undefined) throw undecodable(`its Opus data is damaged (${error.message})`);
    decoded += samplesDecoded;
    // The end of the last packet is beyond the end of the sound.
    const left = Math.min(samplesDecoded, declared - given);
    if (left <= 0) continue;
    given += left;
    yield channelData.map((samples) => samples.subarray(0, left));
  }
  if (given === 0) throw undecodable('it is an Opus header without sound');
  if (decoded < declared - TOLERANCE_SAMPLES)
    throw undecodable(`it is cut short or damaged: ${declared} samples announced, ${decoded} decoded`, {
      declared_samples: String(declared),
      decoded_samples: String(decoded),
    });
}

/** The last position, without what comes before the first sound of a recording that was cut out of a longer one. */
function declaredSamples(bytes: Buffer, pages: readonly OggPage[], { preSkip }: OpusHead): number {
  const last = pages.at(-1)?.position ?? 0;
  let heads = 0;
  for (const { page, packets } of oggPackets(bytes, pages)) {
    const sound = packets.slice(Math.max(0, HEAD_PACKETS - heads));
    heads += packets.length;
    if (sound.length === 0 || page.position === undefined) continue;
    const held = sound.reduce((sum, packet) => sum + packetSamples(packet), 0);
    return last - Math.max(0, page.isLast ? 0 : page.position - held) - preSkip;
  }
  return 0;
}

/** https://www.rfc-editor.org/rfc/rfc6716#section-3.1 */
function packetSamples(packet: Buffer): number {
  const [toc = 0, frames = 0] = packet;
  const config = toc >> 3;
  const silk = [480, 960, 1_920, 2_880];
  const hybrid = [480, 960];
  const celt = [120, 240, 480, 960];
  const samples = config < 12 ? silk[config & 3] : config < 16 ? hybrid[config & 1] : celt[config & 3];
  const count = [1, 2, 2, frames & 0x3f][toc & 3];
  return (samples ?? 0) * (count ?? 0);
}
