import { once } from 'node:events';
import { Refusal } from '../../domain/errors.js';
import { messageOf } from '../../runtime/message-of.js';
import { SPEECH_RATE_HZ } from './speech.js';
import type { Decoder } from './decoder.js';
import { MAX_AUDIO_SECONDS, mixDown, tooLong } from './pcm.js';
import { Resampler } from './resample.js';
import { formatHead, sampleBlock } from './sample-blocks.js';

/*
 * A process of its own. Arguments: the form of the audio, and `speech` or `whole`. Encoded audio on standard input,
 * samples on standard output (sample-blocks.ts); `speech` is one channel of 16 kHz. Ends with 2 and a line of JSON on
 * standard error when the audio is at fault, with 1 and a message otherwise.
 */

/** Loaded when wanted: each takes as long as the start of the process. */
const DECODERS: Readonly<Record<string, () => Promise<Decoder>>> = {
  flac: async () => (await import('./flac.js')).decodeFlac,
  mp3: async () => (await import('./mp3.js')).decodeMp3,
  opus: async () => (await import('./opus.js')).decodeOpus,
  vorbis: async () => (await import('./vorbis.js')).decodeVorbis,
};
/** Samples per channel in a block. */
const BLOCK_FRAMES = 16_384;

// The decoders report each defect there as well as in their answers.
globalThis.console.error = () => undefined;
globalThis.console.warn = () => undefined;

async function main([form = '', wanted]: readonly string[]): Promise<void> {
  const load = DECODERS[form];
  if (load === undefined) throw new Error(`there is no decoder for ${form}`);
  const [decoder, bytes] = await Promise.all([load(), readAll()]);
  const { format, blocks } = decoder(bytes);
  const speech = wanted === 'speech' ? new Resampler(format.sampleRateHz, SPEECH_RATE_HZ) : undefined;
  await write(formatHead(speech === undefined ? format : { sampleRateHz: SPEECH_RATE_HZ, channelCount: 1 }));
  let frames = 0;
  for await (const channels of blocks) {
    frames += channels[0]?.length ?? 0;
    if (frames > MAX_AUDIO_SECONDS * format.sampleRateHz) throw tooLong();
    await send(speech === undefined ? channels : [speech.push(mixDown(channels))]);
  }
  if (speech !== undefined) await send([speech.flush()]);
}

async function readAll(): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function send(channels: readonly Float32Array[]): Promise<void> {
  const frames = channels[0]?.length ?? 0;
  for (let start = 0; start < frames; start += BLOCK_FRAMES)
    await write(sampleBlock(channels.map((samples) => samples.subarray(start, start + BLOCK_FRAMES))));
}

async function write(bytes: Buffer): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isAtFault = error instanceof Refusal && error.reason === 'AUDIO_UNDECODABLE';
  const told = isAtFault
    ? JSON.stringify({ message: error.message, metadata: error.metadata })
    : messageOf(error);
  process.stderr.write(`${told}\n`);
  process.exitCode = isAtFault ? 2 : 1;
});
