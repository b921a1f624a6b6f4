import type { AudioFormat } from './pcm.js';

/** Audio while it is decoded. */
export interface Decoding {
  readonly format: AudioFormat;
  /** One sample array per channel, all of one length. Ends with Refusal AUDIO_UNDECODABLE at the first defect. */
  readonly blocks: AsyncIterable<readonly Float32Array[]>;
}

/** Decodes one form of audio. Runs in a process of its own: what it is given comes from strangers. */
export type Decoder = (bytes: Buffer) => Decoding;

/** What decoders on WebAssembly answer. */
export interface DecoderAnswer {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly errors: readonly { readonly message: string }[];
}
