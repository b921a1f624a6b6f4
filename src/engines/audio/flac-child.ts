import { once } from 'node:events';
import { FLACDecoder, type FLACDecodedAudio } from '@wasm-audio-decoders/flac';
import { flacBlock } from './flac-blocks.js';
import { messageOf } from '../../runtime/message-of.js';

/*
 * A process of its own: FLAC on standard input, blocks of samples on standard output (flac-blocks.ts).
 * Ends with 1 and a message on standard error at the first defect.
 */

/** Decoded at a time: a frame of 65,535 equal samples takes 16 bytes, so 2 KiB may unfold to 34 MB. */
const SLICE_BYTES = 2_048;
/** Samples per channel in a block. */
const BLOCK_FRAMES = 16_384;

// The decoder reports each defect there as well as in its answer.
globalThis.console.error = () => undefined;

async function main(): Promise<void> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>)
    for (let offset = 0; offset < chunk.length; offset += SLICE_BYTES)
      await send(await decoder.decode(Uint8Array.from(chunk.subarray(offset, offset + SLICE_BYTES))));
  await send(await decoder.flush());
}

async function send({ channelData, samplesDecoded, errors }: FLACDecodedAudio): Promise<void> {
  const [error] = errors;
  if (error !== undefined) throw new Error(error.message);
  for (let start = 0; start < samplesDecoded; start += BLOCK_FRAMES) {
    const channels = channelData.map((samples) => samples.subarray(start, start + BLOCK_FRAMES));
    if (!process.stdout.write(flacBlock(channels))) await once(process.stdout, 'drain');
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
